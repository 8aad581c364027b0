"""Small songs, and small files of every format that songs are read from."""

from pathlib import Path

import mido
import numpy as np

from bridge.music.units import TICKS_PER_BEAT
from bridge.training.song import (
    Bars,
    Evidence,
    Keys,
    Notes,
    Role,
    Song,
    no_chords,
    sorted_notes,
)

BEAT = TICKS_PER_BEAT
TUNE = (60, 64, 62, 67, 65, 64, 69, 67, 62, 65, 60, 59, 62, 67, 71, 69, 65, 72, 67, 64)

ABC = """\
X: 7
T: The Pickup
M: 4/4
L: 1/8
Q: 1/4=100
K: D
AG | F2 A2 d2 f2 | e>d c/B/A (3Bcd {g}e2 | [DF]4 d2- :|: d2 | a8 |]

X: 8
T: The Chameleon
M: 6/8
L: 1/8
K: ADor
A2B c2d | e3- e3 | A2 A2 |]
"""


def song(
    pitches=TUNE, *, name="aird/one", source="aird", performed=False, role=Role.MELODY, **more
):
    """A tune in quarter notes, four to a bar, in C."""
    count = len(pitches)
    bars = -(-count // 4)
    notes = Notes(
        start=(np.arange(count) * BEAT).astype(np.int32),
        duration=np.full(count, BEAT, np.int32),
        pitch=np.array(pitches, np.uint8),
        velocity=np.full(count, 80, np.uint8),
        role=np.full(count, role, np.uint8),
    )
    values = {
        "title": "One",
        "tempo": 120.0,
        "notes": notes,
        "bars": Bars(
            (np.arange(bars + 1) * 4 * BEAT).astype(np.int32),
            np.full(bars, 4, np.uint8),
            np.full(bars, 4, np.uint8),
        ),
        "keys": Keys(
            np.zeros(1, np.int32),
            np.zeros(1, np.uint8),
            np.zeros(1, np.uint8),
            np.array([Evidence.GIVEN], np.uint8),
        ),
        "chords": no_chords(),
    }
    return Song(name=name, source=source, performed=performed, **{**values, **more})


def with_voice(one, pitch, role):
    """The song with one long note of another role."""
    more = Notes(
        start=np.zeros(1, np.int32),
        duration=np.array([8 * BEAT], np.int32),
        pitch=np.array([pitch], np.uint8),
        velocity=np.array([80], np.uint8),
        role=np.array([role], np.uint8),
    )
    columns = {
        field: np.concatenate([getattr(one, field), getattr(more, field)])
        for field in ("start", "duration", "pitch", "velocity", "role")
    }
    return sorted_notes(Notes(**columns))


def write_score(
    file: Path,
    tracks: dict[str, list[tuple[float, float, int]]],
    meta: list[tuple[float, mido.MetaMessage]],
    *,
    velocity: int = 80,
    division: int = 480,
) -> None:
    """A type 1 file: notes are onset, length (quarters) and key."""
    midi = mido.MidiFile(type=1, ticks_per_beat=division)
    midi.tracks.append(_track([(at, message) for at, message in meta], division))
    for name, notes in tracks.items():
        events = [(0.0, mido.MetaMessage("track_name", name=name))]
        for start, length, key in notes:
            events.append((start, mido.Message("note_on", note=key, velocity=velocity)))
            events.append((start + length, mido.Message("note_off", note=key)))
        midi.tracks.append(_track(events, division))
    file.parent.mkdir(parents=True, exist_ok=True)
    midi.save(file)


def write_collection(folder: Path, rows: list[tuple[str, int]]) -> None:
    """An index of songs by name, with so many measures of their 2 off the grid."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["id,title,bars,offgrid_measures"]
    lines += [f"{name},The {name},2,{off}" for name, off in rows]
    (folder / "index.csv").write_text("\n".join(lines), encoding="utf-8")
    for name, _ in rows:
        write_score(
            folder / f"{name}.mid",
            {"VOICE": [(beat, 1.0, key) for beat, key in enumerate(TUNE)]},
            [(0.0, mido.MetaMessage("time_signature", numerator=4, denominator=4))],
        )


def write_pop_song(
    folder: Path,
    *,
    first_beat: float = 0.25,
    downbeats: tuple[int, ...] = (1, 5, 9, 13, 17),
    key_lines: str = "0.1\t20.0\tG:maj\n",
) -> None:
    """A song of POP909: 20 beats of half a second, the first at a time off the file's grid."""
    at = first_beat * 2  # in quarters
    write_score(
        folder / f"{folder.name}.mid",
        {
            "MELODY": [(at + beat, 1.0, key) for beat, key in enumerate(TUNE)],
            "BRIDGE": [(at + 2.26, 0.5, 72)],
            "PIANO": [(at + 1, 4.0, 43), (at + 1, 4.0, 59)],
        },
        [(0.0, mido.MetaMessage("set_tempo", tempo=500_000))],
        velocity=91,
    )
    beats = [
        f"{first_beat + beat / 2} {float(beat % 2)} {float(beat in downbeats)}"
        for beat in range(20)
    ]
    (folder / "beat_midi.txt").write_text("\n".join(beats))
    (folder / "chord_midi.txt").write_text(
        f"{first_beat + 0.5:.3f}\t{first_beat + 2.5:.3f}\tG:maj/3\n"
        f"{first_beat + 2.5:.3f}\t{first_beat + 4.5:.3f}\tN\n"
    )
    (folder / "key_audio.txt").write_text(key_lines)


def _track(events: list[tuple[float, mido.Message]], division: int) -> mido.MidiTrack:
    track = mido.MidiTrack()
    last = 0
    for at, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        tick = round(at * division)
        track.append(message.copy(time=tick - last))
        last = tick
    return track
