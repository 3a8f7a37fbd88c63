"""The table of feedback."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from salon.booking import models as _booking  # noqa: F401 - the tables that these refer to must be known
from salon.clients import models as _clients  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant


class FeedbackRow(TenantOwned, Base):
    """How a client liked one visit; the comment is sealed with the client's key."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("tenant_id", "booking_id", name="uq_feedback_booking"),
        CheckConstraint("rating BETWEEN 1 AND 5", "rating"),
        same_tenant("booking_id", "bookings"),
        same_tenant("client_id", "clients"),
        Index("ix_feedback_staff", "tenant_id", "staff_id", "rated_at"),
        Index("ix_feedback_rated_at", "tenant_id", "rated_at"),
    )

    booking_id: Mapped[UUID]
    client_id: Mapped[UUID]
    service_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    location_id: Mapped[UUID]
    rating: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(16))
    rated_at: Mapped[datetime]
    commented_at: Mapped[datetime | None]
