"""How a voice message becomes words: pending beside its held inbox row, written down once, taken by the dialogue.

``queue_inbound`` stores the file, makes a pending transcript and holds its inbox row (`expect_transcript`,
`take_transcript`). The stored object starts `TranscribeVoice` in ``storage_voice``, which claims the transcript with a
lease, listens without a transaction, keeps the words and frees the row. Both decide under the transcript's lock, so
that neither «it is not there yet» nor «it is there now» can be missed by the other.

A fault is tried again in place. Nothing re-drives a transcript whose event was lost: the object's trigger has retries
of its own, which on AWS mostly come too late (the first after a minute), and when they come to nothing the held row
runs out of time, the person is asked to write, and the transcript is settled with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.platform import inbox
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.errors import Fault
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.storage import ObjectMissing, ObjectStorage, ObjectTooLarge
from salon.understanding.speech import repository
from salon.understanding.speech.domain import Recognition, Verdict
from salon.understanding.speech.errors import (
    AudioSilent,
    AudioTooLong,
    AudioUndecodable,
    RecogniserRefused,
    RecogniserUnavailable,
)
from salon.understanding.speech.models import TranscriptRow, TranscriptStatus
from salon.understanding.speech.ports import AudioDecoder, SpeechRecogniser
from salon.understanding.speech.repository import Spoken

log = logger(__name__)
UNSETTLED = frozenset({TranscriptStatus.PENDING, TranscriptStatus.WORKING})

FETCH_AND_DECODE = timedelta(seconds=15)
"""What the bucket and the decoder may take beside the engine."""

TIMED_OUT, GIVEN_UP = "timed_out", "given_up"
TOO_LARGE, UNDECODABLE, MISSING = "too_large", "undecodable", "missing"
"""Why there are no words, beside `Verdict`'s own words."""


