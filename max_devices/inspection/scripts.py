"""Rules about the script inside, as far as its text says."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from max_devices.inspection.subject import Subject

TOO_NEW: Final = {
    r"\b(let|const|class|async|await|yield|import|export|super)\b": "a word of a newer JavaScript",
    r"=>": "an arrow function",
    r"`": "a template string",
    r"\.\.\.": "a spread",
    r"\bfor\s*\([^;)]*\bof\b": "for … of",
    r"\b(Promise|Symbol|Map|Set|WeakMap|Proxy|Reflect)\b\s*[(.]": "an object of a newer JavaScript",
    r"\b(setTimeout|setInterval|console|require|process)\b": "something Max's js does not have",
    r"\bObject\.(assign|entries|values)\b": "a method of a newer JavaScript",
    r"\bArray\.(from|of)\b": "a method of a newer JavaScript",
    r"\.(includes|find|findIndex|fill|startsWith|endsWith|padStart|padEnd|repeat)\(": "a method of"
    " a newer JavaScript",
    r"\bMath\.(trunc|sign|fround|log2|hypot|cbrt)\b": "a method of a newer JavaScript",
    r"\bNumber\.(isInteger|isFinite|isNaN|parseFloat)\b": "a method of a newer JavaScript",
    r",\s*\)": "a comma before a closing bracket",
    r"\bfunction\s*\w*\([^)]*=": "an argument with a default",
    r"\bvar\s*[{\[]": "taking a value apart",
    r"\boutlet\.apply\b": "outlet.apply, which crashes Max's js",
    r"\bwith\s*\(": "with, which the newer engine refuses",
}
"""What Max's js, which is ECMAScript 5, cannot read or do."""

ALLOWED: Final = (r"\brepeat\(-1\)", r"\bClock\.beat\.repeat\b")
"""Task.repeat is Max's own."""


def frozen(subject: Subject) -> Iterator[str]:
    """The script is inside, under a name that no other content has."""
    boxes = [box for box in subject.boxes if box.object_name == "js"]
    if len(boxes) != 1:
        yield f"There are {len(boxes)} js boxes, not one."
    if subject.script is None:
        yield f"The script of {[box.words for box in boxes]} is not in the file."
        return
    digest = hashlib.sha256(subject.script.content).hexdigest()[:10]
    if digest not in subject.script.name:
        yield f"{subject.script.name} does not bear the hash of its content, {digest}."
    if subject.script.kind != "TEXT":
        yield f"{subject.script.name} is of the kind {subject.script.kind}, not TEXT."
    for box in boxes:
        saved = box.fields.get("saved_object_attributes")
        if not isinstance(saved, dict) or saved.get("filename") != subject.script.name:
            yield f"{box.name} names another file than its text."


def language(subject: Subject) -> Iterator[str]:
    """Nothing newer than ECMAScript 5."""
    code = code_of(_text(subject))
    for pattern, what in TOO_NEW.items():
        for match in re.finditer(pattern, code):
            piece = code[max(0, match.start() - 12) : match.end() + 12]
            if not any(re.search(allowed, piece) for allowed in ALLOWED):
                yield f"“{piece.strip()}” has {what}."
    if not _text(subject).startswith('"use strict";'):
        yield "The script is not strict."


def live_api(subject: Subject) -> Iterator[str]:
    """LiveAPI is made inside functions only, without a callback that could write."""
    code = code_of(_text(subject))
    depth = 0
    for token in re.finditer(r"[{}]|\bnew LiveAPI\b\s*\(\s*(\w*)", code):
        if token.group() in "{}":
            depth += 1 if token.group() == "{" else -1
        elif depth == 0:
            yield "LiveAPI is made before Live is ready."
        elif token.group(1) in ("function", "this", "null"):
            yield "LiveAPI is made with a callback; whatever it writes Live refuses."
    if depth:
        yield "The script's brackets do not close."


