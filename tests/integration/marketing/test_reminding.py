"""What reminders say together, what is answered to them, and what a tenant may switch off."""

from __future__ import annotations

import pytest

from salon.booking import use_cases as booking
from salon.clients import use_cases as clients
from salon.messaging.domain.taps import Tap
from salon.messaging.use_cases import reminders
from support.factories import free_slots
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
PLANS = "SELECT kind, to_char(due_at AT TIME ZONE 'Europe/Moscow', 'DD HH24:MI'), status FROM reminders ORDER BY due_at"


def test_a_reminder_has_keys_a_template_and_a_queue_of_its_own(town, anna):
    made = anna.book("2026-03-12 17:00")
    town.tell()
    town.at("2026-03-11 17:00")
    assert town.remind() == 1

    assert [(label, tap.tap, tap.subject) for label, tap in anna.taps()] == [
        ("Приду", Tap.REMIND_CONFIRM, made.id),
        ("Перенести", Tap.RESCHEDULE, made.id),
        ("Отменить", Tap.CANCEL, made.id),
    ]
    template = anna.said()[-1]["template"]
    assert template["purpose"] == "remind_day_before"
    assert template["values"] == ["завтра, 12 марта", "17:00", "Стрижка", "Анна", "ул. Пробная, 1"]
    assert len(template["payloads"]) == 3
    assert town.rows("SELECT queue FROM outbox WHERE kind = 'message.send'") == [("reminder",)]
    assert town.rows("SELECT purpose FROM message_log") == [("reminder",)]


def test_an_answer_is_kept_and_told_once(town, anna):
    made = anna.book("2026-03-12 17:00")
    town.tell()
    town.at("2026-03-11 17:00")
    town.remind()

    for _ in range(2):  # a double tap
        assert anna.turn(lambda talk: reminders.confirm_attendance(talk, made.id)) == "Приду"
    assert "ждём вас завтра, 12 марта, в 17:00" in anna.texts()[-1]
    assert town.rows("SELECT answer FROM reminders WHERE kind = 'day_before'") == [("coming",)]
    [fact] = town.facts("booking.attendance_confirmed")
    assert (fact["booking_id"], fact["client_id"]) == (str(made.id), str(anna.id))

    anna.turn(lambda talk: reminders.note_answer(talk, Tap.RESCHEDULE, made.id))
    assert town.rows("SELECT answer FROM reminders WHERE kind = 'day_before'") == [("moving",)]
    stranger = town.person(2)
    assert stranger.turn(lambda talk: reminders.confirm_attendance(talk, made.id)) is None


def test_two_visits_on_one_day_are_one_message_the_day_before(town, anna):
    anna.book("2026-03-13 12:00")
    anna.book("2026-03-13 17:00", service="Маникюр", staff="Ольга")
    anna.book("2026-03-14 12:00")
    town.tell()
    town.at("2026-03-12 12:00")
    assert (town.remind(), town.remind()) == (1, 0)
    assert "• 12:00 — Стрижка, мастер Анна" in anna.texts()[-1]
    assert "• 17:00 — Маникюр, мастер Ольга" in anna.texts()[-1]
    assert [tap.tap for _, tap in anna.taps()] == [Tap.REMIND_CONFIRM, Tap.MENU_MINE]

    town.at("2026-03-12 17:00")
    assert town.remind() == 0  # the other one of the day was spoken for
    town.at("2026-03-13 10:00")
    assert town.remind() == 1  # five hours lie between: each its own two hours before
    assert "Ждём вас сегодня в 12:00" in anna.texts()[-1]
    town.at("2026-03-13 15:00")
    assert town.remind() == 2  # and the day before the third
    assert len(anna.said()) == 4


def test_what_follows_within_the_lead_comes_in_the_same_message(town, anna):
    anna.book("2026-03-12 17:00")
    anna.book("2026-03-12 18:30", service="Маникюр", staff="Ольга")
    town.tell()
    for moment in ("2026-03-11 17:00", "2026-03-11 18:30", "2026-03-12 15:00", "2026-03-12 16:30"):
        town.at(moment)
        town.remind()
    assert len(anna.said()) == 2
    assert all("18:30 — Маникюр" in words for words in anna.texts())


def test_a_visit_of_several_services_is_reminded_of_once(town, anna):
    with town.database.transaction(town.world.tenant_id) as session:
        cut, nails = (
            next(
                slot.id
                for slot in free_slots(session, service_id=town.world.services[service], now=town.clock.now())
                if slot.starts_at.isoformat() == f"2026-03-12T{hour}:00+00:00"
                and slot.staff_id == town.world.staff[who]
            )
            for service, who, hour in (("Стрижка", "Анна", "14:00"), ("Маникюр", "Ольга", "15:00"))
        )
        visit = booking.hold_visit(
            session, slot_ids=[cut, nails], client_id=anna.id, channel="telegram", actor=ACTOR, now=town.clock.now()
        )
        booking.confirm_visit(session, visit.id, actor=ACTOR, now=town.clock.now())
    town.tell()
    for moment in ("2026-03-11 17:00", "2026-03-11 18:00", "2026-03-12 15:00", "2026-03-12 16:00"):
        town.at(moment)
        town.remind()
    assert len(anna.said()) == 2
    assert all("Стрижка" in words and "Маникюр" in words for words in anna.texts())
    last = anna.taps()[-1][1]
    assert last.tap is Tap.CANCEL_VISIT
    town.person(2).turn(lambda talk: reminders.note_answer(talk, last.tap, last.subject))
    assert town.rows("SELECT DISTINCT answer FROM reminders") == [(None,)]  # a stranger answers nothing
    anna.turn(lambda talk: reminders.note_answer(talk, last.tap, last.subject))
    assert town.rows("SELECT DISTINCT answer FROM reminders WHERE status = 'sent'") == [("not_coming",)]


def test_habits_decide_which_reminders_go_out_and_when(town, anna):
    town.settings(reminders=[{"kind": "soon", "lead_min": 180}])
    anna.book("2026-03-12 17:00")
    town.tell()
    assert town.rows(PLANS) == [("soon", "12 14:00", "planned")]
    town.settings(reminders=[])  # switched off meanwhile
    town.at("2026-03-12 14:00")
    assert town.remind() == 0
    assert town.rows(PLANS) == [("soon", "12 14:00", "skipped")]


def test_what_was_just_agreed_is_not_reminded_of(town, anna):
    town.at("2026-03-11 16:30")
    anna.book("2026-03-12 17:00")  # the day before would be in half an hour
    town.tell()
    assert town.rows(PLANS) == [("soon", "12 15:00", "planned")]


def test_nobody_who_blocked_us_is_reminded(town, anna):
    anna.book("2026-03-12 17:00")
    town.tell()
    town.do(clients.mark_blocked, anna.contact_id, actor=ACTOR, now=town.clock.now())
    town.at("2026-03-11 17:00")
    assert town.remind() == 0
    assert town.rows(PLANS)[0][2] == "skipped"
