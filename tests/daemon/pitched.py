"""Pitched requests played in this process, and what must hold of every take of them."""

from collections import Counter
from dataclasses import replace

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.music.clip import Clip, Note
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.drafting import Band
from bridge.tools.locks import key_heard, lock_of
from bridge.tools.melodies import play_pitched_continuation, play_pitched_generation
from bridge.tools.melody_infill import play_pitched_infill
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES, Writers
from bridge.tools.taste import DEFAULT_TASTE
from tests.tiny_notes import NOTHING_LEARNT

BEAT = 20_160
BAR = 4 * BEAT
TWELFTH = BEAT // 12
SOURCE, KEEP, CHORDS = 1, 2, 3


def band_in(models, *, taste=DEFAULT_TASTE, learnt=NOTHING_LEARNT):
    """Who plays, with the models of a folder."""
    catalog = Catalog((models,), provider="cpu")
    return Band(
        Writers(*(catalog.load(name) for name in (MODEL, PITCHES, LENGTHENS))), taste, learnt
    )


def tune(*pitches, step=BEAT, length=None, **frame):
    """A melody of even notes, louder on the beat, in whole bars of 4/4."""
    bars = -(-len(pitches) * step // BAR)
    notes = tuple(
        Note(pitch, place * step, length or step, velocity=95.0 if place % 2 == 0 else 78.0)
        for place, pitch in enumerate(pitches)
    )
    return Clip(notes, bars * BAR, **{"drums": False, **frame})


def lock_for(request, clips):
    named = [clips.get(getattr(request, name, 0)) for name in ("clip", "near", "chords")]
    return lock_of(request, key_heard(*named))


def played(band, request, clips=None, *, cancel=None, report=lambda _: None):
    """The takes of a request, as the tools play them."""
    clips = clips or {}
    more = {"cancel": cancel or Cancel(), "report": report}
    keep, lock = clips.get(request.keep), lock_for(request, clips)
    match request:
        case Continue():
            chords = clips.get(request.chords)
            return play_pitched_continuation(
                request, clips[request.clip], keep, chords, lock, band, **more
            )
        case Generate():
            near, chords = clips.get(request.near), clips.get(request.chords)
            return play_pitched_generation(request, keep, near, chords, lock, band, **more)
        case Infill():
            return play_pitched_infill(request, clips[request.clip], keep, lock, band, **more)


def heard(clip):
    """What sounds of a clip, in its own time: of a looping clip its loop."""
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    return [note for note in clip.notes if first <= note.start < end and not note.mute]


def laid(keep, length):
    """All kept notes that must stand in a take, written down anew."""
    if keep is None:
        return []
    first, end = (keep.loop_start, keep.end_of_loop) if keep.looping else (0, keep.length)
    inside = [note for note in keep.notes if first <= note.start < end]
    shifts = range(0, length, end - first) if keep.looping else (0,)
    return [
        replace(note, start=start, note_id=None if shift else note.note_id)
        for shift in shifts
        for note in inside
        if (start := note.start - first + shift) < length
    ]


def without(notes, stayed):
    """The notes but for some, each of which must be among them, as often as it stayed."""
    left = Counter(notes)
    left.subtract(Counter(stayed))
    missing = [note for note, count in left.items() if count < 0]
    assert not missing, f"{missing[:3]} did not come back"
    return list(left.elements())


def check_new(new, stayed, lock, most, first, end):
    """What holds of the notes that are new in a take, beside those that stayed.

    Args:
        new: What was played.
        stayed: Notes that were there before.
        lock: Which keys are allowed.
        most: How many may sound at once.
        first: Where the stretch begins that was to be played, in ticks.
        end: Where it ends.
    """
    for note in new:
        assert note.pitch in lock
        assert first <= note.start < end, (note, first, end)
        assert note.end <= end, (note, end)
        assert 1 <= note.velocity <= 127
        assert not note.mute
    sounding = [note for note in stayed if not note.mute]
    for note in new:
        # Wherever a new note sounds, there are no more than are wanted.
        beside = [other for other in (*new, *sounding) if other is not note]
        at_once = [other for other in beside if other.start <= note.start < other.end]
        assert len(at_once) < most, (note, at_once)
        for other in beside:
            if other.start > note.start and other.start < note.end:
                together = [
                    each for each in (*new, *sounding) if each.start <= other.start < each.end
                ]
                assert len(together) <= most, (note, together)
            if other.pitch == note.pitch:
                assert other.end <= note.start or note.end <= other.start, (note, other)