def words_in(subject: Subject) -> Iterator[str]:
    """Whatever comes to the script is heard there."""
    text = _text(subject)
    named = r"^  (\w+): (?:\w+\.\w+|function \(\) \{)"
    buttons = set(re.findall(named, _part(text, "buttons"), re.MULTILINE))
    fields = set(re.findall(r"{ name: \"(\w+)\"", text))
    asked = set(re.findall(r"Device\.value\(\"(\w+)\"", text))
    asked |= set(re.findall(r"name === \"(\w+)\"", text))
    asked |= set(re.findall(r"values\.(\w+)", text))
    holders = set(re.findall(r"holder: \"(\w+)\"", text))
    for box in subject.boxes:
        if box.object_name != "prepend":
            continue
        word = box.words[1]
        if word in ("hold", "drop"):
            if box.words[2:] and box.words[2] not in holders:
                yield f"{box.name}: the script keeps no clip called {box.words[2]}."
        elif word not in buttons | fields | asked and not re.fullmatch(r"piece\d", word):
            yield f"{box.name}: the script does not know the word {word}."
    needed = {"write", "kit"} if "isWithoutTarget: true" in text else {"pin", "write", "kit"}
    for word in asked & needed:
        if not any(box.words[:2] == ["prepend", word] for box in subject.boxes):
            yield f"The script asks for {word}, which no control gives."


def words_out(subject: Subject) -> Iterator[str]:
    """Whatever the script says to a control finds its way."""
    text = _text(subject)
    said = set(re.findall(r"Screen\.(?:write|enable|label|tell)\(\"(\w+)\",", text))
    for holder in re.findall(r"holder: \"(\w+)\"", text):
        said |= {f"held_{holder}", f"drop_{holder}"}
    routed = {word for box in subject.boxes if box.object_name == "route" for word in box.words[1:]}
    yield from (
        f"The script speaks to {name}, which is not routed." for name in sorted(said - routed)
    )
    if "all" not in routed:
        yield "The script cannot ask the controls for their values."


def network(subject: Subject) -> Iterator[str]:
    """It sends to this machine only, hears itself not, and proves its port."""
    sends = [box for box in subject.boxes if box.object_name == "udpsend"]
    receives = [box for box in subject.boxes if box.object_name == "udpreceive"]
    if len(sends) != 1 or len(receives) != 1:
        yield f"There are {len(sends)} udpsend and {len(receives)} udpreceive."
        return
    if sends[0].words[1:2] != ["127.0.0.1"]:
        yield f"{sends[0].name} sends to {sends[0].words[1:2]}, not to this machine."
    later = {box.name for box in subject.boxes if box.object_name == "deferlow"}
    for cord in subject.cords:
        if cord.source == receives[0].name and cord.target not in later:
            yield "udpreceive does not lead to deferlow: LiveAPI works in one thread only."
    if '"/clipbridge/echo"' not in _text(subject):
        yield "The device does not try whether its port is its own."


def symbols(subject: Subject) -> Iterator[str]:
    """What goes over the network begins with an address of the protocol; Max keeps all others."""
    known = ("PROTOCOL.addresses.", "Link.ECHO", "this.address")
    for match in re.finditer(r"(?:Link\.send|\.say)\(\[([\w.\"/]*)", _text(subject)):
        if not match.group(1).startswith(known):
            yield f"“{match.group()}” sends a word of its own."
    if re.search(r"JSON\.stringify\([^)]*\)\s*\]", code_of(_text(subject))):
        yield "JSON leaves the script: Max would keep every text for ever."


def code_of(script: str) -> str:
    """The script with comments, strings and patterns made empty."""
    pattern = re.compile(
        r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
        r"|(?<=[=(:,] )/(?:\\.|[^/\\\n])+/",
        re.DOTALL,
    )
    return pattern.sub(lambda match: '""' if match.group()[0] in "\"'" else " ", script)


def _text(subject: Subject) -> str:
    return subject.script.content.decode() if subject.script else ""


def _part(text: str, name: str) -> str:
    """The object that is given to ``Device.<name>``."""
    match = re.search(rf"Device\.{name} = {{.*?\n}};", text, re.DOTALL)
    return match.group() if match else ""
