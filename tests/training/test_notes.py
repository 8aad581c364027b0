"""The note network: its windows, what it may not see, its steps, a lesson, and its export."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bridge.codecs.notescore import (  # noqa: E402
    GAP,
    LONGEST_SHIFT,
    NOTE,
    PARTS,
    REST,
    START,
    Metre,
    Setting,
)
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog  # noqa: E402
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES, Writers, write  # noqa: E402
from bridge.tools.pages import NO_NOTES, Page, Rules  # noqa: E402
from bridge.training.export import export  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.note_export import note_exports  # noqa: E402
from bridge.training.note_lesson import (  # noqa: E402
    NoteLesson,
    NoteRecipe,
    batch_of,
    fit_notes,
    nats_of,
    said_of,
)
from bridge.training.note_network import NoteNetwork  # noqa: E402
from bridge.training.note_windows import (  # noqa: E402
    BASS,
    CHORDS,
    MELODY,
    TOKENS,
    Known,
    cut_voice,
    gap_window,
    rows_of,
    voices_of,
    window_of,
)
from bridge.training.song import Notes as SongNotes  # noqa: E402
from bridge.training.song import Role, sorted_notes  # noqa: E402
from tests.tiny_notes import TENSORS  # noqa: E402
from tests.training.note_examples import SHAPE  # noqa: E402
from tests.training.song_examples import TUNE, song, with_voice  # noqa: E402

pytestmark = pytest.mark.training

BAR = 48


def network(seed=0):
    torch.manual_seed(seed)
    made = NoteNetwork(SHAPE).eval()
    with torch.no_grad():
        for part in (made.trunk.again_out, made.pitch.again_out, made.length.again_out):
            torch.nn.init.normal_(part.weight)
    return made


def melody(pitches=TUNE * 4):
    (voice,) = voices_of([song(pitches)])
    return voice


def choral_song():
    """Four quarters a bar in three voices."""
    one = song(TUNE * 2, role=Role.RIGHT_HAND)
    columns = [one.notes, *(replace(one.notes, pitch=one.notes.pitch - down) for down in (4, 9))]
    names = ("start", "duration", "pitch", "velocity", "role")
    notes = SongNotes(*(np.concatenate([getattr(c, name) for c in columns]) for name in names))
    return replace(one, notes=sorted_notes(notes))


def choral():
    (voice,) = (each for each in voices_of([choral_song()]) if each.part == CHORDS)
    return voice


def sung(window):
    """The notes of a window that are asked for, as they stand in the voice."""
    place = np.flatnonzero(window.sung) + 1
    bar = int(window.voice.bars[window.first_bar])
    columns = (window.time[place] + bar, window.pitch[place], window.length[place])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def all_notes(voice):
    columns = (voice.time, voice.pitch, voice.length)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_song_has_a_voice_for_each_of_its_parts():
    one = song()
    one = replace(one, notes=with_voice(one.notes, 40, Role.BASS))
    assert [voice.part for voice in voices_of([one])] == [MELODY]  # One note is no bass.
    many = song(tuple(range(36, 56)), role=Role.BASS)
    assert {voice.part for voice in voices_of([many])} == {BASS}
    assert all_notes(melody())[:3] == [(0, 60, 12), (12, 64, 12), (24, 62, 12)]
    assert choral().part == PARTS.index("chords")
    assert not choral().mono


@pytest.mark.parametrize("voice", [melody(), choral()], ids=["melody", "chords"])
@pytest.mark.parametrize("tokens", [20, TOKENS])
def test_windows_hold_every_note_of_a_voice_and_ask_for_it_once(voice, tokens):
    found = []
    for bar in cut_voice(voice, tokens):
        window = window_of(voice, bar, tokens)
        assert len(window) <= tokens
        assert (window.kind[0], window.time[0]) == (START, 0)
        found += sung(window)
    assert set(found) == set(all_notes(voice))
    # A window begins at a bar line, so the last bar of the one before may come again.
    assert len(found) < (2 if tokens == TOKENS else 3) * len(set(found))


@pytest.mark.parametrize("voice", [melody(), choral()], ids=["melody", "chords"])
@pytest.mark.parametrize("gap", [(1, 2), (2, 4), (3, 7)])
def test_a_window_with_a_gap_holds_every_note_once_and_asks_for_those_of_the_gap_last(voice, gap):
    window = gap_window(voice, 0, gap)
    first, end = (BAR * bar for bar in gap)
    at = int(np.flatnonzero(window.kind == GAP)[0])
    notes = np.flatnonzero(window.kind == NOTE)
    rows = zip(window.time[notes], window.pitch[notes], window.length[notes], strict=True)
    rows = sorted((int(time), int(pitch), int(length)) for time, pitch, length in rows)
    assert rows == all_notes(voice)[: len(rows)]
    assert len(set(rows)) == len(rows)
    inside = (window.time[notes] >= first) & (window.time[notes] < end)
    assert (inside == (notes > at)).all()
    assert window.time[at] == first
    # What comes next is asked only within a stretch; where a gap ends, what follows it is known.
    steps = np.diff(window.time)
    asked = window.shift[:-1] >= 0
    assert (window.shift[:-1][asked] == steps[asked]).all()
    assert not asked[at - 1]
    assert window.shift[-1] == min(end - window.time[-1], LONGEST_SHIFT)
    assert (window.sung[:-1] == (asked & (window.kind[1:] == NOTE))).all()


def test_long_silences_are_rests():
    pitches = list(TUNE)
    one = song(tuple(pitches))
    late = replace(one.notes, start=np.where(np.arange(20) < 10, 0, 20 * 20_160) + one.notes.start)
    bars = replace(
        one.bars,
        start=(np.arange(13) * 80_640).astype(np.int32),
        numerator=np.full(12, 4, np.uint8),
        denominator=np.full(12, 4, np.uint8),
    )
    (voice,) = voices_of([replace(one, notes=late, bars=bars)])
    window = window_of(voice, 0)
    assert (window.kind == REST).sum() == 2
    assert window.shift[window.kind == REST].tolist() == [
        LONGEST_SHIFT,
        240 - 2 * LONGEST_SHIFT + 12,
    ]
    assert window.shift.max() == LONGEST_SHIFT


def test_rows_are_filled_up_with_rests_that_ask_for_nothing():
    windows = [window_of(melody(), 0), window_of(melody(), 15)]
    row = rows_of(windows, [Known()] * 2)
    batch = batch_of(windows, [Known()] * 2)
    short = len(windows[1])
    assert (row.kind[1, short:] == REST).all()
    assert (batch.shift[1, short:] == -1).all()
    assert (batch.pitch[1, short:] == -1).all()


@pytest.mark.parametrize("window", [
    window_of(melody(), 1), gap_window(melody(), 0, (2, 4)), window_of(choral(), 0),
    gap_window(choral(), 1, (1, 2)),
])  # fmt: skip
def test_a_network_sees_only_what_had_its_turn_before(window):
    asked = network()
    generator = np.random.default_rng(0)

    def logits(each):
        batch = batch_of([each], [Known(root=0, mode=0, middle=60)])
        none = torch.zeros(0, 1, SHAPE.layers, 2 * SHAPE.part)
        with torch.no_grad():
            hidden, shift, _ = asked.trunk(batch.codes, batch.told, batch.clock, none)
            pitch, mixed = asked.pitch(hidden, batch.pitch_codes, batch.pitch_told)
            return shift[0], pitch[0], asked.length(mixed, batch.length_codes)[0]

    before = logits(window)
    for turn in (2, len(window) // 2, len(window) - 2):
        later = (np.arange(len(window)) >= turn) & (window.pitch >= 0)
        pitch, length = window.pitch.copy(), window.length.copy()
        pitch[later] = generator.integers(30, 90, later.sum())
        length[later] = generator.integers(1, 90, later.sum())
        after = logits(replace(window, pitch=pitch, length=length))
        for name, old, new in zip(("shift", "pitch", "length"), before, after, strict=True):
            # How long a note is, is asked when its pitch is known.
            upto = turn - 1 if name == "length" else turn
            assert torch.equal(old[:upto], new[:upto]), name
        assert not torch.equal(before[0][turn:], after[0][turn:])


@pytest.mark.parametrize("window", [window_of(melody(), 0), gap_window(choral(), 0, (2, 4))])
@pytest.mark.parametrize("steps", [1, 5])
def test_steps_that_remember_are_the_whole_pass(window, steps):
    asked = network()
    batch = batch_of([window], [Known()])
    memory = torch.zeros(0, 1, SHAPE.layers, 2 * SHAPE.part)
    with torch.no_grad():
        hidden, shift, _ = asked.trunk(batch.codes, batch.told, batch.clock, memory)
        found = []
        for start in range(0, len(window), steps):
            part = slice(start, start + steps)
            own, own_shift, kept = asked.trunk(
                batch.codes[:, part], batch.told[:, part], batch.clock[:, part], memory
            )
            memory = torch.cat([memory, kept])
            found.append((own, own_shift))
    assert torch.cat([each[0] for each in found], dim=1) == pytest.approx(hidden, abs=1e-4)
    assert torch.cat([each[1] for each in found], dim=1) == pytest.approx(shift, abs=1e-4)


@pytest.mark.parametrize("voice", [melody(), choral()], ids=["melody", "chords"])
def test_music_in_another_key_costs_the_same(voice):
    """All that a network is told is counted from the key and from the part's middle."""
    raised = replace(voice, pitch=voice.pitch + 5)
    with torch.no_grad():
        one, moved, left = (
            nats_of(
                network(), batch_of([window_of(each, 0)], [Known(root=root, middle=middle)])
            ).total
            for each, root, middle in ((voice, 7, 60), (raised, 0, 65), (raised, 7, 60))
        )
    # The keyboard ends five keys nearer: of far keys, which share a weight, there are fewer.
    assert float((one - moved).abs().max()) < 0.1
    assert float((one - left).abs().max()) > 0.5


