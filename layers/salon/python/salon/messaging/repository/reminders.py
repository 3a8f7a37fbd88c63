"""Every query of reminders."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.booking.models import BookingRow
from salon.messaging.domain.reminders import PlannedReminder, ReminderAnswer, ReminderKind, ReminderStatus
from salon.messaging.models import ReminderRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


def add_reminders(
    session: WriteSession, booking_id: UUID, starts_at: datetime, planned: Iterable[PlannedReminder], now: datetime
) -> None:
    """Plan a booking's reminders; a repeat of the same plan changes nothing."""
    for reminder in planned:
        session.execute(
            pg_insert(ReminderRow)
            .values(
                id=new_id(),
                tenant_id=tenant_of(session),
                booking_id=booking_id,
                kind=reminder.kind,
                starts_at=starts_at,
                due_at=reminder.due_at,
                status=ReminderStatus.PLANNED,
                created_at=now,
            )
            .on_conflict_do_update(
                constraint="uq_reminders_once",
                set_={"status": ReminderStatus.PLANNED, "due_at": reminder.due_at, "done_at": None},
                where=ReminderRow.status == ReminderStatus.CANCELLED,
            )
        )


def cancel_reminders(
    session: WriteSession, booking_id: UUID, now: datetime, *, kinds: Collection[ReminderKind] = tuple(ReminderKind)
) -> int:
    """Cancel what is still planned for a booking."""
    rows = session.scalars(
        select(ReminderRow).where(
            ReminderRow.booking_id == booking_id,
            ReminderRow.kind.in_([str(kind) for kind in kinds]),
            ReminderRow.status == ReminderStatus.PLANNED,
        )
    ).all()
    for row in rows:
        row.status, row.done_at = ReminderStatus.CANCELLED, now
    session.flush()
    return len(rows)


def list_of_clients(
    session: WriteSession,
    client_ids: Collection[UUID],
    *,
    kind: ReminderKind,
    from_at: datetime,
    to_at: datetime,
    statuses: Collection[ReminderStatus] = (ReminderStatus.PLANNED,),
) -> list[ReminderRow]:
    """Reminders of a kind, of visits of these clients that begin from `from_at` to before `to_at`, locked, by time.

    A reminder that another worker is busy with is waited for: whoever asks has locked the client's conversation, and
    so has the other one.
    """
    query = (
        select(ReminderRow)
        .join(BookingRow, BookingRow.id == ReminderRow.booking_id)
        .where(
            BookingRow.client_id.in_(client_ids),
            ReminderRow.kind == kind,
            ReminderRow.status.in_([str(status) for status in statuses]),
            ReminderRow.starts_at >= from_at,
            ReminderRow.starts_at < to_at,
        )
        .order_by(ReminderRow.starts_at, ReminderRow.id)
        .with_for_update(of=ReminderRow)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def answer_reminders(session: WriteSession, booking_id: UUID, answer: ReminderAnswer, now: datetime) -> bool:
    """Note on the reminders of a booking that were sent what the client says to them; whether that is news."""
    rows = session.scalars(
        select(ReminderRow).where(
            ReminderRow.booking_id == booking_id,
            ReminderRow.kind != ReminderKind.FEEDBACK,
            ReminderRow.status == ReminderStatus.SENT,
        )
    ).all()
    is_news = bool(rows) and any(row.answer != answer for row in rows)
    for row in rows:
        row.answer, row.answered_at = answer, now
    session.flush()
    return is_news


def find_unanswered(session: ReadSession, client_id: UUID, now: datetime) -> UUID | None:
    """The next booking of a client of which they were reminded and have said nothing; None when there is none."""
    return session.scalars(
        select(ReminderRow.booking_id)
        .join(BookingRow, BookingRow.id == ReminderRow.booking_id)
        .where(
            BookingRow.client_id == client_id,
            BookingRow.starts_at == ReminderRow.starts_at,
            ReminderRow.starts_at > now,
            ReminderRow.kind != ReminderKind.FEEDBACK,
            ReminderRow.status == ReminderStatus.SENT,
            ReminderRow.answer.is_(None),
        )
        .order_by(ReminderRow.starts_at, ReminderRow.id)
        .limit(1)
    ).first()


def find_planned_reminder(session: ReadSession, reminder_id: UUID) -> ReminderRow | None:
    """A reminder that is still planned, to look at."""
    return session.scalars(
        select(ReminderRow).where(ReminderRow.id == reminder_id, ReminderRow.status == ReminderStatus.PLANNED)
    ).one_or_none()


def list_due_reminders(session: ReadSession, *, until: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of reminders of all tenants that are due."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_reminders(:until, :limit)"), {"until": until, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def delay_reminder(session: WriteSession, reminder_id: UUID, until: datetime) -> None:
    """Look at a reminder again later."""
    session.execute(
        update(ReminderRow)
        .where(ReminderRow.id == reminder_id, ReminderRow.status == ReminderStatus.PLANNED)
        .values(due_at=until)
    )


def lock_reminder(session: WriteSession, reminder_id: UUID) -> ReminderRow | None:
    """A reminder that is still planned, locked; None when another worker has it or it is done."""
    return session.scalars(
        select(ReminderRow)
        .where(ReminderRow.id == reminder_id, ReminderRow.status == ReminderStatus.PLANNED)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
