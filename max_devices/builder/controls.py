"""Controls that several devices share, so that they look and read alike."""

from collections.abc import Sequence
from typing import Final

from bridge.music.styles import ANY, STYLES
from max_devices.builder.boxes import (
    FLOAT,
    KEY,
    NATIVE,
    PERCENT,
    PLAIN,
    Info,
    Place,
    button,
    comment,
    dial,
    menu,
    number,
    switch,
    tabs,
)
from max_devices.builder.patcher import Box
from max_devices.builder.surface import LINE, Surface

PIECES: Final = ("Kick", "Snare", "Hat", "Open", "Low", "Mid", "High", "Crash", "Ride")
"""The pieces of the kit, in the order of the bridge."""

PIECE_NAMES: Final = (
    "kick",
    "snare",
    "closed hat",
    "open hat",
    "low tom",
    "mid tom",
    "high tom",
    "crash",
    "ride",
)

WIDE: Final = 44
"""Width of a number."""

WORDS: Final = {
    "afrocuban": "Afro-Cuban",
    "hiphop": "Hip-Hop",
    "middleeastern": "Middle Eastern",
    "neworleans": "New Orleans",
}
"""Styles that are two words to a reader."""

KITS: Final = ("Drum Rack", "General MIDI", "Roland", "My Kit File")


def small_number(
    surface: Surface,
    name: str,
    label: str,
    place: tuple[int, int, int],
    info: Info,
    span: tuple[float, float, float],
    *,
    kind: int = 1,
) -> None:
    """A number with its name above: x, y and width of both."""
    x, y, width = place
    surface.label(label, Place(x - 2, y, width + 4, 14))
    surface.control(number(name, Place(x, y + 15, width, LINE), info, span, kind=kind, short=label))


def takes_and_seed(surface: Surface, x: int, y: int) -> None:
    """How many takes, and the seed that makes them again."""
    small_number(
        surface, "takes", "Takes", (x, y, WIDE),
        Info("Takes", "How many takes are made, 1 to 16."), (1, 16, 4),
    )  # fmt: skip
    seed(surface, x, y + 34)


def seed(surface: Surface, x: int, y: int) -> None:
    """What makes the same takes again."""
    small_number(
        surface, "seed", "Seed", (x, y, WIDE),
        Info(
            "Seed",
            "0 makes new takes each time. A take's own seed, the last number of its name, with"
            " Takes at 1 makes that take again.",
        ),
        (0, 999999, 0), kind=FLOAT,
    )  # fmt: skip


def temperature(surface: Surface, x: int, y: int, text: str) -> None:
    """How far takes differ."""
    surface.control(
        dial("temperature", Place(x, y, 48, 48), Info("Variety", text), (0.0, 2.0, 1.0), unit=PLAIN)
    )


def percent(surface: Surface, name: str, place: tuple[int, int], info: Info, first: float) -> None:
    """A knob from 0 to 100 %."""
    x, y = place
    surface.control(dial(name, Place(x, y, 48, 48), info, (0.0, 100.0, first), unit=PERCENT))


def decimal(name: str, place: Place, info: Info, span: tuple[float, float, float]) -> Box:
    """A number with two places."""
    return number(name, place, info, span, unit=PLAIN, kind=FLOAT)


def style(surface: Surface, x: int, y: int, width: int, *, of_part: bool = False) -> None:
    """In which style drummers play: the words of the protocol, in its order."""
    surface.label("Style", Place(x - 2, y, 32, LINE))
    names = [WORDS.get(name, name.title()) for name in (ANY, *STYLES)]
    surface.control(
        menu(
            "style", Place(x + 32, y, width - 32, LINE),
            Info("Style", "In which style the drummers play."), names,
        ),
        of_part=of_part,
    )  # fmt: skip


def keep(surface: Surface, x: int, y: int, width: int) -> None:
    """A clip that stays in every take."""
    holder(
        surface, "keep", "Keep", (x, y, width),
        "Press with a clip selected: its notes stay in every take.",
    )  # fmt: skip


def kit(surface: Surface, x: int, y: int, width: int, *, of_part: bool = False) -> None:
    """Which key plays which piece."""
    surface.label("Kit", Place(x - 2, y, 26, LINE))
    surface.control(
        menu(
            "kit", Place(x + 26, y, width - 26, LINE),
            Info(
                "Kit",
                "Which key plays which piece. Drum Rack goes by the names of your own pads; on a"
                " track without a Drum Rack it is General MIDI.",
            ),
            KITS,
        ),
        of_part=of_part,
    )  # fmt: skip


