"""Issue 2: faults that were met while the daemon was proved. One test a fault.

A clip with a note on the last tick there is (2,147,483,647): ``/bridge/groove`` with an amount
above 0 ended in a fail with the code ``internal``, since the edges that notes are kept between left
that tick out.
"""

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.music.clip import MAX_TICK, Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.protocol.messages import Groove
from bridge.tools.groove import play_groove
from tests.tiny_models import write_tiny_model


def test_a_note_on_the_last_tick_is_played(tmp_path):
    model = Catalog([write_tiny_model(tmp_path)], provider="cpu").load("groove")
    clip = Clip((Note(36, 0, 1), Note(36, MAX_TICK, 1)), 80_640)
    (take,) = play_groove(
        Groove(id=2, clip=1, takes=1),
        clip,
        None,
        GENERAL_MIDI,
        model,
        cancel=Cancel(),
        report=lambda _: None,
    )
    assert 0 <= take.clip.notes[0].start < 80_640
    assert MAX_TICK - 5_040 < take.clip.notes[1].start <= MAX_TICK
