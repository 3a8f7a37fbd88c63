"""What a tenant is called, when it is quiet, and what was done in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from salon.identity import repository
from salon.identity.domain import Actor, AuditRecord, Business, QuietHours
from salon.identity.use_cases.tenants import record_audit
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.errors import Invalid
from salon.platform.names import is_visible

LOCALES = ("ru", "en")
AUDIT_SHOWN = 100
MINUTES_OF_DAY = 24 * 60


def get_business(session: ReadSession) -> Business:
    """The tenant of this transaction, as people know it."""
    row = repository.IdentityRepository(session).get_tenant()
    return Business(row.name, row.locale, QuietHours(row.quiet_from_min, row.quiet_until_min))


def change_business(session: WriteSession, business: Business, *, actor: Actor, now: datetime) -> None:
    """Rename the tenant, change its language or the hours in which clients are left in peace.

    Raises:
        Invalid: no name, a language that there are no texts in, or an hour that does not exist.
    """
    if not is_visible(business.name):
        raise Invalid("A name is needed.")
    if business.locale not in LOCALES:
        raise Invalid(f"There are texts in {', '.join(LOCALES)} only.")
    hours = business.quiet_hours
    if not (0 <= hours.start_min < MINUTES_OF_DAY and 0 <= hours.end_min < MINUTES_OF_DAY):
        raise Invalid("A minute of the day is between 0 and 1439.")
    row = repository.IdentityRepository(session).get_tenant()
    row.name, row.locale = business.name, business.locale
    row.quiet_from_min, row.quiet_until_min = hours.start_min, hours.end_min
    session.flush()
    record_audit(
        session, action="tenant.changed", subject="tenant", subject_id=tenant_of(session), actor=actor, now=now
    )


def list_audit(
    session: ReadSession,
    *,
    subject: str | None = None,
    subject_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = AUDIT_SHOWN,
) -> Sequence[AuditRecord]:
    """What was done in the tenant, the latest first.

    Args:
        session: reading is enough.
        subject: a kind of thing only, `booking`.
        subject_id: one thing only.
        before_id: entries before this one, to read on.
        limit: at most so many.
    """
    return repository.list_audit(session, subject=subject, subject_id=subject_id, before_id=before_id, limit=limit)
