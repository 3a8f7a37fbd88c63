"""The demo salon: an invented business with people, prices, working weeks and a diary that looks alive.

Data: `shared/demo/salon.json` (what it is, a file that any tenant can import) and `shared/demo/bookings.json` (who
comes). Everything is made through the use cases. Loading again finds the salon, keeps whatever a person has changed,
and only moves time on: slots up to the horizon, visits for days that have none yet, an end for visits that are over.

    python -m infra.local.demo_salon --database-url postgresql://salon_app:…@127.0.0.1:5432/salon --master-keys k1:…
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from infra.local.demo_bookings import Diary, Habits, Names, withdraw_facts
from salon.availability import use_cases as availability
from salon.availability.salon_file.use_cases import import_salon, read_salon_file
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location
from salon.clients import use_cases as clients
from salon.identity.domain import system
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import add_channel_account, change_credentials, create_tenant, read_credentials
from salon.platform.clock import SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.keys import list_tenants
from salon.platform.settings import DatabaseSettings
from salon.platform.shared_data import shared_path
from salon.platform.timeranges import local_instant, zone

ACTOR = system("demo")
CHANNEL = "telegram"
OPENED_BEFORE = timedelta(days=60)  # the invented past: the salon and its clients are that old at the first load
HORIZON_DAYS = 30
DAYS_BEHIND, DAYS_AHEAD = 7, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSalon:
    """What a load found or made.

    Attributes:
        account_id: its Telegram account.
        is_new: whether this load made the salon.
        locations: ids by name, and so `staff` and `services`: what is active now, a person's changes included.
        slots_made: new slots.
        bookings_made: new bookings, cancelled ones included.
        visits_closed: visits of an earlier load that were over by now.
    """

    tenant_id: UUID
    account_id: UUID
    is_new: bool
    locations: Mapping[str, UUID]
    staff: Mapping[str, UUID]
    services: Mapping[str, UUID]
    slots_made: int = 0
    bookings_made: int = 0
    visits_closed: int = 0


@dataclass(frozen=True, slots=True)
class _Data:
    """Both data files."""

    salon: Mapping[str, Any]
    diary: Mapping[str, Any]

    @property
    def tenant_id(self) -> UUID:
        return UUID(self.diary["tenant_id"])

    @property
    def phones(self) -> list[str]:
        """The invented clients' numbers, by which a later load finds them again."""
        first = int(self.diary["client_phone_from"].removeprefix("+"))
        return [f"+{first + number}" for number in range(len(self.diary["clients"]))]


def load(
    database: Database,
    *,
    now: datetime,
    telegram_token: str,
    webhook_secrets: Sequence[str],
    account_key: str = "demo",
    horizon_days: int = HORIZON_DAYS,
    days_behind: int = DAYS_BEHIND,
    days_ahead: int = DAYS_AHEAD,
) -> DemoSalon:
    """Have the demo salon in a migrated database, with a diary from a week ago to two weeks ahead.

    Whoever cannot wait loads a few days first and all of them later: what is there is kept.

    The first load is about 25 transactions: one makes the salon whole, then one for each day of the diary, so
    that a load that was cut off is finished by the next. The facts of the invented bookings are withdrawn from the
    outbox in their own transactions (`demo_bookings.withdraw_facts`).

    Args:
        database: with master keys; a relay is not needed.
        now: the current instant.
        telegram_token: of the bot; goes into the account. A stored account follows the token and secrets given here,
            because the caller is about to register the webhook with them.
        webhook_secrets: one, or two while one is being changed.
        account_key: stands in the webhook's URL.
        horizon_days: slots are made for so many days ahead.
        days_behind: the diary begins so many days before today.
        days_ahead: the diary ends so many days after today; at most `horizon_days`.
    """
    data = _Data(_read("salon.json"), _read("bookings.json"))
    credentials = {"token": telegram_token, "webhook_secrets": list(webhook_secrets)}
    with database.without_tenant() as session:
        is_new = data.tenant_id not in list_tenants(session)
    with database.transaction(data.tenant_id) as session:
        if is_new:
            _make_salon(session, data, now - OPENED_BEFORE)
            withdraw_facts(session, now=now)
        account_id = _have_account(session, account_key, credentials, now)
    with database.transaction(data.tenant_id) as session:
        places = catalog.list_locations(session)
        diary = _diary(session, data, places, now)
        closed = diary.close_past_visits(session, now - OPENED_BEFORE)
        withdraw_facts(session, now=now)
        empty_days = diary.list_empty_days(session, days_behind, days_ahead)
        slots_made = sum(_make_slots(session, place, empty_days, horizon_days, now) for place in places)
        plan = diary.plan(session, empty_days)
    made = 0
    for day, visits in plan.items():
        with database.transaction(data.tenant_id) as session:
            made += diary.fill_day(session, day, visits)
            withdraw_facts(session, now=now)
    return DemoSalon(
        tenant_id=data.tenant_id,
        account_id=account_id,
        is_new=is_new,
        locations={place.name: place.id for place in places},
        staff={name: staff_id for staff_id, name in diary.names.staff.items()},
        services={name: service_id for service_id, name in diary.names.services.items()},
        slots_made=slots_made,
        bookings_made=made,
        visits_closed=closed,
    )


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((shared_path("demo") / name).read_text(encoding="utf-8"))
    return data


