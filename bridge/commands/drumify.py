"""``clipbridge drumify``: a MIDI file in, drums for its rhythm out, without the daemon."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from click.core import ParameterSource
from rich.table import Table

from bridge.commands.arguments import request_options
from bridge.commands.files import keep_clip
from bridge.commands.options import setting_options, settings_from, stage_of
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.engine.cancel import Cancel
from bridge.music.clip import Take
from bridge.music.drumkit import Kit
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Drumify
from bridge.tools.registry import play


@dataclass(frozen=True, slots=True)
class Kept:
    """A take, where it was written, and how often it strikes which piece."""

    take: Take
    path: Path
    hits: Counter[str]

    @classmethod
    def of(cls, take: Take, takes: int, kit: Kit, folder: Path, name: str) -> "Kept":
        """The take, written into the folder."""
        name = f"{name} drumify {take.index + 1} of {takes} seed {take.seed}"
        path = keep_clip(folder, name, replace(take.clip, name=name))
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


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="OUT",
    type=click.Path(path_type=Path),
    default="takes",
    show_default=True,
    help="The folder for the takes. No file in it is overwritten.",
)
@request_options(Drumify, without=("id", "clip"))
@json_option
@setting_options("kit_file", "provider", "models", "cache_folder")
@click.pass_context
def drumify(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    takes: int,
    seed: int,
    temperature: float,
    hits_per_bar: float,
    pieces: int,
    most: int,
    fill: bool,
    swing: bool,
    kit: str,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Put a drum kit on the rhythm of any clip.

    IN.mid, be it a melody, a bass line, chords or a beat, is read and never written. Every onset is
    answered by a hit.
    """
    if flags["kit_file"] and context.get_parameter_source("kit") is ParameterSource.DEFAULT:
        kit = "user"  # Whoever names a kit file wants that kit.
    clip = read_midi(file)
    request = Drumify(
        id=2,
        clip=1,
        takes=takes,
        seed=seed,
        temperature=temperature,
        hits_per_bar=hits_per_bar,
        pieces=pieces,
        most=most,
        fill=fill,
        swing=swing,
        kit=kit,
    )
    stage = stage_of(settings_from(flags))
    began = time.perf_counter()
    with progress_bar(f"Drumming to {file.name}") as report:
        made = play(
            request,
            {1: clip},
            stage,
            cancel=Cancel(),
            report=lambda state, part: report(part) if state == "working" else None,
        )
    seconds = time.perf_counter() - began
    provider = next((model.provider for model in stage.catalog.loaded()), "")
    kept = [Kept.of(take, len(made), stage.kits[kit], folder, file.stem) for take in made]
    if as_json:
        say_json(
            {
                "input": str(file),
                "seconds": round(seconds, 3),
                "provider": provider,
                "takes": [one.as_fields() for one in kept],
            }
        )
        return
    _show(kept, seconds, provider)


def _show(kept: Sequence[Kept], seconds: float, provider: str) -> None:
    console = answers()
    table = Table()
    table.add_column("file", overflow="fold")
    table.add_column("seed", justify="right")
    table.add_column("hits", justify="right")
    table.add_column("pieces", overflow="fold")
    for one in kept:
        pieces = ", ".join(f"{piece} {count}" for piece, count in one.hits.items())
        table.add_row(one.path.name, f"{one.take.seed}", f"{one.hits.total()}", pieces)
    console.print(table)
    console.print(
        f"Made in {seconds:.1f} s on {provider} and written to {kept[0].path.parent.resolve()}."
        " Drag them into your DAW.",
        soft_wrap=True,
    )