def test_what_is_said_of_a_window_is_true_of_it():
    chance = np.random.default_rng(0)
    window = window_of(melody(), 0)
    sure = NoteRecipe(
        shape=SHAPE, key_known=1.0, key_heard=0.0, middle_known=1.0, density_known=1.0
    )
    for _ in range(20):
        known = said_of(window, sure, chance)
        assert (known.root, known.mode) == (0, 0)
        assert known.middle == pytest.approx(np.mean(TUNE), abs=8)
        assert known.notes_per_bar == pytest.approx(4, rel=0.8)
        assert not known.chords
    silent = NoteRecipe(shape=SHAPE, key_known=0.0, middle_known=0.0, density_known=0.0)
    assert said_of(window, silent, chance) == Known()


SHORT = Schedule(epochs=9, batch=4, learning_rate=1e-2, bfloat16=False, average=0.5)


def test_a_short_training_learns_and_its_export_gives_the_same(tmp_path):
    songs = [song(TUNE * 5, name=f"aird/{number}") for number in range(8)]
    songs.append(choral_song())
    examined = [songs[0], songs[-1]]
    recipe = NoteRecipe(shape=SHAPE, schedule=SHORT)
    seen = []
    trained = fit_notes(recipe, songs, examined, tmp_path / "state.pt", report=seen.append)
    assert seen[-1].validation_loss < 0.7 * seen[0].validation_loss
    for name, part in note_exports(trained, recipe, ["aird"]).items():
        export(part, tmp_path / "models" / name)
    catalog = Catalog((tmp_path / "models",), provider="cpu")
    models = {name: catalog.load(name) for name in (MODEL, PITCHES, LENGTHENS)}
    for name, model in models.items():
        # The tiny models of other tests have the same tensors.
        for side, tiny in zip(("inputs", "outputs"), TENSORS[name], strict=True):
            tensors = getattr(model.manifest, side)
            assert [tensor.name for tensor in tensors] == [tensor.name for tensor in tiny]
            assert [len(tensor.shape) for tensor in tensors] == [len(each.shape) for each in tiny]
    _require_agreement(trained, models, gap_window(melody(), 0, (2, 4)))
    page = Page(Setting(MELODY, Metre(4, 4), 0, 0, 64), NO_NOTES, 0, 4 * BAR)
    rules = Rules(np.ones(128, bool), 1, np.arange(4 * BAR) % 3 == 0)
    writers = Writers(*models.values())
    chances = [np.random.default_rng(seed) for seed in range(8)]
    times = [draft.notes.time for draft in write(page, chances, writers, rules, cancel=Cancel())]
    # It has heard nothing but quarters: of sixteenths one in four would be on one by chance.
    assert np.mean(np.concatenate(times) % 12 == 0) > 0.7
    lesson = NoteLesson(recipe, songs, examined)
    assert lesson.examples == 8  # Of the one song of chords three tenths are seen.
    with torch.no_grad():
        total, figures = lesson.examine(trained)
    assert total >= figures["melody"] > 0


