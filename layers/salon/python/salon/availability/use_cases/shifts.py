"""One day of one person, and being away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from salon.availability.domain import Rule, RuleDetails, RuleKind, RulePurpose, TimeOff
from salon.availability.errors import RuleSenseless, TimeOffNotFound
from salon.availability.repository import rules
from salon.availability.use_cases.rules import add_checked, record_rule_change, refresh_touched
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id
from salon.platform.timeranges import zone

MIDNIGHT = time(0)


def set_shift(
    session: WriteSession,
    *,
    location_id: UUID,
    staff_id: UUID,
    on: date,
    hours: tuple[time, time] | None,
    breaks: Sequence[tuple[time, time]] = (),
    granularity_min: int = 15,
    actor: Actor,
    now: datetime,
) -> list[Rule]:
    """Say how somebody works on one day, whatever templates and weekly rules say; replaces what was said so before.

    Args:
        session: the transaction.
        location_id: where.
        staff_id: who.
        on: the local day.
        hours: from when until when, on the wall; None for a day off.
        breaks: times off within the hours.
        granularity_min: minutes between starts.
        actor: who decides.
        now: the current instant.

    Raises:
        LocationNotFound, StaffNotFound: there is none.
        RuleSenseless: the hours contradict themselves.
        RulesOverlap: another exception covers some of these hours.
    """
    start, end = hours or (None, None)
    shift = RuleDetails(
        location_id=location_id,
        staff_id=staff_id,
        kind=RuleKind.EXCEPTION,
        start_time=start,
        end_time=end,
        valid_from=on,
        valid_to=on,
        slot_granularity_min=granularity_min,
        is_closed=hours is None,
        purpose=RulePurpose.SHIFT,
    )
    said = [
        replace(shift, start_time=start, end_time=end, is_closed=True, purpose=RulePurpose.BREAK)
        for start, end in breaks
    ]
    said.append(shift)
    catalog.get_location(session, location_id)
    rules.lock_rules(session, location_id)
    gone = _shift_rules(session, location_id, staff_id, on)
    rules.remove_rules(session, [rule.id for rule in gone])
    added = add_checked(session, said, now)
    refresh_touched(session, added, now)
    record_rule_change(session, "availability_rule.created", added[-1].id, actor, now)
    return added


def clear_shift(
    session: WriteSession, *, location_id: UUID, staff_id: UUID, on: date, actor: Actor, now: datetime
) -> int:
    """Take back what `set_shift` said about a day: templates and weekly rules hold again; how many rules that were."""
    gone = _shift_rules(session, location_id, staff_id, on)
    rules.remove_rules(session, [rule.id for rule in gone])
    refresh_touched(session, gone, now)
    for rule in gone:
        record_rule_change(session, "availability_rule.removed", rule.id, actor, now)
    return len(gone)


def add_time_off(
    session: WriteSession,
    staff_id: UUID,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> TimeOff:
    """Note that somebody is away, at every location where they work; nothing says why. Bookings stay as they are.

    Either whole local days or two instants.

    Args:
        session: the transaction.
        staff_id: who.
        from_on: first local day.
        to_on: last local day, included.
        from_at: first instant.
        to_at: the instant after the last one.
        actor: who notes it.
        now: the current instant.

    Raises:
        StaffNotFound: there is none.
        RuleSenseless: neither days nor instants, both, or an end before the start; or they work nowhere.
        RulesOverlap: some of it is noted already.
    """
    _pieces(from_on, to_on, from_at, to_at, "UTC")  # what is senseless is so on every wall
    person = catalog.get_staff(session, staff_id)
    places = rules.list_locations_of(session, staff_id, person.location_id)
    if not places:
        raise RuleSenseless("Nobody is away from a branch that is closed: this person works at no other.")
    time_off_id = new_id()
    said = []
    for location_id in places:
        location = catalog.get_location(session, location_id)
        said += [
            RuleDetails(
                location_id=location_id,
                staff_id=staff_id,
                kind=RuleKind.EXCEPTION,
                valid_from=first,
                valid_to=last,
                start_time=start,
                end_time=end,
                is_closed=True,
                purpose=RulePurpose.TIME_OFF,
                group_id=time_off_id,
            )
            for first, last, start, end in _pieces(from_on, to_on, from_at, to_at, location.timezone)
        ]
    added = add_checked(session, said, now)
    refresh_touched(session, added, now)
    record_audit(session, action="time_off.added", subject="time_off", subject_id=time_off_id, actor=actor, now=now)
    return _gather(added, {staff_id: person.location_id})[0]


def remove_time_off(session: WriteSession, time_off_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Somebody is not away after all.

    Raises:
        TimeOffNotFound: there is none.
    """
    gone = rules.list_rules(session, group_id=time_off_id, purpose=RulePurpose.TIME_OFF)
    if not gone:
        raise TimeOffNotFound(time_off_id)
    rules.remove_rules(session, [rule.id for rule in gone])
    refresh_touched(session, gone, now)
    record_audit(session, action="time_off.removed", subject="time_off", subject_id=time_off_id, actor=actor, now=now)


