"""A file into a salon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from salon.availability import use_cases as availability
from salon.availability.domain import SlotsGenerated
from salon.availability.salon_file.domain import ImportReport, Outcome
from salon.availability.salon_file.errors import SalonFileRefused
from salon.availability.salon_file.repository import attempt, lock_salon
from salon.availability.salon_file.schemas import SalonFile
from salon.availability.salon_file.use_cases.people import import_locations, import_staff
from salon.availability.salon_file.use_cases.tally import Tally
from salon.availability.salon_file.use_cases.wares import (
    import_norms,
    import_pools,
    import_prices,
    import_resources,
    import_services,
)
from salon.availability.salon_file.use_cases.working_time import import_templates, import_working_time
from salon.availability.salon_file.use_cases.workplace import Workplace
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor, Business, QuietHours
from salon.identity.use_cases import list_settings, record_audit, write_settings
from salon.identity.use_cases.business import change_business, get_business
from salon.platform.db import WriteSession, tenant_of

MINUTES_OF_HOUR = 60
CheckSection = Callable[[str, Mapping[str, Any]], None]


def import_salon(
    session: WriteSession,
    file: SalonFile,
    *,
    actor: Actor,
    now: datetime,
    is_dry_run: bool = False,
    refresh: bool = True,
    check_section: CheckSection | None = None,
) -> ImportReport:
    """Make the tenant what the file says, all of it or nothing; a second import of the same file changes nothing.

    Things are recognised by name (staff by name and branch, price lists by branch and first day) and become exactly
    what the file says of them. What the file does not mention stays; of the lists that stand for themselves (see
    `schemas`) that holds for the whole list. A price list that has begun is not rewritten (`catalog.use_cases`).

    Args:
        session: one transaction inside the tenant, which exists already.
        file: as `read_salon_file` returns it.
        actor: who imports it.
        now: the current instant.
        is_dry_run: say what would happen, change nothing.
        refresh: make the slots up to the tenant's horizon where anything has moved. Without it `catalog.changed` tells
            that somebody has to.
        check_section: is called with each section of settings and its values, and refuses those that its owner would;
            the owners stand to the right of this module.

    Returns:
        What became of each thing; of a dry run also what was refused.

    Raises:
        SalonFileRefused: something cannot be had; nothing was imported.
    """
    lock_salon(session)
    tally = Tally(session)
    slots = SlotsGenerated()
    with catalog.gather_changes(session, now=now) as moved, attempt(session) as savepoint:
        place = Workplace(session, tally, actor, now, moved)
        _import_tenant(place, file, check_section)
        import_pools(place, file)
        import_services(place, file)
        import_templates(place, file)
        import_locations(place, file)
        import_resources(place, file)
        import_staff(place, file)
        import_working_time(place, file)
        import_prices(place, file)
        import_norms(place, file)
        if is_dry_run or tally.is_refused:
            savepoint.rollback()
            moved.clear()
        elif refresh:
            slots = availability.refresh_locations(session, moved, now=now)
            moved.clear()
    report = ImportReport(tally.things, is_dry_run=is_dry_run, slots=slots)
    if is_dry_run:
        return report
    if tally.is_refused:
        raise SalonFileRefused(report.problems)
    record_audit(
        session,
        action="salon_file.imported",
        subject="tenant",
        subject_id=tenant_of(session),
        actor=actor,
        now=now,
        data={outcome.value: number for outcome, number in report.counts.items()},
    )
    return report


def _import_tenant(place: Workplace, file: SalonFile, check_section: CheckSection | None) -> None:
    session, part = place.session, file.tenant
    if part is not None:
        with place.tally.thing(f"tenant «{part.name}»") as done:
            quiet = QuietHours(
                part.quiet_from.hour * MINUTES_OF_HOUR + part.quiet_from.minute,
                part.quiet_until.hour * MINUTES_OF_HOUR + part.quiet_until.minute,
            )
            wanted = Business(part.name, part.locale, quiet)
            if get_business(session) != wanted:
                change_business(session, wanted, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
    present = list_settings(session)
    for section, values in file.settings.items():
        with place.tally.thing(f"settings, {section}") as done:
            if check_section is not None:
                check_section(section, values)
            if present.get(section) != values:
                write_settings(session, section, values, actor=place.actor, now=place.now)
                done(Outcome.CHANGED if section in present else Outcome.CREATED)
