"""A request in, replies out, every fault a reply: the whole pipeline in one thread."""

import logging

import pytest

from bridge.daemon.dispatch import answer
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import GENERAL_MIDI, ROLAND
from bridge.protocol.messages import Done, Fail, Groove, Progress, ToolRequest
from bridge.protocol.wire import take_messages
from bridge.tools.registry import Stage
from tests import tiny_models

BEAT = Clip(tuple(Note(36 + index % 9, index * 5_040, 2_520) for index in range(45)), 45 * 5_040)
KITS = {"general-midi": GENERAL_MIDI, "roland": ROLAND}


def stage_with(folder):
    return Stage(Catalog([folder], provider="cpu"), KITS)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return stage_with(tiny_models.write_tiny_model(tmp_path_factory.mktemp("tiny")))


def answered(request, stage, clips=None, cancel=None, report=lambda _: None):
    clips = {1: BEAT} if clips is None else clips
    return answer(request, clips, stage, cancel=cancel or Cancel(), report=report)


def test_a_request_brings_its_takes_and_a_done(stage):
    replies = answered(Groove(id=5, clip=1, takes=2, seed=7, amount=0), stage)
    takes = [Take(index, 7 + index, BEAT) for index in range(2)]
    assert replies == (
        *take_messages(5, takes[0], 2),
        *take_messages(5, takes[1], 2),
        Done(id=5, takes=2),
    )


def test_the_progress_grows_from_loading_to_sending(stage):
    told = []
    long = Clip(tuple(Note(36, index * 20_160, 2_520) for index in range(600)), 600 * 20_160)
    answered(Groove(id=5, clip=1), stage, {1: long}, report=told.append)
    states = [progress.state for progress in told]
    assert states == sorted(states, key=("loading", "working", "sending").index)
    assert set(states) == {"loading", "working", "sending"}
    worked = [progress.fraction for progress in told if progress.state == "working"]
    assert len(worked) > 1
    assert worked == sorted(worked)
    assert all(isinstance(progress, Progress) and progress.id == 5 for progress in told)


@pytest.mark.parametrize(
    ("write_model", "code"),
    [
        (tiny_models.write_misshapen_model, "model-failed"),
        (tiny_models.write_nan_model, "model-failed"),
        (tiny_models.write_failing_model, "model-failed"),
        (tiny_models.write_unloadable_model, "model-failed"),
        (tiny_models.write_damaged_model, "model-missing"),
        (lambda folder: folder, "model-missing"),
    ],
    ids=["misshapen", "nan", "failing", "unloadable", "damaged", "missing"],
)
def test_a_bad_model_fails_in_words(tmp_path, write_model, code):
    (fail,) = answered(Groove(id=5, clip=1), stage_with(write_model(tmp_path)))
    assert (fail.id, fail.code) == (5, code)
    assert "groove" in fail.text


@pytest.mark.parametrize(
    ("request_", "clips", "code", "words"),
    [
        (Groove(id=5, clip=2), {1: BEAT}, "unknown-clip", "clip 2"),
        (Groove(id=5, clip=1, feel=3), {1: BEAT}, "unknown-clip", "clip 3"),
        (Groove(id=5, clip=1, kit="user"), {1: BEAT}, "bad-request", "--kit-file"),
        (Groove(id=5, clip=1), {1: BEAT.with_notes(())}, "no-notes", "no note"),
        (
            Groove(id=5, clip=1),
            {1: BEAT.with_notes((Note(36, 0, 1, mute=True),))},
            "no-notes",
            "no note",
        ),
        (Groove(id=5, clip=1, feel=2), {1: BEAT, 2: BEAT.with_notes(())}, "no-notes", "feel"),
        (ToolRequest(id=5), {}, "bad-request", "No tool"),
    ],
)
def test_a_request_that_cannot_be_played_fails_in_words(stage, request_, clips, code, words):
    (fail,) = answered(request_, stage, clips)
    assert (fail.id, fail.code) == (5, code)
    assert words in fail.text


def test_a_request_that_was_cancelled_before_it_began_is_not_played(stage):
    cancel = Cancel()
    cancel.cancel()
    (fail,) = answered(Groove(id=5, clip=1), stage, cancel=cancel)
    assert fail.code == "cancelled"


def test_a_request_that_is_cancelled_while_its_takes_are_written_out_is_not_sent(stage):
    cancel = Cancel()

    def report(progress):
        if progress.state == "sending":
            cancel.cancel()

    (fail,) = answered(Groove(id=5, clip=1), stage, cancel=cancel, report=report)
    assert fail.code == "cancelled"


class BrokenKits(dict):
    """A fault that nobody has thought of."""

    def __contains__(self, name):
        raise ZeroDivisionError("a fault in the bridge itself")


def test_a_fault_in_the_bridge_is_a_fail_too_and_the_log_has_it_all(stage, caplog):
    with caplog.at_level(logging.ERROR):
        (fail,) = answered(Groove(id=5, clip=1), Stage(stage.catalog, BrokenKits()))
    assert isinstance(fail, Fail)
    assert (fail.id, fail.code) == (5, "internal")
    assert "a fault in the bridge itself" not in fail.text
    assert "a fault in the bridge itself" in caplog.text
