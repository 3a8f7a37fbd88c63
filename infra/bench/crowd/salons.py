"""Two salons with ten bots each. One bot alone would run into the limit of what it takes in, which stays in force."""

from __future__ import annotations

from datetime import date, datetime

from infra.bench.crowd.plan import ACCOUNTS_PER_TENANT, SERVICES, TENANTS, Account
from salon.catalog import use_cases as catalog
from salon.catalog.domain import LocationDetails, PriceItem, PriceListDetails, ServiceDetails
from salon.identity.domain import ChannelConfig, ChannelDetails, SendRate, system
from salon.identity.use_cases import create_tenant
from salon.identity.use_cases.channels import create_channel_account
from salon.platform.db import Database, WriteSession
from salon.platform.ids import new_id
from salon.platform.money import Money

ACTOR = system("bench")
RATE = SendRate(capacity=1_000, per_second=1_000)
"""People who write ten times in a few seconds are answered as quickly; the messenger's own limits would measure it."""


def furnish(database: Database, _owner_url: str, now: datetime) -> tuple[Account, ...]:
    """Make the salons in a migrated database; their bots, those of the salons in turn."""
    salons = [_make_salon(database, number, now) for number in range(TENANTS)]
    return tuple(account for together in zip(*salons, strict=True) for account in together)


def _make_salon(database: Database, number: int, now: datetime) -> list[Account]:
    tenant_id = new_id()
    with database.transaction(tenant_id) as session:
        create_tenant(session, name=f"Салон {number}", actor=ACTOR, now=now)
        _list_prices(session, now)
        accounts = []
        for bot in range(ACCOUNTS_PER_TENANT):
            token, secret = f"{9000 + number * 100 + bot}:token-of-a-bot-of-the-crowd", f"secret-{number}-{bot}"
            details = ChannelDetails(name="Проба", config=ChannelConfig(account_rate=RATE, chat_rate=RATE))
            given = {"token": token, "webhook_secrets": [secret]}
            made = create_channel_account(session, "telegram", details, given, actor=ACTOR, now=now)
            accounts.append(Account(str(tenant_id), str(made.id), made.account_key, token, secret))
    return accounts


def _list_prices(session: WriteSession, now: datetime) -> None:
    place = LocationDetails(name="Салон на Пробной", timezone="Europe/Moscow", address="ул. Пробная, 1")
    location_id = catalog.create_location(session, place, actor=ACTOR, now=now).id
    services = [
        catalog.create_service(session, ServiceDetails(name=name, duration_min=60), actor=ACTOR, now=now).id
        for name in SERVICES
    ]
    catalog.offer_services(session, location_id, services, actor=ACTOR, now=now)
    items = tuple(PriceItem(service, Money(100_000 + 10_000 * number)) for number, service in enumerate(services))
    price_list = PriceListDetails(name="Прайс", valid_from=date(2026, 1, 1), items=items)
    catalog.publish_price_list(session, price_list, actor=ACTOR, now=now)
