"""The demo salon: loaded once into a database that each test gets a copy of."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from infra.local import demo_salon
from infra.migrations import database as migrations
from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.catalog import use_cases as catalog
from salon.catalog.domain import PriceListDetails
from salon.clients import use_cases as clients
from salon.identity.domain import system
from salon.identity.use_cases import read_credentials
from salon.platform.clock import FrozenClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.settings import DatabaseSettings
from support.fixtures import MASTER_KEYS, app_url
from support.postgres import create_database, drop_database
from support.salon_world import Chat, SalonWorld

pytestmark = pytest.mark.database

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Moscow
ACTOR = system("tests")
NOBODY = "http://127.0.0.1:9"
_numbers = itertools.count()


def open_database(owner_url):
    settings = DatabaseSettings(database_url=SecretStr(app_url(owner_url)))
    return Database(settings, engine=make_engine(settings, pool_size=2), master=lambda: MasterKeys.parse(MASTER_KEYS))


def load(database, now=NOW, **more):
    return demo_salon.load(database, now=now, telegram_token="1:t", webhook_secrets=["s"], **more)


@pytest.fixture(scope="module")
def furnished(cluster, template_database):
    """The name of a database with the demo salon in it, loaded at NOW, and what the load said."""
    owner_url = create_database(cluster, "demo_furnished", template_database)
    database = open_database(owner_url)
    salon = load(database)
    database.engine.dispose()
    yield "demo_furnished", salon
    drop_database(cluster, "demo_furnished")


@pytest.fixture
def salon(furnished):
    return furnished[1]


@pytest.fixture
def demo_url(cluster, furnished):
    name = f"demo_{next(_numbers)}"
    yield create_database(cluster, name, furnished[0])
    drop_database(cluster, name)


@pytest.fixture
def demo(demo_url):
    database = open_database(demo_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def ask(demo_url):
    """Rows of a query, seen by the owner."""
    engine = create_engine(migrations.with_driver(demo_url))

    def rows(query, **parameters):
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    yield rows
    engine.dispose()


def everything(ask):
    tables = [
        "tenants", "locations", "staff", "services", "price_lists", "availability_rules", "clients", "channel_accounts",
        "slot_instances", "busy_intervals", "bookings", "booking_history", "audit_log", "outbox",
    ]  # fmt: skip
    return {
        table: ask(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t")[0]  # noqa: S608 - a fixed list of tables
        for table in tables
    }


def test_the_first_load_makes_a_whole_salon(salon, demo, ask):
    assert salon.is_new
    assert len(salon.locations) == 2
    assert len(salon.services) == 15
    assert len(salon.staff) == 8
    with demo.read(salon.tenant_id) as session:
        on = NOW.date()
        for service_id in salon.services.values():
            crew = catalog.list_staff_for(session, service_id)
            assert crew
            for person in crew:
                price = catalog.price_of(
                    session, service_id=service_id, location_id=person.location_id, staff_id=person.id, on=on
                )
                assert price.minor > 0
                assert price.currency == "RUB"
        known = read_credentials(session, salon.account_id)
        assert known == {"token": "1:t", "webhook_secrets": ["s"], "external_id": ""}
    assert ask("SELECT count(*), count(DISTINCT display_name), count(DISTINCT phone_index) FROM clients") == [
        (60, 60, 60)
    ]
    assert ask(
        "SELECT count(*) FROM services s WHERE NOT EXISTS (SELECT FROM slot_instances WHERE service_id = s.id)"
    ) == [(0,)]


def test_the_diary_looks_alive(salon, ask):
    counts = dict(ask("SELECT status, count(*) FROM bookings GROUP BY status"))
    assert set(counts) == {"confirmed", "completed", "cancelled", "no_show"}
    assert sum(counts.values()) == salon.bookings_made > 300
    assert counts["completed"] > 80
    assert 2 <= counts["no_show"] <= 20
    assert 15 <= counts["cancelled"] <= 80

    days = ask(
        "SELECT (starts_at AT TIME ZONE 'Europe/Moscow')::date, count(*) FROM bookings WHERE status <> 'cancelled'"
        " GROUP BY 1 ORDER BY 1"
    )
    assert [day for day, _ in days] == [NOW.date() + timedelta(days=step) for step in range(-7, 15)]
    assert min(count for _, count in days) >= 6
    assert 0.52 <= utilisation(ask) <= 0.68


def utilisation(ask):
    """Minutes that staff give to clients, of the minutes they work: from a week ago to two weeks ahead."""
    return float(
        ask(
            "WITH hours AS (SELECT staff_id, range_agg(tstzrange(starts_at, ends_at)) AS worked FROM slot_instances"
            "  WHERE starts_at < (SELECT max(starts_at) FROM bookings) GROUP BY staff_id),"
            " piece AS (SELECT unnest(worked) AS worked FROM hours)"
            " SELECT (SELECT sum(extract(epoch FROM ends_at - starts_at)) FROM bookings WHERE status <> 'cancelled')"
            "  / sum(extract(epoch FROM upper(worked) - lower(worked))) FROM piece"
        )[0][0]
    )


def test_the_diary_is_possible(ask):
    """No staff member and no client in two places, no price missing, nothing decided later than now."""
    pairs = ask(
        "SELECT a.id FROM bookings a JOIN bookings b ON a.id < b.id AND a.status <> 'cancelled'"
        " AND b.status <> 'cancelled' AND (a.staff_id = b.staff_id OR a.client_id = b.client_id)"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )
    assert pairs == []
    assert ask("SELECT count(*) FROM bookings WHERE price_minor IS NULL") == [(0,)]
    assert open_visits_over_by(ask, NOW) == 0
    assert ask("SELECT status FROM bookings WHERE status IN ('completed', 'no_show') AND ends_at > :now", now=NOW) == []
    assert ask("SELECT max(at) <= :now FROM booking_history", now=NOW) == [(True,)]
    backwards = (
        "SELECT count(*) FROM booking_history a JOIN booking_history b USING (booking_id) WHERE a.version < b.version"
    )
    assert ask(f"{backwards} AND a.at >= b.at") == [(0,)]
    assert ask("SELECT count(*) FROM bookings WHERE cancelled_at >= starts_at OR created_at >= starts_at") == [(0,)]


def open_visits_over_by(ask, now):
    query = "SELECT count(*) FROM bookings WHERE status = 'confirmed' AND ends_at < :before"
    return ask(query, before=now - timedelta(minutes=5))[0][0]


def test_invented_history_is_told_to_nobody(salon, ask):
    rows = ask("SELECT status, last_error, count(*) FROM outbox GROUP BY 1, 2")

    assert [row[:2] for row in rows] == [("cancelled", "demo: seeded, told to nobody")]
    assert rows[0][2] > 2 * salon.bookings_made
    assert ask("SELECT count(*) FROM overdue_outbox(:far, 10)", far=NOW + timedelta(days=400)) == [(0,)]


def test_a_relay_gets_nothing_to_relay(furnished, cluster, demo_url):
    relayed = []
    settings = DatabaseSettings(database_url=SecretStr(app_url(demo_url)))
    database = Database(
        settings,
        master=lambda: MasterKeys.parse(MASTER_KEYS),
        after_commit=lambda session: relayed.extend(session.info.pop("outbox", [])),
    )

    again = load(database, NOW + timedelta(days=1))

    database.engine.dispose()
    assert again.bookings_made > 0
    assert relayed == []


def test_a_second_load_changes_nothing(salon, demo, ask):
    before = everything(ask)

    again = load(demo)

    assert again == replace(salon, is_new=False, slots_made=0, bookings_made=0, visits_closed=0)
    assert everything(ask) == before


def test_a_second_load_keeps_what_a_person_changed(salon, demo, ask):
    with demo.transaction(salon.tenant_id) as session:
        maria = catalog.get_staff(session, salon.staff["Мария"])
        renamed = replace(catalog_details(maria), name="Мария Иванова-Выдумкина")
        catalog.change_staff(session, maria.id, renamed, actor=ACTOR, now=NOW)
        catalog.deactivate_service(session, salon.services["Маникюр"], actor=ACTOR, now=NOW)
        rule = availability.list_rules(session, maria.location_id)[0]
        availability.remove_rule(session, rule.id, actor=ACTOR, now=NOW)
        prices = PriceListDetails(name="Новый", valid_from=NOW.date())
        catalog.publish_price_list(session, prices, actor=ACTOR, now=NOW)
        [someone] = clients.find_clients_by_phone(session, "+7 900 000-00-40")
        clients.erase_client(session, someone.id, actor=ACTOR, now=NOW)
        tomorrow = NOW + timedelta(days=1)
        for made in booking.list_bookings(session, from_at=tomorrow, to_at=tomorrow + timedelta(days=1)):
            if made.status is BookingStatus.CONFIRMED:
                booking.cancel_booking(session, made.id, reason=CancelReason.SALON, actor=ACTOR, now=NOW)
    load(demo)
    before = everything(ask)

    again = load(demo)

    assert everything(ask) == before
    assert "Мария Иванова-Выдумкина" in again.staff
    assert "Маникюр" not in again.services
    assert (again.bookings_made, again.slots_made) == (0, 0)
    assert ask("SELECT count(*) FROM clients WHERE erased_at IS NULL") == [(59,)]


def catalog_details(person):
    from salon.catalog.domain import StaffDetails

    return StaffDetails(
        location_id=person.location_id, name=person.name, title=person.title, speciality=person.speciality,
        grade=person.grade,
    )  # fmt: skip


def test_new_secrets_reach_the_account(salon, demo):
    again = demo_salon.load(demo, now=NOW, telegram_token="2:t", webhook_secrets=["new", "s"])

    assert again.account_id == salon.account_id
    with demo.read(salon.tenant_id) as session:
        known = read_credentials(session, salon.account_id)
        assert known == {"token": "2:t", "webhook_secrets": ["new", "s"], "external_id": ""}


def test_time_goes_on_while_the_demo_is_off(salon, demo, ask):
    later = NOW + timedelta(days=17)  # longer than the diary reached: three days of the past are missing

    again = load(demo, later, days_ahead=1)

    assert not again.is_new
    assert again.visits_closed > 100
    assert again.bookings_made > 20
    assert open_visits_over_by(ask, later) == 0
    days = ask("SELECT DISTINCT (starts_at AT TIME ZONE 'Europe/Moscow')::date FROM bookings ORDER BY 1")
    assert [day for (day,) in days] == [NOW.date() + timedelta(days=step) for step in range(-7, 19)]
    assert ask("SELECT max(starts_at) FROM slot_instances")[0][0].date() == later.date() + timedelta(days=30)


def test_a_few_days_first_the_rest_later(demo_url, cluster, template_database):
    owner_url = create_database(cluster, "demo_in_parts", template_database)
    database = open_database(owner_url)

    first = load(database, days_behind=0, days_ahead=1)
    rest = load(database, days_behind=1, days_ahead=3)

    database.engine.dispose()
    drop_database(cluster, "demo_in_parts")
    assert 10 < first.bookings_made < 80
    assert 30 < rest.bookings_made < 150
    assert (first.is_new, rest.is_new) == (True, False)


def world(salon):
    return SalonWorld(salon.tenant_id, salon.account_id, salon.locations["Берёзка на Придуманной"])


def free_evening(database, salon, now):
    """Local starts of free haircuts with Anna tomorrow from 17 to 21."""
    tomorrow = now.astimezone(MOSCOW).date() + timedelta(days=1)
    with database.read(salon.tenant_id) as session:
        slots = availability.list_free_slots(
            session,
            service_id=salon.services["Стрижка"],
            staff_id=salon.staff["Анна"],
            from_at=datetime(tomorrow.year, tomorrow.month, tomorrow.day, 17, tzinfo=MOSCOW),
            to_at=datetime(tomorrow.year, tomorrow.month, tomorrow.day, 21, tzinfo=MOSCOW),
            now=now,
        )
    return [slot.starts_at.astimezone(MOSCOW).strftime("%H:%M") for slot in slots]


def walk_through(database, salon, clock, user_id):
    """Book Anna for tomorrow evening by the first button, then move it an hour."""
    chat = Chat(database, world(salon), clock, NOBODY, user_id=user_id)
    offers = chat.say("Хочу на стрижку к Анне завтра вечером")
    buttons = [button for button in chat.buttons(offers) if button["payload"] != "more"]
    assert len(buttons) >= 2
    assert all("завтра" in button["text"] and "Анна" in button["text"] for button in buttons)
    booked = "\n".join(answer["text"] for answer in chat.send(chat.tap(buttons[0]["payload"])))
    assert "Записала вас! Стрижка — завтра" in booked
    moved = chat.say("перенеси на час позже")[-1]["text"]
    assert "Перенесла. Стрижка — завтра" in moved


@pytest.mark.parametrize("hour", [9, 23])
@pytest.mark.parametrize("weekday", range(7))
def test_tomorrow_evening_anna_has_time_whenever_the_demo_starts(database, weekday, hour):
    now = datetime(2026, 3, 9 + weekday, hour, 40, tzinfo=MOSCOW).astimezone(UTC)

    salon = load(database, now, horizon_days=2, days_behind=0, days_ahead=1)

    evening = free_evening(database, salon, now)
    assert {"17:00", "17:30", "18:00", "18:30", "19:00"} <= set(evening)
    walk_through(database, salon, FrozenClock(now), user_id=5)


def test_day_after_day_anna_has_time(salon, demo):
    """The same demo, started again on each of the next days: it does not fill up by itself."""
    evenings = []
    for step in range(7):
        now = NOW + timedelta(days=step)
        again = load(demo, now)
        evenings.append(free_evening(demo, again, now))
        walk_through(demo, again, FrozenClock(now), user_id=100 + step)

    assert all(len(evening) >= 5 for evening in evenings)
    assert any("20:00" not in evening for evening in evenings), "an evening without a gap looks like an empty salon"
