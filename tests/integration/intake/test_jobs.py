"""A job from the announcement of its file to its result: duplicates, disorder, refusals, retries, expiry."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from salon.intake import repository
from salon.intake.documents.domain import Limits
from salon.intake.documents.errors import DocumentEncrypted, EngineUnavailable
from salon.intake.domain import JobStatus, Reason, Stage
from salon.intake.errors import JobHasNoFile, JobNotFailed
from salon.intake.use_cases.jobs import list_jobs, retry_job
from salon.platform.ids import new_id
from salon.platform.metrics import JOB_ATTEMPTS, JOB_COST_MICROS, JOB_DURATION_MS
from support.intake_line import CLERK, PHOTO, PREVIEW, IntakeLine, invoice

pytestmark = pytest.mark.database


@pytest.fixture
def line(database, tenant_id, clock):
    return IntakeLine(database, tenant_id, clock)


def arrive(line, announced):
    return line.worker.arrived(line.tenant_id, announced.upload_id)


def retry(line, job_id):
    with line.database.transaction(line.tenant_id) as session:
        return retry_job(session, job_id, actor=CLERK, now=line.clock.now())


def test_a_photo_becomes_a_result_and_a_draft(line):
    announced = line.hand_in()
    waiting = line.job(announced.job_id)
    assert (waiting.status, waiting.stage, waiting.file_name) == (JobStatus.QUEUED, Stage.WAITING, "Накладная.jpg")

    assert arrive(line, announced) is JobStatus.DONE

    job = line.job(announced.job_id)
    assert (job.status, job.progress, job.attempts, job.reason_code) == (JobStatus.DONE, 100, 1, None)
    with line.database.read(line.tenant_id) as session:
        result = repository.get_result(session, job.result_id)
    assert result.document == invoice()
    assert [one["item_name"] for one in result.predictions] == ["Краска 1 60 мл", "Краска 2 60 мл"]
    assert (result.model, result.model_version, result.page_count) == ("stock_item", "1", 1)
    assert line.storage.objects[f"previews/{line.tenant_id}/{job.id}/0.jpg"].data == PREVIEW
    assert line.count("audit_log WHERE action = 'draft.made'") == 1
    (fact,) = line.facts("job.done")
    assert (fact["job_id"], fact["result_id"], fact["lines"]) == (str(job.id), str(job.result_id), 2)
    assert line.metrics.total(JOB_ATTEMPTS, outcome="done") == 1
    assert {one.name for one in line.metrics.recorded} >= {JOB_DURATION_MS, JOB_COST_MICROS}


def test_progress_is_seen_while_it_is_worked_on(line):
    announced = line.hand_in()
    seen = []
    line.reader.while_reading = lambda: seen.append(line.job(announced.job_id))
    arrive(line, announced)
    (during,) = seen
    assert (during.status, during.stage) == (JobStatus.PROCESSING, Stage.READING)
    assert 40 < during.progress < 60


def test_an_arrival_that_is_told_twice_is_read_once(line):
    announced = line.hand_in()
    assert [arrive(line, announced) for _ in range(3)] == [JobStatus.DONE] * 3
    assert len(line.reader.seen) == 1
    assert len(line.facts("job.done")) == 1


def test_an_event_that_comes_before_the_announcement_makes_the_rows_itself(line):
    upload_id, chat = new_id(), new_id()
    line.put(upload_id)
    assert line.worker.arrived(line.tenant_id, upload_id) is JobStatus.DONE
    announced = line.announce(upload_id=upload_id, conversation_id=chat)
    assert line.job(announced.job_id).status is JobStatus.DONE
    assert line.count("uploads") == line.count("jobs") == 1
    with line.database.read(line.tenant_id) as session:
        upload = repository.get_upload(session, upload_id)
        assert (upload.conversation_id, upload.actor_id) == (chat, CLERK.id)


def test_the_same_file_twice_is_one_job(line):
    first, second, third = line.hand_in(), line.hand_in(), line.hand_in()
    assert arrive(line, first) is JobStatus.DONE
    assert arrive(line, second) is JobStatus.DONE
    one, two = line.job(first.job_id), line.job(second.job_id)
    assert (two.same_as, two.result_id) == (one.id, one.result_id)
    assert len(line.reader.seen) == 1
    assert line.count("results") == line.count("audit_log WHERE action = 'draft.made'") == 1
    assert [fact["same_as"] for fact in line.facts("job.done")] == [None, str(one.id)]

    line.put(third.upload_id, PHOTO + b" of another delivery")
    arrive(line, third)
    assert line.job(third.job_id).same_as is None
    assert line.count("results") == 2


def test_a_copy_that_comes_while_the_first_is_read_hears_of_its_end(line):
    first, second = line.hand_in(), line.hand_in()

    def meanwhile():
        line.reader.while_reading = lambda: None
        arrive(line, second)
        copy = line.job(second.job_id)
        assert (copy.same_as, copy.status, copy.result_id) == (first.job_id, JobStatus.PROCESSING, None)

    line.reader.while_reading = meanwhile
    arrive(line, first)
    assert len(line.reader.seen) == 1
    assert {fact["job_id"] for fact in line.facts("job.done")} == {str(first.job_id), str(second.job_id)}
    assert line.job(second.job_id).result_id == line.job(first.job_id).result_id is not None


def test_a_copy_fails_with_its_first_and_is_tried_again_with_it(line):
    first, second = line.hand_in(), line.hand_in()
    line.reader.failures = [DocumentEncrypted()]
    line.reader.while_reading = lambda: arrive(line, second)
    arrive(line, first)
    assert {line.job(one.job_id).reason_code for one in (first, second)} == {"DOCUMENT_ENCRYPTED"}
    assert len(line.facts("job.failed")) == 2
    line.reader.while_reading = lambda: None
    assert retry(line, second.job_id) == first.job_id
    line.worker(line.tenant_id, first.job_id)
    assert line.job(second.job_id).status is JobStatus.DONE


def test_a_refusal_fails_at_once(line):
    announced = line.hand_in()
    line.reader.failures = [DocumentEncrypted()]
    assert arrive(line, announced) is JobStatus.FAILED
    job = line.job(announced.job_id)
    assert (job.attempts, job.reason_code, job.result_id) == (1, "DOCUMENT_ENCRYPTED", None)
    assert (line.queue.bodies, line.dead.bodies) == ([], [])
    assert [fact["reason_code"] for fact in line.facts("job.failed")] == ["DOCUMENT_ENCRYPTED"]
    line.settle()
    assert len(line.reader.seen) == 1


def test_a_file_that_is_too_large_is_not_read(line):
    announced = line.hand_in(b"x" * (Limits().max_bytes + 1))
    assert arrive(line, announced) is JobStatus.FAILED
    assert (line.job(announced.job_id).reason_code, line.reader.seen) == ("DOCUMENT_TOO_LARGE", [])


def test_other_contents_than_stated_are_refused(line):
    announced = line.announce(PHOTO)
    line.put(announced.upload_id, b"something else")
    assert arrive(line, announced) is JobStatus.FAILED
    assert line.job(announced.job_id).reason_code == "FILE_NOT_AS_STATED"
    assert line.count("uploads WHERE status = 'refused'") == 1
    with pytest.raises(JobHasNoFile):
        retry(line, announced.job_id)


def test_three_attempts_in_all_then_a_dead_letter(line):
    announced = line.hand_in()
    line.reader.failures = [EngineUnavailable("no data"), RuntimeError("a bug"), EngineUnavailable("no data")]
    assert arrive(line, announced) is JobStatus.QUEUED
    assert [entry.delay_s for entry in line.queue.waiting] == [30]
    assert arrive(line, announced) is JobStatus.QUEUED  # told again: it is not due yet
    assert len(line.reader.seen) == 1

    line.clock.advance(timedelta(seconds=30))
    line.drain()
    assert [entry.delay_s for entry in line.queue.waiting] == [180]
    line.clock.advance(timedelta(seconds=180))
    line.drain()

    job = line.job(announced.job_id)
    assert (job.status, job.attempts, job.reason_code) == (JobStatus.FAILED, 3, "ENGINE_UNAVAILABLE")
    (letter,) = line.dead.bodies
    assert (letter["job_id"], letter["reason_code"]) == (str(job.id), "ENGINE_UNAVAILABLE")
    assert len(line.facts("job.failed")) == 1
    line.settle()
    assert (len(line.reader.seen), len(line.dead.bodies)) == (3, 1)


def test_a_dead_letter_that_is_sent_back_begins_again_once(line):
    announced = line.hand_in()
    line.reader.failures = [RuntimeError("a bug")] * 6
    arrive(line, announced)
    line.settle()
    failed_at = line.job(announced.job_id).done_at
    worker = line.worker
    worker(line.tenant_id, announced.job_id, failed_at=failed_at)
    line.settle()
    assert line.job(announced.job_id).attempts == 3
    assert worker(line.tenant_id, announced.job_id, failed_at=failed_at) is JobStatus.FAILED  # an old letter
    assert len(line.reader.seen) == 6
    second = line.job(announced.job_id).done_at
    assert worker(line.tenant_id, announced.job_id, failed_at=second) is JobStatus.DONE


def test_a_failed_job_is_tried_again_by_a_person(line):
    announced = line.hand_in()
    line.reader.failures = [DocumentEncrypted()]
    arrive(line, announced)
    retry(line, announced.job_id)
    again = line.job(announced.job_id)
    assert (again.status, again.attempts, again.reason_code) == (JobStatus.QUEUED, 0, None)
    line.settle(2)  # nobody told the worker: the sweep does
    assert line.job(announced.job_id).status is JobStatus.DONE
    with pytest.raises(JobNotFailed):
        retry(line, announced.job_id)


def test_what_was_overwritten_between_two_attempts_is_not_taken_for_the_first(line):
    announced = line.hand_in()
    line.reader.failures = [RuntimeError("a bug")]
    arrive(line, announced)
    line.put(announced.upload_id, b"another invoice")
    line.settle(2)
    assert line.job(announced.job_id).reason_code == "FILE_CHANGED"


def test_a_file_that_never_comes_expires_and_is_taken_when_it_comes_late(line):
    announced = line.announce()
    line.clock.advance(timedelta(minutes=16))
    assert line.sweep().expired == 0  # a last moment's event may be under way
    line.clock.advance(timedelta(minutes=2))
    assert line.sweep().expired == 1
    job = line.job(announced.job_id)
    assert (job.status, job.reason_code) == (JobStatus.FAILED, Reason.UPLOAD_EXPIRED)
    assert line.sweep().expired == 0
    assert (line.dead.bodies, len(line.facts("job.failed"))) == ([], 1)
    with pytest.raises(JobHasNoFile):
        retry(line, announced.job_id)

    line.put(announced.upload_id)
    assert arrive(line, announced) is JobStatus.DONE


def test_a_worker_that_outlives_its_lease_keeps_nothing(line):
    announced = line.hand_in()

    def overtaken():
        line.reader.while_reading = lambda: None
        line.clock.advance(line.lease + timedelta(minutes=1))
        line.sweep()
        line.drain()

    line.reader.while_reading = overtaken
    assert arrive(line, announced) is JobStatus.DONE
    job = line.job(announced.job_id)
    assert (job.status, job.attempts, len(line.reader.seen)) == (JobStatus.DONE, 2, 2)
    assert line.count("results") == line.count("audit_log WHERE action = 'draft.made'") == 1
    assert len(line.facts("job.done")) == 1


def test_a_draft_that_cannot_be_made_keeps_the_result_from_being_stored(line):
    def refuse(*_arguments, **_named):
        raise RuntimeError("no draft")

    line.sink = refuse
    announced = line.hand_in()
    assert arrive(line, announced) is JobStatus.QUEUED
    assert line.count("results") == 0


def test_the_jobs_id_is_in_every_line_of_the_log(line, capsys):
    announced = line.hand_in()
    line.reader.failures = [RuntimeError("a bug")]
    capsys.readouterr()
    arrive(line, announced)
    line.settle(1)
    lines = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert {"upload.arrived", "job.begun", "job.attempt_failed", "job.attempted"} <= {one["message"] for one in lines}
    assert {one.get("job_id") for one in lines} == {str(announced.job_id)}


def test_jobs_are_listed_latest_first_and_by_pages(line):
    announced = [line.hand_in(PHOTO + bytes([n])) for n in range(3)]
    with line.database.read(line.tenant_id) as session:
        page = list_jobs(session, before_id=None, limit=2)
        rest = list_jobs(session, before_id=page[-1].id, limit=2)
    assert [job.id for job in [*page, *rest]] == [one.job_id for one in reversed(announced)]


def test_a_job_of_nobody_is_no_job(line):
    assert line.worker(line.tenant_id, UUID(int=1)) is None
    assert line.worker.arrived(line.tenant_id, UUID(int=1)) is None
