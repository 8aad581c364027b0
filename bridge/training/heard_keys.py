"""Keys for songs whose sources do not say them, or say only the signature."""

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import MODES
from bridge.music.key import MAJOR, MINOR, Key, key_of_weights
from bridge.training.song import Evidence, Keys, Notes, Role, melody_line


def heard_keys(notes: Notes) -> Keys:
    """One key for the whole song, as it sounds."""
    return one_key(heard_key(notes), Evidence.ESTIMATED)


def keys_of_signatures(notes: Notes, signatures: list[tuple[int, int, bool]]) -> Keys:
    """The keys of a song with key signatures.

    Args:
        notes: The song's.
        signatures: Tick, sharps (flats are negative), and whether the source says that it is
            minor; at least one. Where it does not say so, the notes decide between the two keys.
    """
    start: list[int] = []
    heard: list[tuple[int, int, Evidence]] = []
    borders = [tick for tick, _, _ in signatures[1:]] + [2**31 - 1]
    for (tick, sharps, minor), border in zip(signatures, borders, strict=True):
        major_root = sharps * 7 % 12
        among = ((major_root, MAJOR), ((major_root + 9) % 12, MINOR))
        inside = notes.only((notes.start >= tick) & (notes.start < border))
        key = heard_key(inside if len(inside) else notes, among)
        mode = MINOR if minor else key.mode
        root = {mode: root for root, mode in among}[mode]
        evidence = Evidence.GIVEN if minor else Evidence.SIGNATURE
        if not heard or heard[-1][:2] != (root, MODES.index(mode)):
            start.append(tick if start else 0)
            heard.append((root, MODES.index(mode), evidence))
    columns = np.array(heard, np.uint8)
    return Keys(np.array(start, np.int32), columns[:, 0], columns[:, 1], columns[:, 2])


def one_key(key: Key, evidence: Evidence) -> Keys:
    """A key that holds from the first bar to the last."""
    root, mode, said = (
        np.array([value], np.uint8) for value in (key.root, MODES.index(key.mode), evidence)
    )
    return Keys(np.zeros(1, np.int32), root, mode, said)


def heard_key(notes: Notes, among: tuple[tuple[int, str], ...] | None = None) -> Key:
    """The key of these notes; block chords, which double what is sung, do not count."""
    sung = notes.only(notes.role != Role.CHORDS)
    sung = sung if len(sung) else notes
    line = melody_line(notes)
    first, last = (int(line.pitch[place]) % 12 if len(line) else None for place in (0, -1))
    return key_of_weights(class_weights(sung).tolist(), first=first, last=last, among=among)


def class_weights(notes: Notes) -> npt.NDArray[np.float64]:
    """How many ticks each pitch class sounds, C first: (12,)."""
    counts = np.bincount(notes.pitch % 12, weights=notes.duration, minlength=12)
    return np.asarray(counts, np.float64)