class TranscriptBusy(Fault):
    """Another worker has this message just now; when it is still unsettled after its lease, a repeat does it."""

    code = "TRANSCRIPT_BUSY"


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """What is listened to, how long, how often.

    Attributes:
        max_bytes: of a file.
        timeout_s: of one recognition.
        lease: how long one worker has a message: as long as its function may run, which is longer than
            `FETCH_AND_DECODE` and `timeout_s` together; after a crash the next delivery may have it by then.
        max_attempts: deliveries in which the engine failed or the worker died, before the person is asked to write.
        min_confidence: 0 to 1; below it words count as unclear.
    """

    max_bytes: int
    timeout_s: float
    lease: timedelta
    min_confidence: float
    max_attempts: int = 3

    @property
    def one_round(self) -> timedelta:
        """What one attempt may take, from fetching to the words."""
        return FETCH_AND_DECODE + timedelta(seconds=self.timeout_s)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of listening.

    Attributes:
        reason: why there is nothing to answer; None when there is.
    """

    status: TranscriptStatus
    reason: str | None = None
    recognition: Recognition | None = None
    duration_s: float | None = None


class TranscribeVoice:
    """Writes one stored voice message down, once, however often its object's arrival is told."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        storage: ObjectStorage,
        decoder: AudioDecoder,
        recogniser: SpeechRecogniser,
        prompt_for: Callable[[ReadSession], str],
        limits: SpeechLimits,
        nudge: Callable[[UUID, UUID, int], None],
    ) -> None:
        """Wire it.

        Args:
            database: where transcripts and the inbox are.
            clock: tells the time.
            metrics: counts verdicts, and times and confidence by the model's version.
            storage: the bucket of the messages.
            decoder: makes samples of a file.
            recogniser: makes words of samples; may ask several engines.
            prompt_for: the names that a tenant's clients are likely to say.
            limits: what is listened to.
            nudge: queues (tenant, inbox row) after so many seconds, as `InboxNudge` does.
        """
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._storage = storage
        self._decoder = decoder
        self._recogniser = recogniser
        self._prompt_for = prompt_for
        self._limits = limits
        self._nudge = nudge

    def __call__(self, tenant_id: UUID, inbox_id: UUID, media_key: str) -> TranscriptStatus:
        """Have the message of an inbox row written down and its conversation go on.

        A fault is tried again here at once, while there is time: the trigger's own retry comes after a minute on AWS,
        when the person has been asked to write.

        Returns:
            What the transcript is now; `working` where our lease was over and another worker has it.

        Raises:
            TranscriptBusy: another worker has it; the trigger's retry finds it settled, or does it.
            RecogniserUnavailable, Exception: the engine, the bucket or something of ours failed; the trigger's retry
                tries again, `max_attempts` times all told.
        """
        started = self._clock.now()
        claimed = self._claim(tenant_id, inbox_id, media_key)
        if isinstance(claimed, TranscriptStatus):
            return claimed
        try:
            heard = self._listen_twice(tenant_id, media_key, started)
        except Exception as error:  # noqa: BLE001 - whatever broke, the last attempt must free the conversation
            put_off = self._put_off(tenant_id, inbox_id, error, attempt=claimed)
            if isinstance(put_off, TranscriptStatus):
                return put_off
            heard = put_off
        return self._settle(tenant_id, inbox_id, heard, attempt=claimed)

    def _listen_twice(self, tenant_id: UUID, media_key: str, started: datetime) -> _Heard:
        """Listen, and once more after a fault that may have passed, if our lease leaves time for another round."""
        try:
            return self._listen(tenant_id, media_key)
        except RecogniserRefused:
            raise
        except Exception as error:
            if self._clock.now() - started + self._limits.one_round > self._limits.lease:
                raise
            log.warning("voice.tried_again", error=error)
        return self._listen(tenant_id, media_key)

    def _claim(self, tenant_id: UUID, inbox_id: UUID, media_key: str) -> TranscriptStatus | int:
        """Take the message for ourselves, the number of our attempt; its status when there is nothing to listen to."""
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            is_over = inbox.is_settled(session, inbox_id)  # answered without its words, or no message of ours
            if is_over and repository.lock_transcript(session, inbox_id) is None:
                return TranscriptStatus.SKIPPED
            repository.open_transcript(session, inbox_id, media_key=media_key, now=now)  # its event may be quicker
            row = _locked(session, inbox_id)
            if row.status in UNSETTLED and is_over:
                repository.settle(row, TranscriptStatus.SKIPPED, now)
            if row.status not in UNSETTLED:
                is_open = inbox.free(session, inbox_id, now)
            elif row.lease_until is not None and row.lease_until > now:
                raise TranscriptBusy(f"The voice message {inbox_id} is being listened to.")
            elif row.attempts >= self._limits.max_attempts:  # each of them died before it could say so
                repository.settle(row, TranscriptStatus.FAILED, now, reason=GIVEN_UP)
                is_open = inbox.free(session, inbox_id, now)
            else:
                row.status, row.attempts = TranscriptStatus.WORKING, row.attempts + 1
                row.lease_until = now + self._limits.lease
                return row.attempts
            status = TranscriptStatus(row.status)
        if is_open:
            self._nudge(tenant_id, inbox_id, 0)
        return status

    def _listen(self, tenant_id: UUID, media_key: str) -> _Heard:
        """Fetch, decode and recognise, outside any transaction.

        Raises:
            RecogniserUnavailable: the engine failed.
            StorageUnavailable: the bucket did.
        """
        try:
            mime = self._storage.head(media_key).content_type or ""
            data = self._storage.get(media_key, max_bytes=self._limits.max_bytes)
            audio = self._decoder.decode(data, mime=mime)
            with self._database.read(tenant_id) as session:
                prompt = self._prompt_for(session)
            found = self._recogniser.recognise(audio, prompt=prompt, timeout_s=self._limits.timeout_s)
        except ObjectMissing:  # its sender took it back, or was erased
            return _Heard(TranscriptStatus.FAILED, MISSING)
        except ObjectTooLarge:
            return _Heard(TranscriptStatus.UNCLEAR, TOO_LARGE)
        except AudioTooLong:
            return _Heard(TranscriptStatus.UNCLEAR, Verdict.TOO_LONG)
        except AudioSilent as silence:
            return _Heard(TranscriptStatus.UNCLEAR, Verdict.SILENT, duration_s=silence.seconds)
        except AudioUndecodable as error:
            log.warning("voice.undecodable", reason=error.reason)
            return _Heard(TranscriptStatus.FAILED, UNDECODABLE)
        verdict = found.verdict(min_confidence=self._limits.min_confidence)
        is_heard = verdict is Verdict.HEARD
        status = TranscriptStatus.DONE if is_heard else TranscriptStatus.UNCLEAR
        return _Heard(status, None if is_heard else verdict, found, audio.seconds)

    def _put_off(self, tenant_id: UUID, inbox_id: UUID, error: Exception, *, attempt: int) -> _Heard | TranscriptStatus:
        """Let the trigger repeat it at once rather than after our lease; the last attempt gives the message up.

        A message counts as failed once, when it is given up: what an attempt less or more costs nobody sees.
        """
        with self._database.transaction(tenant_id) as session:
            row = _locked(session, inbox_id)
            if row.attempts != attempt:
                return TranscriptStatus(row.status)
            is_repeated = row.attempts < self._limits.max_attempts and row.status in UNSETTLED
            if is_repeated:
                row.lease_until = None
        if is_repeated:
            raise error
        reason = error.reason if isinstance(error, RecogniserUnavailable) else type(error).__name__
        self._metrics.count(figures.SPEECH_FAILED, model=self._model, reason=reason)
        log.error("voice.given_up", error=error, inbox_id=str(inbox_id))
        return _Heard(TranscriptStatus.FAILED, GIVEN_UP)

    def _settle(self, tenant_id: UUID, inbox_id: UUID, heard: _Heard, *, attempt: int) -> TranscriptStatus:
        """Keep what came of it and free the conversation, unless another worker has taken the message over."""
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            row = _locked(session, inbox_id)
            if row.attempts != attempt:
                log.warning("voice.lease_lost", inbox_id=str(inbox_id))
                return TranscriptStatus(row.status)
            is_late = row.status not in UNSETTLED
            row.duration_s = heard.duration_s
            if heard.recognition is not None:
                repository.keep_figures(row, heard.recognition, heard.duration_s)
            if not is_late:
                if heard.status is TranscriptStatus.DONE and heard.recognition is not None:
                    repository.keep_words(session, row, heard.recognition.text)
                repository.settle(row, heard.status, now, reason=heard.reason)
            is_open = inbox.free(session, inbox_id, now)
            status = TranscriptStatus(row.status)
        self._measure(heard, is_late=is_late)
        if is_open:
            self._nudge(tenant_id, inbox_id, 0)
        return status

    def _measure(self, heard: _Heard, *, is_late: bool) -> None:
        found, outcome = heard.recognition, "late" if is_late else heard.reason or Verdict.HEARD
        model = self._model if found is None else f"{found.engine}:{found.version}"
        self._metrics.count(figures.SPEECH_VERDICT, model=model, outcome=outcome)
        log.info(
            "voice.listened",
            model=model,
            outcome=outcome,
            confidence=None if found is None else round(found.confidence, 3),
            elapsed_ms=None if found is None else round(found.elapsed_s * 1000),
            duration_s=None if heard.duration_s is None else round(heard.duration_s, 1),
        )
        if found is not None:
            self._metrics.timing_ms(figures.SPEECH_LATENCY_MS, found.elapsed_s * 1000, model=model)
            self._metrics.gauge(figures.SPEECH_CONFIDENCE, found.confidence, model=model)

    @property
    def _model(self) -> str:
        return f"{self._recogniser.name}:{self._recogniser.version}"


