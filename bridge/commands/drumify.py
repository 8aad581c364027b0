"""``clipbridge drumify``: a MIDI file in, drums for its rhythm out, without the daemon."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table

from bridge.commands.making import (
    KEPT,
    SOURCE,
    keep_option,
    keep_take,
    make,
    read_clips,
    say_made,
    show_made,
    tool_options,
)
from bridge.music.clip import Take
from bridge.music.drumkit import Kit
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Drumify


@dataclass(frozen=True, slots=True)
class Kept:
    """A take, where it was written, and how often it strikes which piece."""

    take: Take
    path: Path
    hits: Counter[str]

    @classmethod
    def of(cls, take: Take, path: Path, kit: Kit) -> "Kept":
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


def table_of(kept: list[Kept]) -> Table:
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


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Drumify, without=("clip", "keep"))
@keep_option
@click.pass_context
def drumify(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Put a drum kit on the rhythm of any clip.

    IN.mid, be it a melody, a bass line, chords or a beat, is read and never written. Every onset is
    answered by a hit.
    """
    del wishes  # They are read from the context.
    clips = {SOURCE: read_midi(file), **read_clips(None, keep)}
    label = f"Drumming to {file.name}"
    made = make(context, Drumify, clips, label, clip=SOURCE, keep=KEPT if keep else 0)
    kept = [
        Kept.of(take, keep_take(made, take, folder, f"{file.stem} drumify"), made.kit)
        for take in made.takes
    ]
    if as_json:
        say_made(made, {"input": str(file)}, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, "Drag them into your DAW.")
