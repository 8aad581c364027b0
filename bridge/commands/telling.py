"""Takes as answers: written to files, and told of as drums or as music of pitches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.commands.making import Made, keep_take, say_made, show_made
from bridge.commands.roll import LETTERS, LINES, bars_shown, from_bar, roll_of
from bridge.commands.screen import answers
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.key import key_of_notes
from bridge.music.spelling import ROOTS, key_name

ROLLS: Final = 4
"""So many takes are drawn; more would scroll away."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A take of drums, where it was written, and how often it strikes which piece."""

    take: Take
    path: Path
    hits: Counter[str]

    @classmethod
    def of(cls, take: Take, path: Path, kit: Kit) -> "Beat":
        """With its hits counted."""
        pieces = [kit.piece_or_timekeeper(note.pitch) for note in take.clip.notes]
        return cls(take, path, Counter(piece.label for piece in sorted(pieces)))

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": str(self.path),
            "take": self.take.index + 1,
            "seed": self.take.seed,
            "hits": self.hits.total(),
            "pieces": dict(self.hits),
        }


@dataclass(frozen=True, slots=True)
class Tune:
    """A take of pitches, where it was written, and what sounds in it."""

    take: Take
    path: Path

    @property
    def lowest(self) -> str:
        """The lowest key that sounds, as Live writes it; empty where none does."""
        return key_name(min(self._pitches)) if self._pitches else ""

    @property
    def highest(self) -> str:
        """The highest."""
        return key_name(max(self._pitches)) if self._pitches else ""

    @property
    def key(self) -> str:
        """The key that is heard in it; empty where nothing sounds."""
        if not self._pitches:
            return ""
        key = key_of_notes(self.take.clip.notes)
        return f"{ROOTS[key.root]} {key.mode}"

    @property
    def notes(self) -> int:
        """How many sound."""
        return len(self._pitches)

    @property
    def _pitches(self) -> list[int]:
        return [note.pitch for note in self.take.clip.notes if not note.mute]

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": str(self.path),
            "take": self.take.index + 1,
            "seed": self.take.seed,
            "notes": self.notes,
            "lowest": self.lowest,
            "highest": self.highest,
            "key": self.key,
        }


def tell(
    made: Made,
    folder: Path,
    title: str,
    *,
    source: Mapping[str, object],
    next_step: str,
    as_json: bool,
    first_bar: int = 0,
) -> None:
    """Write takes to files and say what they are.

    Args:
        made: The takes.
        folder: Where the files go.
        title: How their names begin.
        source: What was given, for JSON.
        next_step: What to do with them, for people.
        as_json: Whether a script asked.
        first_bar: From where on takes of pitches are drawn, counted from 0.

    Raises:
        MidiFileError: if a file cannot be written.
    """
    paths = [keep_take(made, take, folder, title) for take in made.takes]
    kept: list[Beat] | list[Tune]
    if all(take.clip.drums for take in made.takes):
        kept = [Beat.of(take, path, made.kit) for take, path in zip(made.takes, paths, strict=True)]
        table = _beats(kept)
    else:
        kept = [Tune(take, path) for take, path in zip(made.takes, paths, strict=True)]
        table = _tunes(kept)
    if as_json:
        say_made(made, source, [one.as_fields() for one in kept])
        return
    if not made.takes[0].clip.drums:
        _draw(answers(), [take.clip for take in made.takes], first_bar)
    show_made(made, table, folder, next_step)


def _beats(kept: Sequence[Beat]) -> Table:
    """Takes by what they strike."""
    table = Table()
    table.add_column("file", overflow="fold")
    table.add_column("seed", justify="right")
    table.add_column("hits", justify="right")
    table.add_column("pieces", overflow="fold")
    for one in kept:
        pieces = ", ".join(f"{piece} {count}" for piece, count in one.hits.items())
        table.add_row(one.path.name, f"{one.take.seed}", f"{one.hits.total()}", pieces)
    return table


def _tunes(kept: Sequence[Tune]) -> Table:
    """Takes by what sounds in them."""
    table = Table()
    table.add_column("file", overflow="fold")
    table.add_column("seed", justify="right")
    table.add_column("notes", justify="right")
    table.add_column("from")
    table.add_column("to")
    table.add_column("heard as")
    for one in kept:
        table.add_row(
            one.path.name, f"{one.take.seed}", f"{one.notes}", one.lowest, one.highest, one.key
        )
    return table


def _draw(console: Console, clips: Sequence[Clip], first_bar: int) -> None:
    """The first takes as piano rolls, from a bar on."""
    signs = LINES if console.encoding.startswith("utf") else LETTERS
    for number, clip in enumerate(clips[:ROLLS], start=1):
        part = from_bar(clip, first_bar)
        shown = bars_shown(part)
        more = f", bars {first_bar + 1} to {first_bar + shown} of {clip.bars}"
        console.print(Text(f"Take {number}{more if shown < clip.bars else ''}", "bold"))
        for line in roll_of(part, signs):
            console.print(line, soft_wrap=True)
        console.print()
