"""Where the songs come from, under which terms, and how each source wants to be named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Source:
    """A collection of songs that models may learn from."""

    what: str
    """In a few words."""
    credit: str
    """The sentence that a model's card and manifest name it by."""
    licence: str
    """Of the notes that were read."""


_BOOKS: Final = (
    "typed by volunteers and distributed with the music21 package by permission of the encoders"
)
_NO_TERMS: Final = "the book is in the public domain; the files state no terms"

SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {
        "pop909": Source(
            what="Pop songs arranged for piano: melody, second melody, piano, chords",
            credit=(
                "POP909: A Pop-song Dataset for Music Arrangement Generation, Wang, Chen, Jiang,"
                " Zhang, Xu, Dai, Bin and Xia, ISMIR 2020; MIT, Copyright (c) 2020 Music X Lab."
            ),
            licence="MIT (of the arrangements and annotations; the songs are commercial songs)",
        ),
        "lieder": Source(
            what="Songs of the 19th century for voice and piano",
            credit="OpenScore Lieder (https://musescore.com/openscore-lieder-corpus), CC0 1.0.",
            licence="CC0 1.0",
        ),
        "openhymnal": Source(
            what="Hymns in four voices",
            credit="The Open Hymnal Project, public domain.",
            licence="public domain",
        ),
        "openewld_pd": Source(
            what="Lead sheets, traditional or to 1930: melody and chord symbols",
            credit=(
                "OpenEWLD by Federico Simonetta, songs in the public domain only; MIT,"
                " Copyright (c) 2018 Federico Simonetta."
            ),
            licence="MIT",
        ),
        "oneill": Source(
            what="Irish fiddle tunes",
            credit=f"O'Neill's Music of Ireland (1903), {_BOOKS}.",
            licence=_NO_TERMS,
        ),
        "ryan": Source(
            what="American fiddle tunes",
            credit=f"Ryan's Mammoth Collection (1883), {_BOOKS}.",
            licence=_NO_TERMS,
        ),
        "aird": Source(
            what="Scotch, English and Irish airs",
            credit=(
                "A Selection of Scotch, English, Irish and Foreign Airs (James Aird, 1778–1801),"
                " encoded by Jack Campin and distributed with the music21 package by permission"
                " of the encoders."
            ),
            licence=_NO_TERMS,
        ),
    }
)
"""In the order in which they are read; of duplicates the first that was read is kept."""


def credits_of(sources: Iterable[str]) -> tuple[str, ...]:
    """The sentences that a manifest and a card name these sources by, in the table's order."""
    chosen = set(sources)
    return tuple(source.credit for name, source in SOURCES.items() if name in chosen)


def table_of_sources() -> str:
    """The sources in Markdown."""
    rows = [f"| {name} | {s.what} | {s.licence} | {s.credit} |" for name, s in SOURCES.items()]
    head = "| source | what | licence | credit |\n|---|---|---|---|"
    return "\n".join([head, *rows])
