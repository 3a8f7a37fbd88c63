"""Telling facts to whoever subscribed: each subscriber once, in a transaction of its own (DESIGN §2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import String, delete
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform import correlation, outbox
from salon.platform import metrics as figures
from salon.platform.backoff import exponential
from salon.platform.clock import Clock
from salon.platform.db import Base, Database, WriteSession, tenant_of
from salon.platform.errors import Fault
from salon.platform.facts import Fact, UnknownFact, read_fact
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.outbox import ClaimedRow
from salon.platform.settings import RetrySettings

log = logger(__name__)
UNFINISHED = "unfinished"
"""What a subscriber returns that has done a part, which is kept, and wants to be told again to go on."""

React = Callable[[WriteSession, Fact, datetime], object]


class SubscriberUnfinished(Fault):
    """A subscriber has done as much as one delivery may; it goes on with the next."""

    code = "SUBSCRIBER_UNFINISHED"


class EventDelivery(Base):
    """That a subscriber has handled a fact."""

    __tablename__ = "event_deliveries"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    outbox_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscriber: Mapped[str] = mapped_column(String(64), primary_key=True)
    handled_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to know what.

    Attributes:
        subscriber: a stable name, `messaging.reminders`; deliveries are remembered under it.
        facts: names of the facts.
        react: the use case; runs once for each fact, in the fact's tenant, unless it returns `UNFINISHED`.
    """

    subscriber: str
    facts: frozenset[str]
    react: React


class DeliverFact:
    """Hands one fact to its subscribers; repeatable, because each delivery is remembered with its effect."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetrySettings,
        metrics: Metrics,
        *,
        subscriptions: Iterable[Subscription],
        jitter: Callable[[], float],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._subscriptions = tuple(subscriptions)
        self._jitter = jitter

    def __call__(self, tenant_id: UUID, outbox_id: UUID) -> None:
        """Tell the fact in this outbox row to everybody who has not heard it yet.

        A subscriber that fails does not keep the others from hearing; the row comes back for it alone.
        """
        lease = timedelta(seconds=self._settings.send_lease_seconds)
        with self._database.transaction(tenant_id) as session:
            row = outbox.claim(session, outbox_id, now=self._clock.now(), lease=lease)
        if row is None:
            return
        with correlation.bind(correlation_id=row.correlation_id, tenant_id=str(tenant_id)):
            if row.attempts > self._settings.outbox_max_attempts:  # each of them ended before it could say so
                self._finish(tenant_id, row, failed=["never finished"])
                return
            self._tell(tenant_id, row)

    def _tell(self, tenant_id: UUID, row: ClaimedRow) -> None:
        try:
            fact = read_fact(row.kind, row.payload)
        except (UnknownFact, ValidationError) as error:  # a newer version wrote it, or a broken one
            log.warning("fact.unreadable", error=error, fact=row.kind)
            self._finish(tenant_id, row, failed=["unreadable fact"])
            return
        failed = []
        for subscription in self._subscriptions:
            if row.kind not in subscription.facts:
                continue
            try:
                self._tell_one(tenant_id, row, subscription, fact)
            except Exception as error:  # noqa: BLE001 - the other subscribers must hear; this one is retried
                log.warning("fact.subscriber_failed", error=error, subscriber=subscription.subscriber, fact=row.kind)
                failed.append(subscription.subscriber)
        self._finish(tenant_id, row, failed=failed)

    def _tell_one(self, tenant_id: UUID, row: ClaimedRow, subscription: Subscription, fact: Fact) -> None:
        with self._database.transaction(tenant_id) as session:
            now, is_left = self._clock.now(), False
            if _is_first(session, row.outbox_id, subscription.subscriber, now):
                is_left = subscription.react(session, fact, now) == UNFINISHED
                if is_left:
                    _forget_delivery(session, row.outbox_id, subscription.subscriber)
        if is_left:  # only now: what it has done is committed
            raise SubscriberUnfinished(subscription.subscriber)

    def _finish(self, tenant_id: UUID, row: ClaimedRow, *, failed: list[str]) -> None:
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            if not failed:
                outbox.mark_done(session, row.outbox_id, now)
            elif row.attempts >= self._settings.outbox_max_attempts:
                log.error("outbox.parked", outbox_id=str(row.outbox_id), subscribers=",".join(failed))
                self._metrics.count(figures.OUTBOX_PARKED, queue="events")
                outbox.park(session, row.outbox_id, now=now, reason=", ".join(failed))
            else:
                wait = exponential(row.attempts, self._jitter())
                outbox.postpone(session, row.outbox_id, until=now + wait, now=now, reason=", ".join(failed))


def _is_first(session: WriteSession, outbox_id: UUID, subscriber: str, now: datetime) -> bool:
    """Note the delivery; False when it was noted before. Two at once wait for each other on the primary key."""
    noted = session.execute(
        pg_insert(EventDelivery)
        .values(tenant_id=tenant_of(session), outbox_id=outbox_id, subscriber=subscriber, handled_at=now)
        .on_conflict_do_nothing()
        .returning(EventDelivery.subscriber)
    )
    return noted.scalar_one_or_none() is not None


def _forget_delivery(session: WriteSession, outbox_id: UUID, subscriber: str) -> None:
    session.execute(
        delete(EventDelivery).where(EventDelivery.outbox_id == outbox_id, EventDelivery.subscriber == subscriber)
    )