def _make_salon(session: WriteSession, data: _Data, now: datetime) -> None:
    """Tenant, catalogue, working weeks and clients, as of the day the salon opened."""
    create_tenant(session, name=data.salon["tenant"]["name"], actor=ACTOR, now=now)
    import_salon(session, read_salon_file(data.salon), actor=ACTOR, now=now, refresh=False)
    for number, (name, phone) in enumerate(zip(data.diary["clients"], data.phones, strict=True)):
        came_at = now + timedelta(hours=7 * number)
        client = clients.create_client(session, display_name=name, actor=ACTOR, now=came_at)
        clients.set_phone(session, client.id, phone, actor=ACTOR, now=came_at)


def _have_account(session: WriteSession, account_key: str, credentials: Mapping[str, Any], now: datetime) -> UUID:
    account = IdentityRepository(session).find_account(CHANNEL, account_key)
    if account is None:
        return add_channel_account(
            session, channel=CHANNEL, account_key=account_key, credentials=credentials, actor=ACTOR, now=now
        )
    present = read_credentials(session, account.id)
    if any(present.get(name) != value for name, value in credentials.items()):
        change_credentials(session, account.id, credentials, actor=ACTOR, now=now)
    return account.id


def _diary(session: ReadSession, data: _Data, places: Sequence[Location], now: datetime) -> Diary:
    """The diary as of now, of those clients who are still there under their invented number."""
    found = (clients.find_clients_by_phone(session, phone) for phone in data.phones)
    return Diary(
        client_ids=[known[0].id for known in found if known],
        names=Names(
            staff={person.id: person.name for person in catalog.list_staff(session)},
            services={service.id: service.name for service in catalog.list_services(session)},
        ),
        habits=Habits.read(data.diary),
        timezone=places[0].timezone if places else data.salon["locations"][0]["timezone"],
        actor=ACTOR,
        now=now,
    )


def _make_slots(
    session: WriteSession, place: Location, empty_days: Sequence[date], horizon_days: int, now: datetime
) -> int:
    """Slots up to the horizon; for empty days that have begun, those that the past would have had."""
    today = now.astimezone(zone(place.timezone)).date()
    made = 0
    for first, last in _runs([day for day in empty_days if day <= today]):
        eve = local_instant(first, time.min, place.timezone) - timedelta(seconds=1)
        made += availability.generate_slots(session, location_id=place.id, from_on=first, to_on=last, now=eve).created
    until = today + timedelta(days=horizon_days)
    return (
        made + availability.generate_slots(session, location_id=place.id, from_on=today, to_on=until, now=now).created
    )


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Stretches of days without a gap: first and last of each; `days` ascend."""
    if not days:
        return []
    breaks = [(one, other) for one, other in pairwise(days) if other - one > timedelta(days=1)]
    firsts = [days[0], *(other for _, other in breaks)]
    lasts = [*(one for one, _ in breaks), days[-1]]
    return list(zip(firsts, lasts, strict=True))


def main(arguments: list[str] | None = None) -> int:
    """Load the demo salon into a database and say what there is."""
    parser = argparse.ArgumentParser(description="Load the demo salon into a migrated database.")
    parser.add_argument("--database-url", required=True, help="URL of the application role")
    parser.add_argument("--master-keys", default=os.environ.get("MASTER_KEYS"), help="default: $MASTER_KEYS")
    parser.add_argument("--token", default="1001:demo", help="the bot's token (default: the simulator's)")
    parser.add_argument("--webhook-secret", action="append", required=True, help="may be given twice")
    parser.add_argument("--account-key", default="demo")
    chosen = parser.parse_args(arguments)
    if not chosen.master_keys:
        parser.error("give --master-keys or set MASTER_KEYS")
    master = MasterKeys.parse(chosen.master_keys)
    settings = DatabaseSettings(database_url=SecretStr(chosen.database_url))
    salon = load(
        Database(settings, master=lambda: master),
        now=SystemClock().now(),
        telegram_token=chosen.token,
        webhook_secrets=chosen.webhook_secret,
        account_key=chosen.account_key,
    )
    print(f"tenant {salon.tenant_id} ({'new' if salon.is_new else 'found'}), account {salon.account_id}")
    print(f"slots made {salon.slots_made}, bookings made {salon.bookings_made}, visits closed {salon.visits_closed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