@dataclass(frozen=True, slots=True)
class Awaited:
    """The words of a message are not there yet, and are worth waiting for until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Unheard:
    """There are no words, and will be none.

    Attributes:
        reason: `unclear`, `silent`, `too_long`, `too_large`, `undecodable`, `missing`, `given_up`, `timed_out`,
            `skipped`.
    """

    reason: str


def expect_transcript(session: WriteSession, inbox_id: UUID, *, media_key: str, is_wanted: bool, now: datetime) -> None:
    """A voice message is about to be stored: say whether its words are wanted, before its object can be noticed."""
    status = TranscriptStatus.PENDING if is_wanted else TranscriptStatus.SKIPPED
    repository.open_transcript(session, inbox_id, media_key=media_key, now=now, status=status)
    repository.wait_anew(session, inbox_id, now)


def take_transcript(
    session: WriteSession, inbox_id: UUID, *, patience: timedelta, now: datetime
) -> Spoken | Awaited | Unheard:
    """The words of a voice message, for whoever handles it; they are forgotten here with the same commit.

    Args:
        session: the transaction that handles the message, or decides to wait for the words.
        inbox_id: the message.
        patience: how long they are waited for from when the recording was stored (DESIGN law 2: 60 s). Not from when it
            was sent: of two in a row the second is fetched only after the first, and has the same time.
        now: the current instant; at the end of the wait the transcript is settled, and comes too late for ever.
    """
    row = repository.lock_transcript(session, inbox_id)
    if row is None:
        return Unheard(MISSING)
    if row.status in UNSETTLED:
        until = row.created_at + patience
        if now < until:
            return Awaited(until)
        repository.settle(row, TranscriptStatus.FAILED, now, reason=TIMED_OUT)
        return Unheard(TIMED_OUT)
    if row.status == TranscriptStatus.DONE:
        return repository.take_words(session, row)
    return Unheard(row.reason or row.status)


def note_messenger_transcript(
    session: WriteSession, inbox_id: UUID, written: Recognition, *, duration_s: float | None, now: datetime
) -> None:
    """Keep that a messenger itself wrote a message down; its words go straight to the dialogue, and are not kept."""
    repository.open_transcript(session, inbox_id, media_key=None, now=now, status=TranscriptStatus.DONE)
    row = _locked(session, inbox_id)
    if row.engine is None:
        repository.keep_figures(row, written, duration_s)
        row.done_at = now


def forget_words(session: WriteSession, inbox_ids: Collection[UUID], now: datetime) -> None:
    """Whoever said it was erased: nothing of it is left, taken or not, and nobody waits for it."""
    repository.blank_words(session, inbox_ids, now)


def _locked(session: WriteSession, inbox_id: UUID) -> TranscriptRow:
    row = repository.lock_transcript(session, inbox_id)
    if row is None:  # cleared away meanwhile: it was older than its retention period
        raise TranscriptBusy(f"The transcript of {inbox_id} is gone.")
    return row
