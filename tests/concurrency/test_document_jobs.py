"""The worker of documents dies between any two of its steps, and two of them meet: one result, one draft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest

from salon.intake.documents.errors import EngineUnavailable
from salon.intake.domain import JobStatus
from support.intake_line import IntakeLine, Killed

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
MOST_DOORS = 60
MEET_WITHIN_S = 1.0


@pytest.fixture
def line(database, tenant_id, clock):
    return IntakeLine(database, tenant_id, clock)


def outcome(line, job_id):
    job = line.job(job_id)
    drafts = line.count(f"audit_log WHERE action = 'draft.made' AND subject_id = '{job_id}'")
    results = line.count(f"results WHERE job_id = '{job_id}'")
    told = [fact for fact in line.facts("job.done") if fact["job_id"] == str(job_id)]
    return job.status, results, drafts, len(told)


def test_it_may_die_at_every_door(line):
    """Each round is another file; the worker dies at the next door of its way, and the sweep has others go on."""
    doors = line.count_doors()
    died = 0
    for door in range(1, MOST_DOORS):
        announced = line.hand_in(b"\xff\xd8\xff" + bytes([door]))
        doors.reset(die_at=door)
        try:
            line.worker.arrived(line.tenant_id, announced.upload_id)
        except Killed:
            died += 1
        else:
            break
        doors.reset()
        if line.count(f"uploads WHERE id = '{announced.upload_id}' AND status = 'expected'"):
            line.worker.arrived(line.tenant_id, announced.upload_id)  # it was never noted: the trigger tells it again
        line.settle(2)
        assert outcome(line, announced.job_id) == (JobStatus.DONE, 1, 1, 1), f"door {door}"
    assert died == doors.passed >= 12  # arrival, claim, contents, progress, preview, result: before and after each


def test_it_may_die_at_every_door_of_its_last_attempt(line):
    """A job that is given up is dead-lettered, whatever happens in between."""
    doors = line.count_doors()
    for door in range(1, MOST_DOORS):
        doors.reset()
        announced = line.hand_in(b"\xff\xd8\xff" + bytes([door]))
        line.reader.failures = [EngineUnavailable("no data")] * 3
        line.worker.arrived(line.tenant_id, announced.upload_id)
        line.settle(1)
        assert line.job(announced.job_id).attempts == 2
        letters = len(line.dead.bodies)
        line.clock.advance(timedelta(minutes=6))
        doors.reset(die_at=door)
        try:
            line.worker(line.tenant_id, announced.job_id)
        except Killed:
            doors.reset()
            line.settle(3)
        else:
            break
        job = line.job(announced.job_id)
        assert (job.status, job.attempts) == (JobStatus.FAILED, 3), f"door {door}"
        assert len(line.dead.bodies) - letters in {1, 2}, f"door {door}"  # sent, and its note perhaps lost
        assert len([fact for fact in line.facts("job.failed") if fact["job_id"] == str(job.id)]) == 1
    assert door > 4


def read_together(line):
    announced = line.hand_in()
    together = Barrier(2)

    def meet():
        with suppress(BrokenBarrierError):  # the other one does not read
            together.wait(MEET_WITHIN_S)

    line.reader.while_reading = meet
    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(lambda _: line.worker.arrived(line.tenant_id, announced.upload_id), range(2)))
    return announced, statuses, len(line.reader.seen)


def test_two_workers_at_once_read_once(line):
    announced, statuses, times = read_together(line)
    assert (statuses, times) == ([JobStatus.DONE, JobStatus.PROCESSING], 1)
    assert outcome(line, announced.job_id) == (JobStatus.DONE, 1, 1, 1)


def test_the_same_without_a_lease_reads_twice_and_keeps_one(line):
    """The negative control: the second one does get in where no lease keeps it out."""
    line.lease = timedelta(seconds=-1)
    announced = line.hand_in()

    def meanwhile():
        line.reader.while_reading = lambda: None
        assert line.worker(line.tenant_id, announced.job_id) is JobStatus.DONE

    line.reader.while_reading = meanwhile
    line.worker.arrived(line.tenant_id, announced.upload_id)
    assert len(line.reader.seen) == 2
    assert outcome(line, announced.job_id) == (JobStatus.DONE, 1, 1, 1)


def test_equal_files_at_once_are_one_job(line):
    files = [line.hand_in() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: line.worker.arrived(line.tenant_id, one.upload_id), files))
    jobs = [line.job(one.job_id) for one in files]
    assert {job.status for job in jobs} == {JobStatus.DONE}
    assert len([job for job in jobs if job.same_as is None]) == 1
    assert (len({job.result_id for job in jobs}), len(line.reader.seen)) == (1, 1)
    assert len(line.facts("job.done")) == 4
