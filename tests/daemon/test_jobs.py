"""The queue: order, replacement, cancels, deadlines, dead workers; and one end for every job."""

import contextlib
import itertools
import queue
import threading
import time

import numpy as np
import pytest

from bridge.daemon.jobs import GLANCE_S, HEARTBEAT_S, PATIENCE_S, Job, Jobs
from bridge.errors import BusyError, CancelledError
from bridge.music.clip import Clip, Note, Take
from bridge.protocol.messages import Done, Fail, Groove, Progress
from bridge.protocol.wire import take_messages
from tests.daemon.running import LIMIT_S
from tests.fakes import IDLE, Agency, FakeWorker, ManualClock

BEAT = Clip((Note(36, 0, 5_040),), 80_640)
CLIPS = {1: BEAT}
DEADLINE_S = 60.0


class Record:
    """All that was delivered, in order; a test can wait for what it needs."""

    def __init__(self):
        self._changed = threading.Condition()
        self._delivered = []

    def __call__(self, job, reply):
        with self._changed:
            self._delivered.append((time.monotonic(), job, reply))
            self._changed.notify_all()

    def of(self, job):
        with self._changed:
            return [reply for _, to, reply in self._delivered if to is job]

    def times(self, job):
        with self._changed:
            return [when for when, to, _ in self._delivered if to is job]

    def ends(self, job):
        return [reply for reply in self.of(job) if isinstance(reply, Done | Fail)]

    def until(self, holds):
        with self._changed:
            assert self._changed.wait_for(holds, LIMIT_S)

    def end_of(self, job):
        self.until(lambda: self.ends(job))
        (end,) = self.ends(job)
        return end


class Bench:
    """A queue with fake workers and a clock that a test moves."""

    def __init__(self, make=FakeWorker, **choices):
        self.clock = ManualClock()
        self.record = Record()
        self.agency = Agency(make)
        choices = {"deadline_s": DEADLINE_S, "size": 4, "clock": self.clock} | choices
        self.jobs = Jobs(self.agency, self.record, **choices)
        self.ids = itertools.count(1)
        self._latest = None

    def worker(self):
        return self.agency.hired.get(timeout=LIMIT_S)

    def latest_worker(self):
        """The worker that was hired last."""
        with contextlib.suppress(queue.Empty):
            self._latest = self.agency.hired.get(timeout=0 if self._latest else LIMIT_S)
        return self._latest

    def job(self, client=1, amount=50.0):
        return Job(client, Groove(id=next(self.ids), clip=1, takes=1, amount=amount), CLIPS)

    def submitted(self, client=1, amount=50.0):
        job = self.job(client, amount)
        self.jobs.submit(job)
        return job

    def running(self, worker, client=1):
        """A job that is played now."""
        job = self.submitted(client)
        assert worker.begun.get(timeout=LIMIT_S) == (job.request, CLIPS)
        return job

    def works(self):
        """Whether the next job is played to its end."""
        return self.record.end_of(self.submitted(client=99, amount=0)) == Done(
            id=next(self.ids) - 1, takes=1
        )


@pytest.fixture
def bench():
    with closing_bench() as made:
        yield made


@contextlib.contextmanager
def closing_bench(**choices):
    made = Bench(**choices)
    try:
        yield made
    finally:
        made.jobs.close()


def test_jobs_are_played_one_at_a_time_in_the_order_in_which_they_came(bench):
    worker = bench.worker()
    first = bench.running(worker)
    others = [bench.submitted(client) for client in (2, 3)]
    assert worker.begun.empty()
    worker.finish(first.request, BEAT)
    for job in others:
        assert worker.begun.get(timeout=LIMIT_S)[0] == job.request
        assert bench.jobs.running is job
        worker.finish(job.request, BEAT)
        assert isinstance(bench.record.end_of(job), Done)
    assert bench.agency.hired.empty()


def test_a_job_is_told_how_many_come_before_it(bench):
    worker = bench.worker()
    first = bench.running(worker)
    positions = [bench.jobs.submit(bench.job(client)) for client in (2, 3, 4)]
    assert positions == [1, 2, 3]
    assert bench.jobs.waiting == 3
    assert bench.jobs.position(1, first.request.id) == 0
    assert bench.jobs.position(3, 3) == 2
    assert bench.jobs.position(3, 99) is None
    assert bench.jobs.position(99, 3) is None


