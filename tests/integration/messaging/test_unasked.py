"""What the salon writes first: somebody is ill, or somebody could come at another time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.bulk.use_cases import carry_out_absence
from salon.booking.shifts import use_cases as shifts
from support.salon_world import ACTOR

pytestmark = pytest.mark.database


@pytest.fixture
def booked(salon, anna):
    """Somebody who comes to Анна on Saturday at noon."""
    anna.write("стрижка к Анне в субботу в 12")
    anna.press("12:00")
    anna.hear()
    return anna


def only(salon):
    with salon.database.read(salon.world.tenant_id) as session:
        [found] = booking.list_bookings(
            session, from_at=salon.clock.now(), to_at=salon.clock.now() + timedelta(days=10)
        )
    return found


def ill(salon, visit):
    hours = timedelta(hours=6)
    salon.do(
        carry_out_absence, visit.staff_id, visit.starts_at - hours, visit.starts_at + hours, actor=ACTOR,
        now=salon.clock.now(),
    )  # fmt: skip


def ask(salon, visit, *, minutes=-30, incentive=30_000):
    starts_at = visit.starts_at + timedelta(minutes=minutes)
    with salon.database.read(salon.world.tenant_id) as session:
        [slot] = availability.list_free_slots(
            session, service_id=visit.service_id, staff_id=visit.staff_id, from_at=starts_at,
            to_at=starts_at + timedelta(minutes=1), now=salon.clock.now(), leaving_slot_id=visit.slot_id,
        )  # fmt: skip
    return salon.do(
        shifts.propose_shift, booking_id=visit.id, new_slot_id=slot.id, incentive_minor=incentive, actor=ACTOR,
        now=salon.clock.now(),
    )  # fmt: skip


def rows(person):
    return [(row[0], row[2], row[3][-5:]) for row in person.rows()]


class TestSomebodyIsIll:
    def test_an_apology_and_a_button_that_moves(self, salon, booked):
        ill(salon, only(salon))

        said = booked.hear()
        assert "Простите, пожалуйста: Анна в этот день не сможет вас принять" in said
        assert booked.labels[0] == "сб 14 марта, 12:00 · Мария"
        payload = booked.payload("12:00 · Мария")
        assert "Перенесла" in booked.press_payload(payload)
        assert rows(booked) == [("confirmed", "Мария", "12:00")]
        assert "и так записаны" in booked.press_payload(payload)

    def test_it_is_told_once(self, salon, booked):
        for _ in range(2):
            ill(salon, only(salon))
            salon.pump(again=True)

        assert sum("Простите" in message["text"] for message in booked.said()) == 1

    def test_no_rule_for_clients_binds_what_the_salon_asks_for(self, salon, booked):
        salon.settings(
            booking.change_policy, reschedule_free_hours=24 * 7, reschedule_limit=0, cancel_free_hours=24 * 7,
            late_cancel_fee_percent=50,
        )  # fmt: skip
        ill(salon, only(salon))
        booked.hear()
        off = booked.payload("Отменить")

        booked.press("12:00 · Мария")
        assert rows(booked) == [("confirmed", "Мария", "12:00")]
        assert "платная" in booked.press_payload(off)

    def test_giving_up_costs_nothing(self, salon, booked):
        salon.settings(booking.change_policy, cancel_free_hours=24 * 7, late_cancel_fee_percent=50)
        ill(salon, only(salon))
        booked.hear()

        assert "Платить за отмену не нужно" in booked.press("Отменить")
        assert rows(booked) == [("cancelled", "Анна", "12:00")]

    def test_whoever_is_slower_is_offered_others(self, salon, booked, rival):
        ill(salon, only(salon))
        booked.hear()
        rival.write("стрижка к Марии в субботу в 12")
        rival.press("12:00 · Мария")

        assert "только что заняли" in booked.press("12:00 · Мария")
        booked.press(booked.labels[0])
        assert "Перенесла" in booked.text

    def test_another_s_booking_is_out_of_reach(self, salon, booked, rival):
        ill(salon, only(salon))
        booked.hear()
        rival.write("привет")

        rival.press_payload(booked.payload("12:00 · Мария"))

        assert rows(booked) == [("confirmed", "Анна", "12:00")]

    def test_at_night_it_waits_for_the_morning(self, salon, booked):
        salon.at("2026-03-12 23:30")
        ill(salon, only(salon))

        assert booked.hear() == ""
        salon.at("2026-03-13 09:00")
        assert "Простите" in booked.hear()

    def test_at_night_before_an_early_visit_it_does_not_wait(self, salon, booked):
        salon.at("2026-03-14 06:00")
        ill(salon, only(salon))

        assert "Простите" in booked.hear()

    def test_what_was_cancelled_meanwhile_is_not_apologised_for(self, salon, booked):
        ill(salon, only(salon))
        booked.write("отмени")

        assert booked.hear() == ""


class TestAShift:
    def test_yes_moves_for_less(self, salon, booked):
        ask(salon, only(salon))

        assert "Можно перенести вас с 12:00 на 11:30?" in booked.hear()
        assert "скидка 300\N{NO-BREAK SPACE}₽" in booked.text
        yes = booked.payload("Да")
        assert "2\N{NO-BREAK SPACE}200" in booked.press("Да")
        assert rows(booked) == [("confirmed", "Анна", "11:30")]
        assert "уже перенесены" in booked.press_payload(yes)

    @pytest.mark.parametrize(("words", "at"), [("да", "11:30"), ("нет", "12:00")])
    def test_a_written_answer(self, salon, booked, words, at):
        ask(salon, only(salon), incentive=0)
        assert "скидка" not in booked.hear()

        booked.write(words)

        assert rows(booked) == [("confirmed", "Анна", at)]

    def test_no_leaves_it_and_a_later_yes_is_too_late(self, salon, booked):
        ask(salon, only(salon))
        booked.hear()
        yes = booked.payload("Да")

        assert "оставляю как было" in booked.press("Нет")
        assert "уже не действует" in booked.press_payload(yes)
        assert rows(booked) == [("confirmed", "Анна", "12:00")]

    def test_an_answer_after_it_ran_out(self, salon, booked):
        ask(salon, only(salon))
        booked.hear()
        salon.clock.advance(timedelta(hours=2))

        assert "уже не действует, ваша запись осталась" in booked.press("Да")

    def test_the_time_was_taken_meanwhile(self, salon, booked, rival):
        ask(salon, only(salon), minutes=60)
        booked.hear()
        rival.write("стрижка к Анне в субботу в 13")
        rival.press("13:00 · Анна")

        assert "уже заняли. Ваша запись остаётся" in booked.press("Да")
        assert ("confirmed", "Анна", "12:00") in rows(booked)

    def test_at_night_nobody_is_asked(self, salon, booked):
        salon.at("2026-03-12 23:45")
        ask(salon, only(salon))
        assert booked.hear() == ""

        salon.at("2026-03-13 09:00")  # by then nobody waits for the answer any more
        assert booked.hear() == ""
