"""Options that say which pitches are played: a key, a scale, a range, chords to follow."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import click

from bridge.errors import BadRequestError
from bridge.music.chords import read_progression
from bridge.music.clip import Clip
from bridge.music.key import MAJOR, MINOR, Key
from bridge.music.midifile import read_midi
from bridge.music.scale import INTERVALS, Scale
from bridge.music.spelling import read_range, read_root
from bridge.osc.message import Atom

Command = TypeVar("Command", bound=Callable[..., object])
Value = TypeVar("Value")

PITCHES: Final = ("root", "scale", "lowest", "highest")
"""The arguments of a request that these options fill in, besides the chords and the lock."""

_MIDI_ENDINGS: Final = (".mid", ".midi")
_MINOR_THIRD, _MAJOR_THIRD = 3, 4
_SCALES: Final = ", ".join(INTERVALS)


@dataclass(frozen=True, slots=True)
class Pitches:
    """What was said of pitches."""

    root: int
    """−1 where none was said."""
    scale: str
    """Live's name of it; empty where none was said."""
    lowest: int
    highest: int
    lock: bool
    """Whether nothing but the scale shall be played."""

    @classmethod
    def said(
        cls, key: tuple[int, str] | None, scale: str | None, *, span: tuple[int, int], lock: bool
    ) -> Self:
        """What the options say.

        Args:
            key: Root and scale of ``--key``, the scale empty where it was not said.
            scale: That of ``--scale``.
            span: That of ``--range``.
            lock: That of ``--lock-scale``.

        Raises:
            UsageError: if two scales are named.
        """
        root, named = key or (-1, "")
        if named and scale:
            raise click.UsageError(f"Say one scale, {named} or {scale}, not both.")
        return cls(root, named or scale or "", *span, lock)

    def locking(self, tool: str, heard: Key | None) -> dict[str, Atom]:
        """The arguments of a request for which a scale can only be a lock.

        Args:
            tool: Its name, for the refusal.
            heard: The key of the clip, which holds where a lock is asked for and no key is said.

        Raises:
            UsageError: if a scale is said but no lock, or there is nothing to be locked.
        """
        if not self.lock and (self.scale or self.root >= 0):
            raise click.UsageError(
                f"{tool} hears the key by itself. With --lock-scale no note outside of the key that"
                " you say is played."
            )
        return self._arguments(heard)

    def wishing(self, heard: Key | None) -> dict[str, Atom]:
        """The arguments of a request for which a scale is a wish or a lock.

        Raises:
            UsageError: if there is nothing to be locked.
        """
        return {**self._arguments(heard), "lock": int(self.lock)}

    def key(self, heard: Key | None) -> Key:
        """The key in which chords are read: that which was said, or is heard, else C major."""
        if self.root < 0 and heard is not None:
            return heard
        tones = INTERVALS.get(self.scale, INTERVALS[MAJOR])
        minor = _MINOR_THIRD in tones and _MAJOR_THIRD not in tones
        return Key(max(0, self.root), MINOR if minor else MAJOR, 0.0)

    def _arguments(self, heard: Key | None) -> dict[str, Atom]:
        root, name = self.root, self.scale
        if self.lock and not name:
            if root >= 0:
                name = MAJOR
            elif heard is None:
                raise click.UsageError("Say with --key which scale is to be locked.")
            else:
                root, name = heard.root, heard.mode
        mask = sum(1 << tone for tone in Scale.named(name, 0).intervals) if name else 0
        return {"root": root, "scale": mask, "lowest": self.lowest, "highest": self.highest}


def pitch_options(command: Command) -> Command:
    """A decorator that gives a command ``key``, ``scale_name``, ``lock_scale`` and ``span``."""
    command = click.option(
        "--range",
        "span",
        metavar="LOW-HIGH",
        default="0-127",
        callback=_reading(read_range),
        help="No note is played outside of these keys: C2-C5, or 36-84; C3 is 60.",
    )(command)
    command = click.option(
        "--lock-scale",
        is_flag=True,
        help="Play no note outside of the scale; without --key that which is heard.",
    )(command)
    command = click.option(
        "--scale",
        "scale_name",
        metavar="NAME",
        callback=_reading(_scale_name),
        help=f"A scale of Live's, where --key does not say it: {_SCALES}.",
    )(command)
    return click.option(
        "--key",
        metavar="KEY",
        callback=_reading(_key),
        help="A key: C minor, Am, F# dorian, Bb.",
    )(command)


def chords_option(command: Command) -> Command:
    """A decorator that gives a command the chords that its takes follow, as ``chords``."""
    return click.option(
        "--chords",
        metavar="TEXT|FILE.mid",
        help="Chords to follow, again and again: Am F C G, or i VI III VII in the key that you say;"
        " or a file whose notes they are.",
    )(command)


def read_chords(chords: str, key: Key, bars: int, numerator: int, denominator: int) -> Clip:
    """The clip of chords that was named or written down.

    Args:
        chords: A MIDI file, or the chords themselves.
        key: In which Roman numerals are read.
        bars: How long a take is.
        numerator: Of the takes' time signature.
        denominator: Of the same.

    Raises:
        BadRequestError: the text is no chords.
        MidiFileError: as ``read_midi`` does.
    """
    path = Path(chords)
    if path.suffix.lower() in _MIDI_ENDINGS or path.is_file():
        return read_midi(path, drums=False)
    return read_progression(chords, key, bars, numerator, denominator)


def _key(text: str) -> tuple[int, str]:
    root, name = read_root(text)
    return root, _scale_name(name) if name else ""


def _scale_name(text: str) -> str:
    """Live's own spelling of a scale's name."""
    Scale.named(text, 0)  # Refused in words where Live has none of that name.
    return next(name for name in INTERVALS if name.casefold() == text.strip().casefold())


def _reading(
    read: Callable[[str], Value],
) -> Callable[[click.Context, click.Parameter, str | None], Value | None]:
    """What makes a value of an option's text, or says in words why it cannot."""

    def value(context: click.Context, option: click.Parameter, text: str | None) -> Value | None:
        try:
            return None if text is None else read(text)
        except BadRequestError as error:
            raise click.BadParameter(str(error), context, option) from error

    return value