def test_takes_are_passed_on_as_the_worker_gave_them(bench):
    job = bench.submitted(amount=0)
    end = bench.record.end_of(job)
    takes = take_messages(job.request.id, Take(0, 0, BEAT), 1)
    assert [reply for reply in bench.record.of(job) if not isinstance(reply, Progress)] == [
        *takes,
        end,
    ]
    bench.record.until(lambda: bench.jobs.worker_status == IDLE)


def test_a_newer_request_of_the_same_client_takes_the_place_of_its_queued_one(bench):
    worker = bench.worker()
    running = bench.running(worker, client=1)
    older, other = bench.submitted(client=1), bench.submitted(client=2)
    newer = bench.job(client=1)
    assert bench.jobs.submit(newer) == 2
    (failed,) = bench.record.ends(older)
    assert (failed.id, failed.code) == (older.request.id, "cancelled")
    assert "newer" in failed.text
    assert bench.record.ends(running) == bench.record.ends(other) == []
    worker.finish(running.request, BEAT)
    assert worker.begun.get(timeout=LIMIT_S)[0] == other.request


def test_a_queue_that_is_full_refuses_all_but_who_waits_already(bench):
    bench.running(bench.worker())
    for client in (2, 3, 4, 5):
        bench.submitted(client)
    with pytest.raises(BusyError, match="4 requests"):
        bench.submitted(client=6)
    bench.submitted(client=5)
    assert bench.jobs.waiting == 4


def test_a_queued_job_that_is_cancelled_ends_at_once(bench):
    worker = bench.worker()
    running = bench.running(worker)
    job = bench.submitted(client=2)
    assert bench.jobs.cancel(2, job.request.id)
    assert [end.code for end in bench.record.ends(job)] == ["cancelled"]
    assert not bench.jobs.cancel(2, job.request.id)
    worker.finish(running.request, BEAT)
    assert bench.works()
    assert len(bench.record.ends(job)) == 1


def test_a_running_job_that_is_cancelled_ends_and_its_worker_plays_the_next(bench):
    worker = bench.worker()
    job = bench.running(worker)
    assert bench.jobs.cancel(1, job.request.id)
    assert bench.record.end_of(job).code == "cancelled"
    assert worker.cancels.get(timeout=LIMIT_S) == job.request.id
    assert bench.works()
    assert bench.agency.hired.empty()
    assert len(bench.record.ends(job)) == 1


def test_nobody_can_cancel_the_job_of_another(bench):
    worker = bench.worker()
    job = bench.running(worker, client=1)
    assert not bench.jobs.cancel(2, job.request.id)
    assert not bench.jobs.cancel(1, job.request.id + 1)
    worker.finish(job.request, BEAT)
    assert isinstance(bench.record.end_of(job), Done)


def test_all_jobs_of_a_client_can_be_cancelled_together(bench):
    running = bench.running(bench.worker(), client=1)
    waiting, other = bench.submitted(client=1), bench.submitted(client=2)
    assert bench.jobs.cancel(1)
    assert bench.record.end_of(running).code == "cancelled"
    assert bench.record.end_of(waiting).code == "cancelled"
    assert bench.record.ends(other) == []


def test_a_done_that_comes_after_the_cancel_is_not_passed_on():
    with closing_bench(make=lambda: FakeWorker(is_deaf=True)) as bench:
        worker = bench.worker()
        job = bench.running(worker)
        bench.jobs.cancel(1, job.request.id)
        worker.cancels.get(timeout=LIMIT_S)
        worker.finish(job.request, BEAT)
        assert bench.works()
        assert [end.code for end in bench.record.ends(job)] == ["cancelled"]
        assert bench.agency.hired.empty()