def list_time_off(
    session: ReadSession, *, staff_id: UUID | None = None, from_on: date | None = None, to_on: date | None = None
) -> list[TimeOff]:
    """Who is away when, by first day; of one person or all, touching the days between."""
    found = rules.list_rules(session, staff_id=staff_id, purpose=RulePurpose.TIME_OFF, from_on=from_on, to_on=to_on)
    people = {rule.staff_id for rule in found if rule.staff_id is not None}
    homes = {person: catalog.get_staff(session, person).location_id for person in people}
    return _gather(found, homes)


def _shift_rules(session: ReadSession, location_id: UUID, staff_id: UUID, on: date) -> list[Rule]:
    found = rules.list_rules(session, location_id, staff_id=staff_id, from_on=on, to_on=on)
    return [
        rule
        for rule in found
        if rule.kind is RuleKind.EXCEPTION
        and rule.valid_from == rule.valid_to
        and rule.service_id is None
        and rule.purpose in {RulePurpose.SHIFT, RulePurpose.BREAK}
    ]


def _pieces(
    from_on: date | None, to_on: date | None, from_at: datetime | None, to_at: datetime | None, timezone: str
) -> list[tuple[date, date, time | None, time | None]]:
    """(first day, last day, start, end) of each closed rule that a time off becomes on the wall of one zone."""
    if from_on is not None and to_on is not None and from_at is None and to_at is None:
        return [(from_on, to_on, None, None)]
    if from_at is None or to_at is None or from_on is not None or to_on is not None:
        raise RuleSenseless("Time off is given in days or in instants.")
    if to_at <= from_at:
        raise RuleSenseless("Time off cannot end before it starts.")
    start, end = (at.astimezone(zone(timezone)).replace(second=0, microsecond=0) for at in (from_at, to_at))
    first, last = start.date(), end.date()
    if end.time() == MIDNIGHT:
        last -= timedelta(days=1)
    if first == last:
        return [(first, first, *_hours(start.time(), end.time()))]
    pieces = [(first, first, *_hours(start.time(), MIDNIGHT))]
    if (last - first).days > 1:
        pieces.append((first + timedelta(days=1), last - timedelta(days=1), None, None))
    return [*pieces, (last, last, *_hours(MIDNIGHT, end.time()))]


def _hours(start: time, end: time) -> tuple[time | None, time | None]:
    return (None, None) if start == end == MIDNIGHT else (start, end)


def _gather(found: Sequence[Rule], homes: dict[UUID, UUID]) -> list[TimeOff]:
    """Rules of one group as one time off, told by the wall of the person's home where it is noted there."""
    groups: dict[UUID, list[Rule]] = defaultdict(list)
    for rule in found:
        groups[rule.group_id or rule.id].append(rule)
    gathered = [_time_off(group_id, members, homes) for group_id, members in groups.items()]
    return sorted(gathered, key=lambda off: (off.first_on, off.id))


def _time_off(group_id: UUID, members: Sequence[Rule], homes: dict[UUID, UUID]) -> TimeOff:
    staff_id = members[0].staff_id
    if staff_id is None:
        raise TimeOffNotFound(group_id)
    told_at = next(
        (rule.location_id for rule in members if rule.location_id == homes[staff_id]), members[0].location_id
    )
    told = sorted(
        (rule for rule in members if rule.location_id == told_at), key=lambda rule: rule.valid_from or date.min
    )
    first, last = told[0], told[-1]
    starts_late = first.start_time if first.start_time != MIDNIGHT else None
    ends_early = last.end_time if last.end_time != MIDNIGHT else None
    return TimeOff(
        id=group_id,
        staff_id=staff_id,
        first_on=first.valid_from or date.min,
        last_on=last.valid_to or date.max,
        start_time=starts_late,
        end_time=ends_early,
        location_ids=frozenset(rule.location_id for rule in members),
    )
