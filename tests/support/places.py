"""One location with one service and one person, for tests of slot generation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails
from support.factories import make_location, make_rule, make_service, make_staff

THURSDAY = date(2026, 3, 12)


class Place:
    """One location with one service and one person, whose rules a test makes."""

    def __init__(self, database, tenant_id, now, timezone="Europe/Moscow", **service):
        self.database, self.tenant_id, self.now = database, tenant_id, now
        with database.transaction(tenant_id) as session:
            self.location = make_location(session, now=now, timezone=timezone)
            self.service = make_service(session, now=now, location_ids=[self.location.id], **service)
            self.anna = make_staff(session, now=now, location_id=self.location.id, service_ids=[self.service.id])

    def rule(self, **details):
        with self.database.transaction(self.tenant_id) as session:
            return make_rule(session, now=self.now, location_id=self.location.id, **details)

    def generate(self, from_on=THURSDAY, to_on=None, now=None):
        with self.database.transaction(self.tenant_id) as session:
            return availability.generate_slots(
                session, location_id=self.location.id, from_on=from_on, to_on=to_on or from_on, now=now or self.now
            )

    def local_starts(self, from_on=THURSDAY, days=1, service_id=None, staff_id=None):
        """Local wall times of all free slots that start in these local days."""
        zone = ZoneInfo(self.location.timezone)
        start = datetime.combine(from_on, datetime.min.time(), zone)
        end = datetime.combine(from_on + timedelta(days=days), datetime.min.time(), zone)
        with self.database.read(self.tenant_id) as session:
            slots = availability.list_free_slots(
                session,
                service_id=service_id or self.service.id,
                staff_id=staff_id,
                from_at=start.astimezone(UTC),
                to_at=end.astimezone(UTC),
                now=self.now,
            )
        return [slot.starts_at.astimezone(zone).strftime("%H:%M") for slot in slots]


def details_of(rule):
    """What a stored rule says, to say it again with changes."""
    return {name: getattr(rule, name) for name in RuleDetails.__dataclass_fields__}