def test_a_worker_that_does_not_stop_when_it_is_asked_to_is_ended():
    with closing_bench(make=lambda: FakeWorker(is_deaf=True)) as bench:
        worker = bench.worker()
        job = bench.running(worker)
        bench.jobs.cancel(1, job.request.id)
        assert bench.record.end_of(job).code == "cancelled"  # At once, not when it stops.
        assert worker.is_alive
        bench.clock.advance(PATIENCE_S + 0.1)
        assert bench.works()
        assert not worker.is_alive
        assert worker.is_closed
        assert len(bench.record.ends(job)) == 1


def test_a_job_that_takes_too_long_is_given_up(bench):
    worker = bench.worker()
    job = bench.running(worker)
    bench.clock.advance(DEADLINE_S - 1)
    bench.record.until(lambda: bench.record.of(job))
    assert bench.record.ends(job) == []
    bench.clock.advance(2)
    end = bench.record.end_of(job)
    assert end.code == "timeout"
    assert "60 seconds" in end.text
    assert worker.cancels.get(timeout=LIMIT_S) == job.request.id
    assert bench.works()


def test_the_time_in_the_queue_does_not_count_against_the_deadline(bench):
    worker = bench.worker()
    first = bench.running(worker)
    second = bench.submitted(client=2)
    bench.clock.advance(DEADLINE_S - 1)
    worker.finish(first.request, BEAT)
    assert worker.begun.get(timeout=LIMIT_S)[0] == second.request
    bench.clock.advance(DEADLINE_S - 1)
    worker.finish(second.request, BEAT)
    assert isinstance(bench.record.end_of(second), Done)


def test_takes_that_are_on_their_way_are_not_given_up(bench):
    worker = bench.worker()
    job = bench.running(worker)
    pieces = take_messages(job.request.id, Take(0, 0, BEAT), 1)
    worker.say(Progress(id=job.request.id, fraction=1.0, state="sending"))
    for piece in pieces:
        bench.clock.advance(DEADLINE_S - 1)
        worker.say(piece)
        bench.record.until(lambda piece=piece: piece in bench.record.of(job))
    worker.say(Done(id=job.request.id, takes=1), IDLE)
    assert isinstance(bench.record.end_of(job), Done)


def test_a_worker_that_dies_costs_one_job(bench):
    worker = bench.worker()
    job = bench.running(worker)
    waiting = bench.submitted(client=2, amount=0)
    worker.kill()
    end = bench.record.end_of(job)
    assert end.code == "model-failed"
    assert "doctor" in end.text
    assert isinstance(bench.record.end_of(waiting), Done)
    assert worker.is_closed
    assert len(bench.record.ends(job)) == 1


def test_a_worker_that_dies_after_its_last_word_costs_nothing(bench):
    worker = bench.worker()
    job = bench.running(worker)
    worker.say(Done(id=job.request.id, takes=1))
    bench.record.end_of(job)
    worker.kill()
    assert bench.works()
    assert bench.record.ends(job) == [Done(id=job.request.id, takes=1)]


def test_a_worker_that_falls_silent_after_its_last_word_is_ended(bench):
    worker = bench.worker()
    job = bench.running(worker)
    worker.say(Done(id=job.request.id, takes=1))
    bench.record.end_of(job)
    bench.clock.advance(PATIENCE_S + 0.1)
    assert bench.works()
    assert not worker.is_alive


def test_a_worker_that_died_while_it_had_nothing_to_do_costs_nothing(bench):
    first = bench.worker()
    first.kill()
    assert bench.works()
    assert first.is_closed
    assert bench.worker() is not first


def test_a_worker_that_is_free_without_having_said_an_end_ends_the_job(bench):
    worker = bench.worker()
    job = bench.running(worker)
    worker.say(IDLE)
    assert bench.record.end_of(job).code == "model-failed"
    assert bench.works()


def test_where_no_worker_can_be_had_jobs_fail_until_one_can(bench):
    bench.worker().kill()
    bench.agency.is_shut = True
    end = bench.record.end_of(bench.submitted())
    assert end.code == "model-failed"
    assert "system" in end.text
    bench.agency.is_shut = False
    assert bench.works()


