"""Queries about one booking."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from salon.booking.domain import BookedOption, Booking, BookingChange, BookingStatus
from salon.booking.errors import BookingNotFound
from salon.booking.repository.rows import COLUMNS, booking_of
from salon.clients.errors import ClientErased
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.money import Money

_GET = text(f"SELECT {COLUMNS} FROM bookings booking WHERE id = :id")  # noqa: S608 - the names are ours
_LOCK = text(f"SELECT {COLUMNS} FROM bookings booking WHERE id = :id FOR UPDATE")  # noqa: S608 - as above
# PostgreSQL locks in the order of the tables after OF: each slot, for which others may be waiting, before its booking.
# A booking that was moved while this waited for its slot no longer joins, and is not in the answer.
_LOCK_WITH_SLOTS = text(f"""
    SELECT {COLUMNS} FROM slot_instances slot JOIN bookings booking ON booking.slot_id = slot.id
    WHERE booking.id = :id OR booking.visit_id = (SELECT visit_id FROM bookings WHERE id = :id)
    ORDER BY slot.id FOR UPDATE OF slot, booking
""")  # noqa: S608 - as above
_FIND_ACTIVE = text(f"""
    SELECT {COLUMNS} FROM bookings booking
    WHERE slot_id = :slot_id AND client_id = :client_id AND status IN ('held', 'confirmed')
""")  # noqa: S608 - as above
_HISTORY = """
    SELECT booking_id, version, change, status, slot_id, staff_id, starts_at, ends_at, actor_kind, actor_id, at
    FROM booking_history
"""
_OF_BOOKING = text(f"{_HISTORY} WHERE booking_id = :id ORDER BY version")
# A booking that left for another slot says so in the row after the one that names this slot.
_OF_SLOT = text(f"""
    WITH there AS MATERIALIZED (SELECT booking_id, version FROM booking_history WHERE slot_id = :id)
    {_HISTORY} WHERE (booking_id, version) IN (
        SELECT booking_id, version FROM there UNION ALL SELECT booking_id, version + 1 FROM there
    ) AND (slot_id = :id OR change = 'booking.rescheduled')
    ORDER BY at, booking_id, version
""")  # noqa: S608 - as above
_TIMES_MOVED = text("""
    SELECT count(*) FROM booking_history
    WHERE booking_id = :id AND change = 'booking.rescheduled' AND actor_kind = 'client' AND status = 'confirmed'
""")
_ADD_OPTION = text("""
    INSERT INTO booking_options (id, tenant_id, booking_id, option_id, extra_min, price_minor)
    VALUES (:id, :tenant_id, :booking_id, :option_id, :extra_min, :price_minor)
""")
_OPTIONS = text("""
    SELECT chosen.option_id, chosen.extra_min, chosen.price_minor, booking.currency
    FROM booking_options chosen JOIN bookings booking ON booking.id = chosen.booking_id
    WHERE chosen.booking_id = :id ORDER BY chosen.id
""")
_NOTE = text("""
    SELECT booking.client_id, booking.note, client.erased_at IS NOT NULL AS is_erased
    FROM bookings booking JOIN clients client ON client.id = booking.client_id WHERE booking.id = :id
""")
_SET_NOTE = text("UPDATE bookings SET note = :note WHERE id = :id")
_OF_VISIT = text(f"""
    SELECT {COLUMNS} FROM bookings booking WHERE visit_id = :id ORDER BY visit_position, id
