"""Which keys a request allows, and in which scale it would like to be played."""

from collections.abc import Iterable
from typing import TypeAlias

from bridge.errors import NoNotesError
from bridge.music.clip import Clip
from bridge.music.key import MAJOR, Key, key_of_notes
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import Scale
from bridge.protocol.messages import Continue, Generate, Infill, Interpolate

Locking: TypeAlias = Continue | Generate | Infill | Interpolate
"""The requests that can lock pitches."""


def lock_of(request: Locking, heard: Key | None) -> PitchLock:
    """The keys that may be played: those of the range, and of the scale where it is a lock.

    Args:
        request: Its root, scale, lowest and highest count, and Generate's lock.
        heard: The key whose root holds where the request names none; None: then C does.

    Raises:
        BadRequestError: the range is upside down, or no note of the scale lies in it.
    """
    wished = isinstance(request, Generate) and not request.lock
    scale = None if wished else _scale(request, heard)
    return PitchLock(request.lowest, request.highest, scale)


def wish_of(request: Generate, heard: Key | None) -> Scale | None:
    """The scale that takes should be in, whether it is a lock or not; None where any will do.

    The request's own; the major one on its root, where it names no scale; else the key heard.
    """
    scale = _scale(request, heard)
    if scale is not None:
        return scale
    if request.root >= 0:
        return Scale.named(MAJOR, request.root)
    return None if heard is None else heard.scale


def key_heard(*clips: Clip | None) -> Key | None:
    """The key of the first of some clips in which a pitch sounds; None where none does."""
    for clip in _pitched(clips):
        try:
            return key_of_notes(clip.notes)
        except NoNotesError:
            continue
    return None


def _scale(request: Locking, heard: Key | None) -> Scale | None:
    """The scale that a request names, on its root or on that of the key heard."""
    if not request.scale:
        return None
    root = request.root if request.root >= 0 else 0 if heard is None else heard.root
    return Scale(root, tuple(tone for tone in range(12) if request.scale >> tone & 1))


def _pitched(clips: Iterable[Clip | None]) -> list[Clip]:
    return [clip for clip in clips if clip is not None and not clip.drums]
