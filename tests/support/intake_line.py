"""A worker of documents with everything around it in memory but the database, and what may kill it in between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from salon.identity.domain import Actor, ActorKind
from salon.identity.use_cases.tenants import record_audit
from salon.intake import repository
from salon.intake.documents.domain import (
    DocumentKind,
    LineRead,
    PageInfo,
    Read,
    ReadResult,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.intake.domain import Announced, Job, JobLimits, NewUpload, key_of
from salon.intake.timers import SweepJobs
from salon.intake.use_cases.nudging import JobNudge
from salon.intake.use_cases.processing import ProcessDocument
from salon.intake.use_cases.uploads import announce_upload
from salon.platform.clock import FrozenClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.queues import MemoryQueue
from salon.platform.storage import MemoryStorage

PHOTO = b"\xff\xd8\xff a photo of an invoice"
PREVIEW = b"\xff\xd8\xff straightened"
CLERK = Actor(ActorKind.USER, "7b4d7c0e-9d4f-4a11-8a65-0c8d1f6b2a10")
MICROS = 2_500


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more."""


@dataclass(frozen=True)
class Guess:
    """What a model might say of a line."""

    item_name: str
    confidence: float = 0.9
    model: str = "stock_item"
    version: str = "1"


def invoice(lines: int = 2) -> RecognisedDocument:
    """A document as it is read from a photo."""
    return RecognisedDocument(
        kind=DocumentKind.TORG12,
        number=Read("15"),
        date=Read(date(2026, 3, 10)),
        supplier=SupplierRead(Read("ООО «Выдуманное»"), Read(None)),
        lines=tuple(
            LineRead(
                n=n,
                name=Read(f"Краска {n} 60 мл"),
                unit=Read("шт"),
                qty=Read(Decimal(2)),
                price=Read(Decimal("100.50")),
                sum_minor=Read(20_100),
            )
            for n in range(1, lines + 1)
        ),
        total_minor=Read(20_100 * lines),
        vat_total_minor=Read(None),
        qr=None,
        full_text="Накладная 15",
        flags=(),
        pages=(PageInfo(800, 1_000),),
        source=SourceKind.PHOTO,
        engine="tesseract",
        engine_version="5.5.0",
    )


class Reader:
    """Reads whatever it is given as the same invoice, or fails as it was told to."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.failures: list[BaseException] = []
        self.while_reading: Callable[[], None] = lambda: None

    def __call__(self, data: bytes, *, tell: Callable[[int], None]) -> ReadResult:
        """As `ports.ReadDocument`."""
        self.seen.append(data)
        tell(50)
        self.while_reading()
        if self.failures:
            raise self.failures.pop(0)
        tell(100)
        return ReadResult(invoice(), (PREVIEW,))


def make_draft(session: Any, *, job_id: UUID, actor: Actor, now: Any, **_rest: Any) -> UUID:
    """A sink that leaves a trace which is rolled back with its transaction."""
    record_audit(session, action="draft.made", subject="job", subject_id=job_id, actor=actor, now=now)
    return job_id


@dataclass
class Doors:
    """Places where a worker may die, counted: before and after each commit and each put."""

    passed: int = 0
    die_at: int | None = None

    def pass_through(self) -> None:
        """Die here if it is time."""
        self.passed += 1
        if self.passed == self.die_at:
            raise Killed

    def reset(self, die_at: int | None = None) -> None:
        """Count anew."""
        self.passed, self.die_at = 0, die_at


@dataclass
class Bucket(MemoryStorage):
    """A bucket at whose door the process may die."""

    doors: Doors = field(default_factory=Doors)

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store, and perhaps die before or after."""
        self.doors.pass_through()
        super().put(key, data, content_type=content_type)
        self.doors.pass_through()


@dataclass
class IntakeLine:
    """Uploads, their jobs and the worker."""

    database: Database
    tenant_id: UUID
    clock: FrozenClock
    storage: Bucket = field(default_factory=Bucket)
    reader: Reader = field(default_factory=Reader)
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    dead: MemoryQueue = field(default_factory=MemoryQueue)
    sink: Callable[..., UUID] = make_draft
    lease: timedelta = timedelta(minutes=5)

    def count_doors(self) -> Doors:
        """Have the worker pass a door before and after each commit as well; the doors."""
        doors = self.storage.doors
        event.listen(self.database.engine, "commit", lambda _connection: doors.pass_through())
        self.database = Database(
            self.database._settings,
            engine=self.database.engine,
            master=self.database._master,
            after_commit=lambda _session: doors.pass_through(),
        )
        return doors

    @property
    def worker(self) -> ProcessDocument:
        """A fresh worker, as after a cold start."""
        return ProcessDocument(
            self.database,
            self.clock,
            self.metrics,
            storage=self.storage,
            read=self.reader,
            predict=lambda document: [Guess(line.name.value) for line in document.lines],
            sink=self.sink,
            nudge=JobNudge(self.queue, self.dead),
            limits=JobLimits(lease=self.lease, micros_per_second=MICROS),
        )

    @property
    def sweep(self) -> SweepJobs:
        """The timer."""
        return SweepJobs(self.database, self.clock, self.metrics, nudge=JobNudge(self.queue))

    def announce(self, data: bytes | None = None, **more: Any) -> Announced:
        """Expect a file; with `data`, its digest is stated."""
        stated = hashlib.sha256(data).hexdigest() if data is not None else None
        new = NewUpload(**{"file_name": "Накладная.jpg", "content_type": "image/jpeg", "sha256": stated, **more})
        with self.database.transaction(self.tenant_id) as session:
            return announce_upload(session, new, actor=CLERK, now=self.clock.now())

    def put(self, upload_id: UUID, data: bytes = PHOTO) -> None:
        """The file comes into the bucket."""
        MemoryStorage.put(self.storage, key_of(self.tenant_id, upload_id), data, content_type="image/jpeg")

    def hand_in(self, data: bytes = PHOTO, **more: Any) -> Announced:
        """Expect a file and send it; nobody is told yet."""
        announced = self.announce(**more)
        self.put(announced.upload_id, data)
        return announced

    def job(self, job_id: UUID) -> Job:
        """A job as people see it."""
        with self.database.read(self.tenant_id) as session:
            return repository.get_job(session, job_id)

    def drain(self) -> int:
        """Work off the queue, delays over; how many messages there were."""
        self.queue.release()
        messages = self.queue.receive(10)
        for message in messages:
            body = json.loads(message.text)
            self.worker(UUID(body["tenant_id"]), UUID(body["job_id"]))
            self.queue.delete(message)
        return len(messages)

    def settle(self, rounds: int = 12) -> None:
        """Let time pass, with the sweep at work, until nothing is due any more."""
        for _ in range(rounds):
            self.clock.advance(timedelta(minutes=6))
            self.sweep()
            self.drain()

    def count(self, sql: str) -> int:
        """How many rows of the tenant."""
        with self.database.read(self.tenant_id) as session:
            return int(session.scalar(text(f"SELECT count(*) FROM {sql}")) or 0)  # noqa: S608 - the tests' words

    def facts(self, name: str) -> list[dict[str, Any]]:
        """What was told under a name."""
        with self.database.read(self.tenant_id) as session:
            rows = session.scalars(
                text("SELECT payload FROM outbox WHERE kind = :name ORDER BY sequence"), {"name": name}
            )
            return list(rows)