""")  # noqa: S608 - as above


def get_booking(session: ReadSession, booking_id: UUID) -> Booking:
    """A booking, as it is in the database now.

    Raises:
        BookingNotFound: there is none.
    """
    row = session.execute(_GET, {"id": booking_id}).one_or_none()
    if row is None:
        raise BookingNotFound(booking_id)
    return booking_of(row)


def lock_booking(session: WriteSession, booking_id: UUID) -> Booking:
    """A booking, locked, as it is in the database now; its slot was locked before.

    Raises:
        BookingNotFound: there is none.
    """
    row = session.execute(_LOCK, {"id": booking_id}).one_or_none()
    if row is None:
        raise BookingNotFound(booking_id)
    return booking_of(row)


def lock_with_slots(session: WriteSession, booking_id: UUID) -> list[Booking]:
    """A booking, with the others of its visit, locked together with their slots, in the order of these.

    Whatever has no slot any more, or is being moved to another one, is not in the answer.
    """
    return [booking_of(row) for row in session.execute(_LOCK_WITH_SLOTS, {"id": booking_id})]


def find_active(session: ReadSession, slot_id: UUID, client_id: UUID) -> Booking | None:
    """The held or confirmed booking of a client in a slot."""
    row = session.execute(_FIND_ACTIVE, {"slot_id": slot_id, "client_id": client_id}).one_or_none()
    return booking_of(row) if row is not None else None


def list_visit(session: ReadSession, visit_id: UUID) -> list[Booking]:
    """The bookings of a visit, in their order."""
    return [booking_of(row) for row in session.execute(_OF_VISIT, {"id": visit_id})]


def add_options(session: WriteSession, booking_id: UUID, options: Sequence[BookedOption]) -> None:
    """Store what was chosen with a booking."""
    rows = [
        {
            "id": new_id(),
            "tenant_id": tenant_of(session),
            "booking_id": booking_id,
            "option_id": option.option_id,
            "extra_min": option.extra_min,
            "price_minor": option.price.minor if option.price is not None else None,
        }
        for option in options
    ]
    if rows:
        session.execute(_ADD_OPTION, rows)


def list_options(session: ReadSession, booking_id: UUID) -> list[BookedOption]:
    """What was chosen with a booking, in that order."""
    return [
        BookedOption(
            option_id=row.option_id,
            extra_min=row.extra_min,
            price=Money(row.price_minor, row.currency) if row.price_minor is not None and row.currency else None,
        )
        for row in session.execute(_OPTIONS, {"id": booking_id})
    ]


def get_note(session: ReadSession, booking_id: UUID) -> tuple[UUID, bytes | None]:
    """The client and what is sealed for them.

    Raises:
        BookingNotFound: there is none.
        ClientErased: the client was erased, and what was noted with them.
    """
    row = session.execute(_NOTE, {"id": booking_id}).one_or_none()
    if row is None:
        raise BookingNotFound(booking_id)
    if row.is_erased:
        raise ClientErased(row.client_id)
    return row.client_id, row.note


def set_note(session: WriteSession, booking_id: UUID, note: bytes | None) -> None:
    """Store a sealed note, or none."""
    session.execute(_SET_NOTE, {"id": booking_id, "note": note})


def list_history(session: ReadSession, booking_id: UUID) -> list[BookingChange]:
    """What a booking was after each change, the first first."""
    return _changes(session, booking_id=booking_id)


def list_slot_history(session: ReadSession, slot_id: UUID) -> list[BookingChange]:
    """What happened on a slot, the first first: bookings that came, changed there, and left for another."""
    return _changes(session, slot_id=slot_id)


def count_moves_by_client(session: ReadSession, booking_id: UUID) -> int:
    """How often the client has moved a booking since it was agreed; a hold is free to move."""
    return int(session.execute(_TIMES_MOVED, {"id": booking_id}).scalar_one())


def _changes(
    session: ReadSession, *, booking_id: UUID | None = None, slot_id: UUID | None = None
) -> list[BookingChange]:
    query, key = (_OF_BOOKING, booking_id) if booking_id is not None else (_OF_SLOT, slot_id)
    return [
        BookingChange(
            booking_id=row.booking_id,
            version=row.version,
            change=row.change,
            status=BookingStatus(row.status),
            slot_id=row.slot_id,
            staff_id=row.staff_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            at=row.at,
        )
        for row in session.execute(query, {"id": key})
    ]
