"""The journal: every line is JSON, music stays out of it, and no disk stops the bridge."""

import io
import json
import logging
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bridge.daemon import journal as journal_module
from bridge.daemon.journal import FIELDS, FILE_NAME, FILES_KEPT, JsonLines, open_journal
from bridge.music.clip import Clip, Note, Take

LOG = logging.getLogger("bridge.daemon.jobs")
SECRET = Clip(notes=(Note(pitch=61, start=0, duration=5040),), length=80_640, name="Heartbreak")


def lines_of(folder):
    text = (folder / FILE_NAME).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def console():
    return Console(file=io.StringIO(), width=200, color_system=None)


def shown(screen):
    return screen.file.getvalue()


def test_an_event_is_one_line_of_json_with_its_fields(tmp_path):
    with open_journal(tmp_path, level="info"):
        LOG.info("A take was made by %s.", "groove", extra={"request": 7, "seconds": 0.25})
    (line,) = lines_of(tmp_path)
    time = datetime.fromisoformat(line.pop("time"))
    assert time.tzinfo == UTC
    assert abs((datetime.now(UTC) - time).total_seconds()) < 60
    assert line == {
        "level": "info",
        "subject": "daemon.jobs",
        "event": "A take was made by groove.",
        "request": 7,
        "seconds": 0.25,
    }


def test_an_error_keeps_its_traceback_on_the_same_line(tmp_path):
    with open_journal(tmp_path, level="info"):
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            LOG.exception("The job failed.", extra={"code": "internal"})
    (line,) = lines_of(tmp_path)
    assert line["code"] == "internal"
    assert line["error"].startswith("Traceback")
    assert line["error"].endswith("ZeroDivisionError: division by zero")


def test_less_than_the_level_is_left_out(tmp_path):
    with open_journal(tmp_path, level="warning"):
        LOG.info("small")
        LOG.warning("large")
    assert [line["event"] for line in lines_of(tmp_path)] == ["large"]


def test_no_note_and_no_clip_is_written_whatever_is_logged(tmp_path):
    take = Take(index=0, seed=1, clip=SECRET)
    screen = console()
    with open_journal(tmp_path, level="debug", screen=screen):
        LOG.info("got %s and %s", SECRET, SECRET.notes)
        LOG.info("got %(clip)s", {"clip": SECRET})
        LOG.info("made", extra={"takes": [take], "notes": SECRET.notes, "clip_name": SECRET.name})
    text = (tmp_path / FILE_NAME).read_text(encoding="utf-8")
    assert [line["event"] for line in lines_of(tmp_path)] == [
        "got <Clip> and <tuple>",
        "got <Clip>",
        "made",
    ]
    for private in ("Heartbreak", "pitch", "5040"):
        assert private not in text
        assert private not in shown(screen)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [("%d takes", (SECRET,)), ("%s %s", ("one",)), ("%(missing)s", ({"there": 1},)), ("%y", (1,))],
)
def test_a_slip_in_a_log_call_costs_its_arguments_only(text, arguments):
    record = logging.LogRecord("bridge.osc", logging.INFO, "", 0, text, arguments, None)
    assert json.loads(JsonLines().format(record))["event"] == text


def test_numbers_of_every_make_become_plain_json(tmp_path):
    with open_journal(tmp_path, level="info"):
        LOG.info(
            "numbers",
            extra={"request": np.int32(3), "seconds": np.float32(0.5), "count": math.inf},
        )
    (line,) = lines_of(tmp_path)
    assert (line["request"], line["seconds"], line["count"]) == (3, 0.5, "inf")


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(),
    value=st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.binary()),
    field=st.sampled_from(FIELDS),
)
def test_whatever_is_logged_is_one_line_that_any_reader_of_json_reads(text, value, field):
    record = logging.LogRecord("bridge.osc", logging.INFO, "", 0, text, (), None)
    setattr(record, field, value)
    line = JsonLines().format(record)
    assert "\n" not in line
    read = json.loads(line, parse_constant=pytest.fail)
    assert read["event"] == text
    assert field in read


def test_no_field_is_one_that_logging_sets_itself():
    assert not set(FIELDS) & set(vars(logging.makeLogRecord({})))


def test_half_a_character_does_not_stop_the_file(tmp_path):
    with open_journal(tmp_path, level="info"):
        LOG.info("half \udc80 a character")
    assert "half" in (tmp_path / FILE_NAME).read_text(encoding="utf-8")


def test_the_screen_gets_short_lines_without_the_traceback(tmp_path):
    screen = console()
    with open_journal(tmp_path, level="info", screen=screen):
        try:
            raise ValueError("too loud")
        except ValueError:
            LOG.exception("The job [bold]failed.", extra={"request": 7})
    text = shown(screen)
    assert "The job [bold]failed. (request 7) [ValueError: too loud]" in text
    assert "ERROR" in text
    assert "Traceback" not in text


def test_the_file_is_rotated_and_the_oldest_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "FILE_BYTES", 400)
    with open_journal(tmp_path, level="info"):
        for count in range(100):
            LOG.info("Something happened.", extra={"count": count})
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [FILE_NAME, *(f"{FILE_NAME}.{number}" for number in range(1, FILES_KEPT))]
    assert lines_of(tmp_path)[-1]["count"] == 99
    assert all(path.stat().st_size <= 400 for path in tmp_path.iterdir())


def test_a_file_that_cannot_be_renamed_grows_and_loses_no_line(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "FILE_BYTES", 400)

    def refuse(*_):
        raise PermissionError("another program reads the file")

    monkeypatch.setattr(Path, "replace", refuse)
    warnings = console()
    with open_journal(tmp_path, level="info", warnings=warnings):
        for count in range(10):
            LOG.info("Something happened.", extra={"count": count})
    assert [line["count"] for line in lines_of(tmp_path)] == list(range(10))
    assert shown(warnings) == ""


def test_a_folder_that_cannot_be_made_costs_one_warning_and_not_the_bridge(tmp_path):
    (tmp_path / "file").touch()
    screen = console()
    with open_journal(tmp_path / "file" / "logs", level="info", screen=screen) as journal:
        LOG.info("The bridge listens.")
        LOG.info("It goes on.")
        assert journal.file is None
    text = shown(screen)
    assert text.count("The log cannot be written to") == 1
    assert "--log-folder" in text
    assert "It goes on." in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the disk that is always full")
def test_a_full_disk_costs_one_warning_and_not_the_bridge(tmp_path, capsys):
    (tmp_path / FILE_NAME).symlink_to("/dev/full")
    warnings = console()
    with open_journal(tmp_path, level="info", warnings=warnings):
        for _ in range(5):
            LOG.info("Something happened.")
    assert shown(warnings).count("The log cannot be written to") == 1
    assert capsys.readouterr().err == ""


def test_a_folder_with_spaces_and_signs_of_every_language_is_written(tmp_path):
    folder = tmp_path / "Ton träger" / "[鼓] №1 !"
    with open_journal(folder, level="info") as journal:
        LOG.info("Grüße, 鼓")
        assert journal.file == folder / FILE_NAME
    assert lines_of(folder)[0]["event"] == "Grüße, 鼓"


def test_after_closing_nothing_is_written_and_logging_is_as_before(tmp_path):
    root = logging.getLogger("bridge")
    before = (root.level, tuple(root.handlers))
    journal = open_journal(tmp_path, level="debug")
    LOG.debug("in")
    journal.close()
    journal.close()
    LOG.error("out")
    assert (root.level, tuple(root.handlers)) == before
    assert [line["event"] for line in lines_of(tmp_path)] == ["in"]