def write_mode(
    surface: Surface, x: int, y: int, width: int, *, in_place: bool = False, first: int = 0
) -> None:
    """Where takes go."""
    choices = ("New Clips", "One Clip", "In Place") if in_place else ("New Clips", "One Clip")
    more = " In Place changes the clip itself; Undo brings it back." if in_place else ""
    surface.control(
        tabs(
            "write", Place(x, y, width, 18),
            Info(
                "Write",
                "New Clips gives each take a free slot. One Clip makes one clip, in which the"
                f" arrows swap the takes.{more}",
            ),
            choices, first,
        )
    )  # fmt: skip


def pieces(surface: Surface, x: int, y: int, *, of_part: bool = False) -> None:
    """Nine buttons, three by three: what may be struck."""
    surface.label("Pieces", Place(x - 2, y, 60, 14))
    for piece, text in enumerate(PIECES):
        column, row = piece % 3, piece // 3
        surface.control(
            switch(
                f"piece{piece}", text, Place(x + column * 44, y + 15 + row * 19, 42, 16),
                Info(
                    PIECE_NAMES[piece].title(),
                    f"Whether the {PIECE_NAMES[piece]} may be played.",
                ),
                on=True, short=text,
            ),
            of_part=of_part,
        )  # fmt: skip


def most(surface: Surface, x: int, y: int, first: int) -> None:
    """How many pieces or notes at once."""
    small_number(
        surface, "most", "At once", (x, y, WIDE),
        Info("At Once", "How many pieces or notes may sound together, at the most."),
        (1, 9, first),
    )  # fmt: skip


def part(surface: Surface, x: int, y: int, width: int, choices: Sequence[str], text: str) -> None:
    """What is played: drums, or which music of pitches."""
    surface.label("Part", Place(x - 2, y, 28, LINE))
    surface.control(menu("part", Place(x + 32, y, width - 32, LINE), Info("Part", text), choices))


def scale(surface: Surface, x: int, y: int, width: int, wish: str = "") -> None:
    """A switch that holds takes to Live's scale, and which scale that is."""
    surface.control(
        switch(
            "in_scale", "Scale", Place(x, y, 40, LINE),
            Info("Scale", f"No note outside of Live's scale is played.{wish}"), on=False,
        ),
        of_part=True,
    )  # fmt: skip
    surface.text("scale", comment("", Place(x + 41, y, width - 41, LINE), varname="scale"))


def chords(surface: Surface, x: int, y: int, width: int) -> None:
    """A clip whose chords are followed."""
    holder(
        surface, "chords", "Chords", (x, y, width),
        "Press with a clip selected: the takes follow its chords, again and again.",
    )  # fmt: skip


def pitches(surface: Surface, x: int, y: int, width: int, *, has_density: bool = False) -> None:
    """Rows of a name and a number: which keys may be played, and how many notes there are."""
    rows = [
        ("lowest", "Lowest", Info("Lowest Key", "No note below it is played."), (0, 127, 0), KEY),
        ("highest", "Highest", Info("Highest Key", "None above it is."), (0, 127, 127), KEY),
    ]
    if has_density:
        text = "How many notes a bar has on average; 0: as it comes. Not for drums."
        info = Info("Notes per Bar", text)
        rows.append(("notes_per_bar", "Notes a bar", info, (0, 64, 0), NATIVE))
    surface.label("Pitches", Place(x - 2, y, 60, 14))
    for row, (name, label, info, span, unit) in enumerate(rows):
        top = y + 15 + row * 19
        surface.label(label, Place(x - 2, top, width - WIDE, LINE))
        surface.control(
            number(
                name, Place(x + width - WIDE, top, WIDE, 16), info, span, unit=unit, short=label
            ),
            of_part=True,
        )


def holder(surface: Surface, name: str, label: str, place: tuple[int, int, int], text: str) -> None:
    """A clip that is kept: a button that takes the selected one, its name, a button to let go."""
    x, y, width = place
    wide = 20 if len(label) == 1 else 40
    surface.button(
        button(f"hold_{name}", label, Place(x, y, wide, LINE), Info(f"Set {label}", text)),
        f"hold {name}",
    )
    surface.text(
        f"held_{name}",
        comment("no clip", Place(x + wide + 1, y, width - wide - 17, LINE), varname=f"held_{name}"),
    )
    surface.button(
        button(
            f"drop_{name}", "×", Place(x + width - 15, y, 15, LINE),
            Info(f"Clear {label}", f"Lets go of the clip that {label} keeps."),
        ),
        f"drop {name}",
    )  # fmt: skip


def way(surface: Surface, x: int, y: int) -> None:
    """Two knobs that choose a take by its place between the clips."""
    for step, (name, title, text) in enumerate(
        (
            ("across", "Across", "Turns the one clip from A to B, take by take."),
            ("down", "Down", "Turns the one clip from A and B to C and D, where four are set."),
        )
    ):
        surface.control(
            dial(
                name, Place(x + 56 * step, y, 48, 48), Info(title, text), (0.0, 100.0, 0.0),
                unit=PERCENT, is_hidden=True,
            )
        )  # fmt: skip
