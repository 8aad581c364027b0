"""How often ``bridge.tools.parts`` calls a part what the songs call it.

``python -m bridge.training.part_accuracy`` prints the table; the settings were chosen on the
validation split.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

from bridge.music.clip import Clip
from bridge.tools.parts import part_of
from bridge.training.phrasing_habits import PARTS, notes_of_part
from bridge.training.song import Song
from bridge.training.song_cache import read_songs
from bridge.training.song_clips import clip_of_notes, regular_stretches

Named: TypeAlias = tuple[str, str, Clip]
"""Source, part, and some bars of it."""

LENGTHS: Final = (4, 6, 8)
"""Bars; one song after the other gives stretches of one of them."""
APART: Final = 16
LEAST_NOTES: Final = 4


def parts_of(songs: Sequence[Song]) -> list[Named]:
    """Stretches of the melodies, basses and hands of some songs."""
    found = []
    for number, song in enumerate(songs):
        bars = LENGTHS[number % len(LENGTHS)]
        for part in PARTS:
            notes = notes_of_part(song, part)
            for first in regular_stretches(song, bars, APART):
                clip = clip_of_notes(song, notes, first, bars)
                if len(clip.notes) >= LEAST_NOTES:
                    found.append((song.source, part, clip))
    return found


def accuracy_table(named: Sequence[Named]) -> str:
    """What each part of each source is called, in Markdown."""
    heard = Counter((source, part, part_of(clip)) for source, part, clip in named)
    lines = [f"| source | part | stretches | {' | '.join(PARTS)} |", "|---" * 6 + "|"]
    sources = [*dict.fromkeys(source for source, _, _ in named), "all"]
    for source in sources:
        for part in PARTS:
            counts = [
                sum(
                    count
                    for (where, what, called), count in heard.items()
                    if what == part and called == name and source in {where, "all"}
                )
                for name in PARTS
            ]
            if sum(counts):
                shares = " | ".join(f"{count / sum(counts):.1%}" for count in counts)
                lines.append(f"| {source} | {part} | {sum(counts):,} | {shares} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table of both splits that nothing is learnt from."""
    for split in ("validation", "test"):
        songs = [song for song in read_songs() if song.split == split]
        sys.stdout.write(f"{split}:\n\n{accuracy_table(parts_of(songs))}\n\n")


if __name__ == "__main__":
    main()