def test_a_silent_worker_does_not_make_the_queue_silent(bench):
    worker = bench.worker()
    job = bench.running(worker)
    waiting = bench.submitted(client=2)
    told = Progress(id=job.request.id, fraction=0.25, state="working")
    worker.say(told)
    bench.record.until(lambda: told in bench.record.of(job))
    for beats in range(2, 5):
        bench.clock.advance(1.1 * HEARTBEAT_S)
        bench.record.until(lambda beats=beats: bench.record.of(job).count(told) >= beats)
    queued = Progress(id=waiting.request.id, fraction=0.0, state="queued")
    bench.record.until(lambda: bench.record.of(waiting).count(queued) >= 2)


def test_progress_comes_at_least_every_250_ms():
    with closing_bench(clock=time.monotonic) as bench:
        worker = bench.worker()
        job, waiting = bench.running(worker), bench.submitted(client=2)
        bench.record.until(
            lambda: min(len(bench.record.of(job)), len(bench.record.of(waiting))) >= 7
        )
        for told in (job, waiting):
            times = bench.record.times(told)
            assert np.median(np.diff(times)) < 0.25  # One may be late on a busy machine.


def test_closing_ends_every_job_and_the_worker():
    bench = Bench()
    worker = bench.worker()
    jobs = [bench.running(worker), *(bench.submitted(client) for client in (2, 3))]
    bench.jobs.close()
    for job in jobs:
        (end,) = bench.record.ends(job)
        assert (end.code, end.text) == ("cancelled", "The bridge was stopped.")
    assert worker.is_closed
    assert bench.agency.hired.empty()
    with pytest.raises(CancelledError):
        bench.submitted()


def test_closing_does_not_wait_for_a_worker_that_hangs():
    bench = Bench(make=lambda: FakeWorker(is_deaf=True))
    worker = bench.worker()
    job = bench.running(worker)
    closing = threading.Thread(target=bench.jobs.close, daemon=True)
    closing.start()
    assert bench.record.end_of(job).code == "cancelled"
    bench.clock.advance(PATIENCE_S + 0.1)
    closing.join(LIMIT_S)
    assert not closing.is_alive()
    assert worker.is_closed
    assert bench.agency.hired.empty()


@pytest.mark.parametrize("seed", range(6))
def test_every_job_has_exactly_one_end_whatever_happens(seed):
    """Clients ask and cancel at random while workers play, hang, talk and die at random."""
    chance = np.random.default_rng(seed)
    bench = Bench(make=lambda: FakeWorker(is_deaf=bool(chance.integers(2))), size=3)
    jobs, refused = [], []
    for _ in range(150):
        client = int(chance.integers(1, 6))
        match int(chance.integers(10)):
            case 0 | 1 | 2 | 3:
                job = bench.job(client, float(chance.choice([0, 50])))
                try:
                    bench.jobs.submit(job)
                    jobs.append(job)
                except BusyError:
                    refused.append(job)
            case 4:
                bench.jobs.cancel(client)
            case 5 if jobs:
                chosen = jobs[int(chance.integers(len(jobs)))]
                bench.jobs.cancel(chosen.client, chosen.request.id)
            case 6:
                bench.clock.advance(float(chance.choice([HEARTBEAT_S, PATIENCE_S, DEADLINE_S])))
            case _:
                do_something(bench.latest_worker(), bench.jobs.running, chance)
    closing = threading.Thread(target=bench.jobs.close, daemon=True)
    closing.start()
    for job in jobs:
        bench.record.end_of(job)
    # A deaf worker is waited for by the clock, which may have to go on after the last end.
    for _ in range(int(LIMIT_S / GLANCE_S)):
        bench.clock.advance(PATIENCE_S + 0.1)
        closing.join(GLANCE_S)
        if not closing.is_alive():
            break
    assert not closing.is_alive()
    assert len(jobs) > 30
    assert all(len(bench.record.ends(job)) == 1 for job in jobs)
    assert not any(bench.record.of(job) for job in refused)


def do_something(worker, running, chance):
    match int(chance.integers(4)), running:
        case 0, _:
            worker.kill()
        case _, None:
            pass
        case 1, _:
            worker.say(Progress(id=running.request.id, fraction=0.5, state="working"))
        case _:
            worker.finish(running.request, BEAT)
