"""Works on one job, once, however often it is told to: from the object in the bucket to the result and its draft.

Whatever a worker needs is in the job's row and the bucket, so any worker may go on after any other has died: the claim
is committed before the work, the result, the draft, the job's end and what is told of it are one transaction, and what
is written in between (the previews, the progress) is written again by the next attempt without harm. The attempt's
number guards the end: a worker whose lease has run out finds another number and keeps nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from salon.intake import repository
from salon.intake.documents.domain import ReadResult
from salon.intake.documents.errors import DocumentRefused
from salon.intake.domain import (
    UNSETTLED,
    DeadLetter,
    JobLimits,
    JobStatus,
    Reason,
    Stage,
    UploadStatus,
    back_off,
    key_of,
    preview_key,
    share_of,
)
from salon.intake.errors import LeaseLost
from salon.intake.models import JobRow
from salon.intake.ports import PredictLines, ReadDocument, ResultSink
from salon.intake.use_cases.nudging import JobNudge
from salon.intake.use_cases.settling import fail_job, finish_job, join_job
from salon.intake.use_cases.uploads import settle_arrival
from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database, WriteSession
from salon.platform.errors import SalonError
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.storage import ObjectMissing, ObjectStorage, ObjectTooLarge

log = logger(__name__)
FETCHED, READ, MATCHED = 10, 85, 90
"""Per cent of the whole, after each step."""

_EARLY = timedelta(seconds=5)
"""Queues and clocks are not exact: a message that comes so much before its time is taken."""

_STEP = 5  # per cent between two writes of the progress: each is a transaction


class _Unfit(Exception):
    """The file itself stands in the way; another attempt would find the same."""

    def __init__(self, reason_code: Reason) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code


@dataclass(frozen=True, slots=True)
class _Claim:
    """A job that this worker has.

    Attributes:
        attempt: its number, from 1.
        stated: the contents' digest as the sender stated it.
        known: the digest that an earlier attempt found.
        correlation_id: of the request that queued it.
    """

    job_id: UUID
    upload_id: UUID
    attempt: int
    stated: str | None
    known: str | None
    correlation_id: str | None


class ProcessDocument:
    """The worker of the function `storage_documents`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        storage: ObjectStorage,
        read: ReadDocument,
        predict: PredictLines,
        sink: ResultSink,
        nudge: JobNudge,
        limits: JobLimits,
    ) -> None:
        """Wire it.

        Args:
            database: where jobs are; with a relay for facts.
            clock: tells the time.
            metrics: takes durations, cost and outcomes.
            storage: the bucket of the uploads; the previews go there as well.
            read: makes a document of bytes.
            predict: asks the model about its lines.
            sink: makes a draft of the result.
            nudge: queues a job for another attempt, and puts dead letters where operators look.
            limits: sizes, times and prices.
        """
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._storage = storage
        self._read = read
        self._predict = predict
        self._sink = sink
        self._nudge = nudge
        self._limits = limits

    def arrived(self, tenant_id: UUID, upload_id: UUID) -> JobStatus | None:
        """An object has come: note it and work on its job. None where it has gone again meanwhile.

        Raises:
            StorageUnavailable, DatabaseUnavailable: it could not be noted; the trigger's retry does so.
        """
        with correlation.bind(tenant_id=tenant_id):
            try:
                info = self._storage.head(key_of(tenant_id, upload_id))
            except ObjectMissing:
                log.warning("upload.gone", upload_id=str(upload_id))
                return None
            with self._database.transaction(tenant_id) as session:
                arrival = settle_arrival(
                    session,
                    upload_id,
                    size_bytes=info.size,
                    content_type=info.content_type or "",
                    now=self._clock.now(),
                )
            log.info("upload.arrived", upload_id=str(upload_id), job_id=str(arrival.job_id), is_due=arrival.is_due)
            if not arrival.is_due:  # being worked on, done, or waiting for its next attempt: the sweep sees to it
                with self._database.read(tenant_id) as session:
                    return repository.get_job(session, arrival.job_id).status
            return self(tenant_id, arrival.job_id)

    def __call__(self, tenant_id: UUID, job_id: UUID, *, failed_at: datetime | None = None) -> JobStatus | None:
        """Work on a job.

        Never raises for what an attempt has met: the job's row says when the next one is due, and the sweep looks.

        Args:
            tenant_id: whose.
            job_id: which.
            failed_at: of a dead letter that operators have sent back: the failure that it tells of. The job begins
                again, unless it has moved on since.

        Returns:
            What the job is now; None where there is none of this id.

        Raises:
            DatabaseUnavailable: nothing was begun, or its end could not be noted.
        """
        with correlation.bind(tenant_id=tenant_id, job_id=job_id):
            claimed = self._claim(tenant_id, job_id, failed_at)
            if not isinstance(claimed, _Claim):
                self._send_letter(tenant_id, job_id)
                return claimed
            with correlation.bind(correlation_id=claimed.correlation_id):
                status = self._work(tenant_id, claimed)
            self._send_letter(tenant_id, job_id)
            return status

    def _work(self, tenant_id: UUID, claimed: _Claim) -> JobStatus | None:
        started = perf_counter()
        found: JobStatus | None
        log.info("job.begun", attempt=claimed.attempt)
        try:
            found, outcome = self._attempt(tenant_id, claimed, started), "done"
        except LeaseLost:
            log.warning("job.lease_lost", attempt=claimed.attempt)
            return self._status_of(tenant_id, claimed.job_id)
        except _Unfit as unfit:
            found = self._fail(tenant_id, claimed, unfit.reason_code, started)
            outcome = unfit.reason_code.lower()
        except DocumentRefused as refusal:
            log.info("job.refused", attempt=claimed.attempt, reason=refusal.code)
            found, outcome = self._fail(tenant_id, claimed, Reason.of(refusal.code), started), refusal.code.lower()
        except Exception as error:
            log.exception("job.attempt_failed", attempt=claimed.attempt)
            code = Reason.of(error.code) if isinstance(error, SalonError) else Reason.PROCESSING_FAILED
            found, outcome = self._put_off(tenant_id, claimed, code, started), code.lower()
        self._measure(found, outcome, perf_counter() - started)
        return found

    def _claim(self, tenant_id: UUID, job_id: UUID, failed_at: datetime | None) -> _Claim | JobStatus | None:
        """Take the job, the number of our attempt; what it is when there is nothing to do."""
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            job = repository.lock_job(session, job_id)
            if job is None:
                log.warning("job.unknown")
                return None
            if failed_at is not None and job.status == JobStatus.FAILED and job.done_at == failed_at:
                job.status, job.attempts, job.reason_code = JobStatus.QUEUED, 0, None
                job.done_at, job.dead_letter, job.next_attempt_at = None, None, now
            upload = repository.get_upload(session, job.upload_id)
            if job.status not in UNSETTLED or not _is_free(job, now):
                return JobStatus(job.status)
            if job.attempts >= self._limits.max_attempts:  # each of them died before it could say so
                log.error("job.given_up", attempt=job.attempts, reason=Reason.INTERRUPTED)
                fail_job(session, job, upload, Reason.INTERRUPTED, now=now, is_ours=True)
                return JobStatus.FAILED
            job.status, job.attempts, job.stage = JobStatus.PROCESSING, job.attempts + 1, Stage.FETCHING
            job.lease_until, job.next_attempt_at, job.progress = now + self._limits.lease, None, 0
            job.started_at = job.started_at or now
            return _Claim(job_id, job.upload_id, job.attempts, upload.sha256, job.sha256, job.correlation_id)

    def _attempt(self, tenant_id: UUID, claimed: _Claim, started: float) -> JobStatus:
        """Fetch, compare, read, predict and store."""
        data = self._fetch(tenant_id, claimed)
        if self._is_copy(tenant_id, claimed, hashlib.sha256(data).hexdigest(), started):
            return JobStatus.DONE
        tell = _Teller(lambda stage, percent: self._note(tenant_id, claimed, stage, percent))
        tell(Stage.READING, FETCHED)
        read = self._read(data, tell=lambda percent: tell(Stage.READING, share_of(percent, start=FETCHED, end=READ)))
        tell(Stage.MATCHING, READ)
        predictions = self._predict(read.document)
        tell(Stage.SAVING, MATCHED)
        for page, preview in enumerate(read.previews):
            self._storage.put(preview_key(tenant_id, claimed.job_id, page), preview, content_type="image/jpeg")
        self._store(tenant_id, claimed, read, predictions, started)
        return JobStatus.DONE

    def _fetch(self, tenant_id: UUID, claimed: _Claim) -> bytes:
        try:
            return self._storage.get(key_of(tenant_id, claimed.upload_id), max_bytes=self._limits.max_bytes)
        except ObjectMissing:
            raise _Unfit(Reason.FILE_MISSING) from None
        except ObjectTooLarge:
            raise _Unfit(Reason.DOCUMENT_TOO_LARGE) from None

    def _is_copy(self, tenant_id: UUID, claimed: _Claim, sha256: str, started: float) -> bool:
        """Note the contents' digest; whether another job has the same, and this one leaves the work to it."""
        if claimed.stated not in {None, sha256}:
            raise _Unfit(Reason.FILE_NOT_AS_STATED)
        if claimed.known not in {None, sha256}:  # somebody has overwritten it since an earlier attempt
            raise _Unfit(Reason.FILE_CHANGED)
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            repository.lock_contents(session, sha256)
            job = self._held(session, claimed)
            first = repository.lock_same(session, sha256, but=claimed.job_id)
            job.sha256 = sha256
            if first is None:
                return False
            job.same_as = first.id
            self._add_time(job, started)
            join_job(session, job, repository.get_upload(session, job.upload_id), first, now=now)
            log.info("job.joined", same_as=str(first.id))
        return True

    def _note(self, tenant_id: UUID, claimed: _Claim, stage: Stage, percent: int) -> None:
        with self._database.transaction(tenant_id) as session:
            if not repository.note_progress(
                session, claimed.job_id, attempt=claimed.attempt, stage=stage, progress=percent
            ):
                raise LeaseLost("Another worker has the job.")

    def _store(
        self, tenant_id: UUID, claimed: _Claim, read: ReadResult, predictions: Sequence[Any], started: float
    ) -> None:
        """The one transaction in which a document becomes a result, a draft and a fact."""
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            job = self._held(session, claimed)
            upload = repository.get_upload(session, job.upload_id)
            result_id = repository.add_result(
                session, job.id, document=read.document, predictions=predictions, pages=len(read.previews), now=now
            )
            self._add_time(job, started)
            self._sink(
                session,
                job_id=job.id,
                result_id=result_id,
                document=read.document,
                predictions=predictions,
                actor=repository.actor_of(upload),
                now=now,
            )
            finish_job(session, job, upload, result_id=result_id, lines=len(read.document.lines), now=now)

    def _fail(self, tenant_id: UUID, claimed: _Claim, reason_code: Reason, started: float) -> JobStatus | None:
        """The file cannot be read by anybody: say so at once."""
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            job = self._mine(session, claimed)
            if job is None:
                return None
            upload = repository.get_upload(session, job.upload_id)
            if reason_code == Reason.FILE_NOT_AS_STATED:
                upload.status = UploadStatus.REFUSED
            self._add_time(job, started)
            fail_job(session, job, upload, reason_code, now=now)
        return JobStatus.FAILED

    def _put_off(self, tenant_id: UUID, claimed: _Claim, reason_code: Reason, started: float) -> JobStatus | None:
        """Let another attempt do it, after a while; the last one gives the job up."""
        now = self._clock.now()
        wait = back_off(claimed.attempt)
        with self._database.transaction(tenant_id) as session:
            job = self._mine(session, claimed)
            if job is None:
                return None
            self._add_time(job, started)
            if job.attempts >= self._limits.max_attempts:
                upload = repository.get_upload(session, job.upload_id)
                fail_job(session, job, upload, reason_code, now=now, is_ours=True)
                return JobStatus.FAILED
            job.status, job.stage, job.lease_until = JobStatus.QUEUED, Stage.QUEUED, None
            job.next_attempt_at, job.progress = now + wait, 0
        self._nudge(tenant_id, claimed.job_id, delay_s=round(wait.total_seconds()))
        return JobStatus.QUEUED

    def _send_letter(self, tenant_id: UUID, job_id: UUID) -> None:
        """Put a job that was given up where operators look, if nobody has; the sweep has us try again otherwise."""
        with self._database.read(tenant_id) as session:
            job = session.get(JobRow, job_id)
            if job is None or job.dead_letter != DeadLetter.OWED:
                return
            reason_code, done_at = job.reason_code or "", job.done_at
        if done_at is not None and self._nudge.bury(tenant_id, job_id, reason_code=reason_code, failed_at=done_at):
            with self._database.transaction(tenant_id) as session:
                repository.mark_letter_sent(session, job_id)

    def _held(self, session: WriteSession, claimed: _Claim) -> JobRow:
        job = self._mine(session, claimed)
        if job is None:
            raise LeaseLost("Another worker has the job.")
        return job

    def _mine(self, session: WriteSession, claimed: _Claim) -> JobRow | None:
        """The job, locked, while it is this attempt's."""
        job = repository.lock_job(session, claimed.job_id)
        is_ours = job is not None and job.attempts == claimed.attempt and job.status == JobStatus.PROCESSING
        return job if is_ours else None

    def _add_time(self, job: JobRow, started: float) -> None:
        seconds = perf_counter() - started
        job.elapsed_ms += round(seconds * 1000)
        job.cost_micros += round(seconds * self._limits.micros_per_second)

    def _measure(self, status: JobStatus | None, outcome: str, seconds: float) -> None:
        self._metrics.count(figures.JOB_ATTEMPTS, outcome=outcome)
        self._metrics.timing_ms(figures.JOB_DURATION_MS, seconds * 1000, outcome=outcome)
        self._metrics.gauge(figures.JOB_COST_MICROS, round(seconds * self._limits.micros_per_second), outcome=outcome)
        log.info("job.attempted", outcome=outcome, status=status, elapsed_ms=round(seconds * 1000))

    def _status_of(self, tenant_id: UUID, job_id: UUID) -> JobStatus:
        with self._database.read(tenant_id) as session:
            return repository.get_job(session, job_id).status


def _is_free(job: JobRow, now: datetime) -> bool:
    """Whether it is anybody's turn: nobody has the job, and its file is there and its time has come."""
    if job.lease_until is not None:
        return job.lease_until <= now
    return job.next_attempt_at is not None and job.next_attempt_at <= now + _EARLY


class _Teller:
    """Writes the progress down now and then: at every new stage, and every few per cent."""

    def __init__(self, write: Callable[[Stage, int], None]) -> None:
        self._write = write
        self._stage: Stage | None = None
        self._percent = 0

    def __call__(self, stage: Stage, percent: int) -> None:
        if stage is self._stage and percent < self._percent + _STEP:
            return
        self._stage, self._percent = stage, percent
        self._write(stage, percent)
