"""Reminders follow their booking and go out once, however often the timer fires."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from salon.clients.use_cases import change_client, erase_client
from salon.identity.domain import system
from salon.messaging.timers import SendDueReminders
from salon.messaging.use_cases.reminders import send_reminder
from support.functions import NOWHERE
from support.recording_channel import Counter
from support.salon_world import Chat

pytestmark = pytest.mark.database
ACTOR = system("tests")
REMINDERS = (
    "SELECT kind, to_char(due_at AT TIME ZONE 'Europe/Moscow', 'DD HH24:MI'), status FROM reminders"
    " ORDER BY starts_at, due_at"
)
PLANNED = [("day_before", "11 17:00", "planned"), ("soon", "12 15:00", "planned")]


class Guest(Chat):
    """Somebody with a booking, whose facts are told and whose reminders are looked at."""

    def book(self, words="Хочу на стрижку к Анне завтра в 17:00"):
        at = words.rpartition(" ")[2]  # the last word is the time
        self.send(self.tap(next(one["payload"] for one in self.buttons(self.say(words)) if at in one["text"])))
        self.tell()

    def tell(self):
        for (outbox_id,) in self.query("SELECT id FROM outbox WHERE queue = 'events' AND status = 'open'"):
            self.facts(self.world.tenant_id, outbox_id)

    def query(self, sql):
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql))]

    def reminded(self):
        return self.query("SELECT count(*) FROM outbox WHERE queue = 'reminder'")[0][0]


@pytest.fixture
def guest(then_salons, furnished_then, clock):
    return Guest(then_salons, furnished_then.first, clock, NOWHERE)


@pytest.fixture
def timer(then_salons, clock):
    return SendDueReminders(then_salons, clock)


def moscow(day, hour, minute=0):
    return datetime(2026, 3, day, hour - 3, minute, tzinfo=UTC)


def test_a_booking_is_reminded_of_a_day_and_two_hours_before(guest, timer, clock):
    guest.book()
    assert guest.query(REMINDERS) == PLANNED
    clock.instant = moscow(11, 16, 59)
    assert timer() == 0

    clock.instant = moscow(11, 17)
    assert (timer(), timer()) == (1, 0)
    assert "Напоминаем: завтра, 12 марта, в 17:00 вы записаны на услугу «Стрижка»" in guest.said()[-1]["text"]
    clock.instant = moscow(12, 15, 3)
    assert (timer(), timer()) == (1, 0)
    assert "Ждём вас сегодня в 17:00: Стрижка, мастер Анна, ул. Пробная, 1" in guest.said()[-1]["text"]

    assert {status for *_, status in guest.query(REMINDERS)} == {"sent"}
    assert guest.reminded() == 2
    assert guest.query("SELECT DISTINCT not_after FROM outbox WHERE queue = 'reminder'") == [(moscow(12, 17),)]


def test_a_fact_told_again_plans_nothing_new(guest):
    guest.book()
    with guest.database.transaction(guest.world.tenant_id) as session:
        session.execute(text("UPDATE outbox SET status = 'open' WHERE queue = 'events'"))
        session.execute(text("DELETE FROM event_deliveries"))
    guest.tell()
    assert guest.query(REMINDERS) == PLANNED


@pytest.mark.concurrency
def test_two_timers_at_once_remind_once(guest, timer, then_salons, clock):
    guest.book()
    clock.instant = moscow(11, 17)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: SendDueReminders(then_salons, clock)(), range(4))) == 1
    assert guest.reminded() == 1


@pytest.mark.concurrency
def test_without_the_timers_lease_the_rows_lock_still_lets_one_through(guest, clock):
    guest.book()
    clock.instant = moscow(11, 17)
    [(reminder_id,)] = guest.query("SELECT id FROM reminders WHERE kind = 'day_before'")
    start = Barrier(4)

    def remind(_number):
        start.wait(10)
        with guest.database.transaction(guest.world.tenant_id) as session:
            return send_reminder(session, reminder_id, clock.now())

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(remind, range(4))) == 1
    assert guest.reminded() == 1


def test_a_moved_visit_is_reminded_of_at_its_new_time_only(guest, timer, clock):
    guest.book()
    guest.say("перенеси на час позже")
    guest.tell()
    assert guest.query(REMINDERS) == [
        ("day_before", "11 17:00", "cancelled"),
        ("soon", "12 15:00", "cancelled"),
        ("day_before", "11 18:00", "planned"),
        ("soon", "12 16:00", "planned"),
    ]
    clock.instant = moscow(11, 17, 30)
    assert timer() == 0
    clock.instant = moscow(11, 18)
    assert timer() == 1
    assert "в 18:00" in guest.said()[-1]["text"]

    guest.say("перенеси на час раньше")  # back to where it was: its reminders live again
    guest.tell()
    assert ("soon", "12 15:00", "planned") in guest.query(REMINDERS)
    clock.instant = moscow(12, 15)
    assert timer() == 1
    assert "сегодня в 17:00" in guest.said()[-1]["text"]


def test_a_cancelled_visit_is_not_reminded_of_and_a_restored_one_is(guest, timer, clock):
    guest.book()
    cancelled = guest.say("отмени")
    guest.tell()
    assert {status for *_, status in guest.query(REMINDERS)} == {"cancelled"}
    guest.send(guest.tap(guest.buttons(cancelled)[0]["payload"]))
    guest.tell()
    assert guest.query(REMINDERS) == PLANNED

    guest.say("отмени")  # and the fact has not been told when the timer fires
    clock.instant = moscow(11, 17)
    assert timer() == 0
    assert guest.query(REMINDERS)[0] == ("day_before", "11 17:00", "skipped")
    assert guest.reminded() == 0


@pytest.mark.parametrize(("is_cancelled", "becomes"), [(False, ("sent", None)), (True, ("cancelled", "OUTDATED"))])
def test_a_reminder_that_could_not_go_out_is_not_said_of_a_visit_called_off_meanwhile(
    guest, timer, clock, is_cancelled, becomes
):
    guest.book()
    clock.instant = moscow(11, 17)
    assert timer() == 1  # queued; the messenger is down
    if is_cancelled:
        guest.say("отмени")
    sender = Counter(guest.database, guest.world.tenant_id, clock)
    for (outbox_id,) in guest.query("SELECT id FROM outbox WHERE queue = 'reminder'"):
        sender.deliver(guest.world.tenant_id, outbox_id)
    assert guest.query("SELECT status, error FROM message_log WHERE purpose = 'reminder'") == [becomes]


def test_a_visit_that_is_near_is_not_reminded_of(guest, clock):
    guest.book("на стрижку к Анне сегодня в 12")
    assert guest.query("SELECT status FROM bookings") == [("confirmed",)]
    assert guest.query(REMINDERS) == []


def test_a_timer_that_was_down_skips_what_no_longer_helps(guest, timer, clock):
    guest.book()
    clock.instant = moscow(12, 16, 46)
    assert timer() == 0
    assert {status for *_, status in guest.query(REMINDERS)} == {"skipped"}
    assert guest.reminded() == 0


def test_the_clients_own_night_counts_and_a_reminder_of_the_evening_before_says_tomorrow(guest, timer, clock):
    guest.say("привет")
    [(client_id,)] = guest.query("SELECT id FROM clients")
    with guest.database.transaction(guest.world.tenant_id) as session:
        change_client(
            session,
            client_id,
            display_name="Проба",
            language="ru",
            timezone="Asia/Vladivostok",
            actor=ACTOR,
            now=clock.now(),
        )
    guest.book("на стрижку к Анне завтра в 9")
    assert ("soon", "11 14:59", "planned") not in guest.query(REMINDERS)  # 7:00 in Moscow is the afternoon there
    assert ("soon", "12 07:00", "planned") in guest.query(REMINDERS)

    with guest.database.transaction(guest.world.tenant_id) as session:
        session.execute(text("UPDATE clients SET timezone = NULL"))
    guest.say("перенеси на час позже")
    guest.tell()
    assert ("soon", "11 21:59", "planned") in guest.query(REMINDERS)
    clock.instant = moscow(11, 22)
    timer()
    assert "Напоминаем: завтра, 12 марта, в 10:00" in guest.said()[-1]["text"]


def test_one_clients_trouble_keeps_nobody_else_from_being_reminded(guest, timer, then_salons, furnished_then, clock):
    guest.book()
    other = Guest(then_salons, furnished_then.second, clock, NOWHERE)
    other.book()
    [(client_id,)] = guest.query("SELECT id FROM clients")
    with guest.database.transaction(guest.world.tenant_id) as session:
        erase_client(session, client_id, actor=ACTOR, now=clock.now())
        session.execute(text("UPDATE reminders SET due_at = due_at - interval '1 minute'"))  # it comes first
    clock.instant = moscow(11, 17)

    assert timer() == 1
    assert (guest.reminded(), other.reminded()) == (0, 1)
    clock.advance(timedelta(minutes=1))
    assert timer() == 0