def _require_agreement(trained, models, window):
    batch = batch_of([window], [Known()])
    none = torch.zeros(0, 1, SHAPE.layers, 2 * SHAPE.part)
    with torch.no_grad():
        hidden, shift, _ = trained.trunk(batch.codes, batch.told, batch.clock, none)
        pitch, mixed = trained.pitch(hidden[0], batch.pitch_codes[0], batch.pitch_told[0])
        length = trained.length(mixed, batch.length_codes[0])
    given = {"codes": batch.codes, "told": batch.told, "clock": batch.clock, "memory": none}
    trunk = _run(models[MODEL], **given)
    assert trunk["shift"] == pytest.approx(shift.numpy(), abs=1e-3)
    heads = _run(
        models[PITCHES],
        hidden=torch.from_numpy(trunk["hidden"][0]),
        codes=batch.pitch_codes[0],
        told=batch.pitch_told[0],
    )
    assert heads["pitch"] == pytest.approx(pitch.numpy(), abs=1e-3)
    found = _run(
        models[LENGTHENS], mixed=torch.from_numpy(heads["mixed"]), codes=batch.length_codes[0]
    )
    assert found["length"] == pytest.approx(length.numpy(), abs=1e-3)


def _run(model, **inputs):
    return model.run({name: each.numpy() for name, each in inputs.items()}, Cancel())
