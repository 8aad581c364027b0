"""Piano rolls: what is drawn where."""

from PIL import Image

from bridge.commands.pianoroll import PANEL_HEIGHT, PANEL_WIDTH, draw_rolls
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_BEAT

BAR = 4 * TICKS_PER_BEAT


def clip(*notes, bars=1, **frame):
    return Clip(tuple(notes), bars * BAR, drums=False, **frame)


def drawn(folder, *clips, **wish):
    file = folder / "new" / "roll.png"
    draw_rolls(clips, file, **wish)
    with Image.open(file) as picture:
        return picture.convert("RGB")


def test_rolls_stand_side_by_side_in_rows(tmp_path):
    one = clip(Note(60, 0, BAR))
    alone = drawn(tmp_path, one)
    many = drawn(tmp_path, *[one] * 6, columns=4, titles=["first", "second"])
    assert PANEL_WIDTH < alone.width < 2 * PANEL_WIDTH
    assert PANEL_HEIGHT < alone.height < 2 * PANEL_HEIGHT
    assert 4 * PANEL_WIDTH < many.width < 5 * PANEL_WIDTH
    assert 2 * PANEL_HEIGHT < many.height < 3 * PANEL_HEIGHT


def test_a_hard_note_is_lighter_than_a_soft_one(tmp_path):
    def lightest(velocity):
        picture = drawn(tmp_path, clip(Note(60, 0, BAR, velocity)))
        return max(sum(colour) for _, colour in picture.crop((50, 40, 380, 220)).getcolors(10**6))

    assert lightest(20) < lightest(70) < lightest(120)


def test_a_higher_note_stands_higher_and_a_later_one_further_right(tmp_path):
    def place(pitch, start):
        picture = drawn(
            tmp_path,
            clip(Note(48, 0, 1, 1), Note(72, 0, 1, 1), Note(pitch, start, TICKS_PER_BEAT, 127)),
        )
        light = [
            (x, y)
            for x in range(60, 400)
            for y in range(40, 220)
            if picture.getpixel((x, y)) == (214, 246, 255)
        ]
        assert light
        return min(light)

    early_low, late_high = place(55, 0), place(65, 2 * TICKS_PER_BEAT)
    assert late_high[0] > early_low[0]
    assert late_high[1] < early_low[1]


def test_a_muted_note_is_empty_and_a_clip_without_notes_is_a_grid(tmp_path):
    empty = drawn(tmp_path, clip())
    muted = drawn(tmp_path, clip(Note(60, 0, BAR, 127, mute=True)))
    loud = drawn(tmp_path, clip(Note(60, 0, BAR, 127)))
    assert muted.tobytes() != empty.tobytes()
    white = (214, 246, 255)
    assert white in {colour for _, colour in loud.getcolors(10**6)}
    assert white not in {colour for _, colour in muted.getcolors(10**6)}


def test_together_a_low_clip_and_a_high_one_show_the_same_keys(tmp_path):
    low, high = clip(Note(36, 0, BAR, 127)), clip(Note(84, 0, BAR, 127), bars=2)
    apart = drawn(tmp_path, low, high, columns=1)
    together = drawn(tmp_path, low, high, columns=1, together=True)
    assert apart.size == together.size
    assert apart.tobytes() != together.tobytes()
