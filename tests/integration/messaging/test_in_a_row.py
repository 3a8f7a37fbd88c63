"""Two services in a row, talked about: «маникюр и стрижку в субботу после двенадцати»."""

from __future__ import annotations

import pytest

from salon.booking import use_cases as booking
from salon.platform import metrics as figures

pytestmark = pytest.mark.database
ROW = [("Стрижка", "14:00"), ("Маникюр", "15:00")]


@pytest.fixture
def offered(anna):
    """Somebody to whom chains were offered."""
    assert "подряд: вот что свободно завтра" in anna.write("сначала стрижка, потом маникюр завтра в 14")
    return anna


def booked(person):
    return [(row[0], row[1], row[3][-5:]) for row in person.rows() if row[0] != "cancelled"]


def test_a_tap_books_all_of_it_with_one_text_and_the_sum(offered):
    said = offered.press("завтра, 14:00 — Стрижка · Анна, 15:00 — Маникюр · Ольга")

    assert "14:00 — Стрижка, мастер Анна" in said
    assert "15:00 — Маникюр, мастер Ольга" in said
    assert "Всего: 6\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}₽" in said
    assert said.count("Записала") == 1
    assert booked(offered) == [("confirmed", *one) for one in ROW]
    assert offered.metrics.total(figures.BOOKING_FUNNEL, kind="confirmed") == 2


def test_within_the_wish_at_most_three_and_others_when_asked(anna):
    anna.write("маникюр и стрижку в субботу после двенадцати")
    first = anna.labels

    assert len(first) == 4
    assert all(label.startswith("сб 14 марта, 1") and label.count("·") == 2 for label in first[:3])
    anna.press("Ещё варианты")
    assert len(set(anna.labels[:3]) - set(first)) == 3


def test_the_first_offers_are_good_after_others_were_shown(offered):
    early = offered.payload("завтра, 14:00")
    offered.press("Ещё варианты")

    assert "14:00 — Стрижка" in offered.press_payload(early)


def test_a_double_tap_books_once(offered):
    payload = offered.payload("завтра, 14:00")
    offered.press_payload(payload)

    assert "уже записаны" in offered.press_payload(payload)
    assert len(booked(offered)) == 2


def test_a_button_of_another_wish_is_stale(offered):
    old = offered.payload("завтра, 14:00")
    offered.write("маникюр и стрижку в субботу после двенадцати")

    assert "устарели" in offered.press_payload(old)
    assert booked(offered) == []
    assert any("сб 14 марта" in label for label in offered.labels)


def test_whoever_is_slower_is_offered_others(offered, rival):
    rival.write("маникюр завтра в 15")
    rival.press("завтра, 15:00 · Ольга")

    assert "только что заняли" in offered.press("завтра, 14:00")
    assert booked(offered) == [("confirmed", "Маникюр", "15:00")]
    offered.press(offered.labels[0])
    assert len(booked(offered)) == 3
    assert offered.metrics.total(figures.BOOKING_REFUSED, outcome="slot_full") == 1


def test_when_no_chain_is_left_one_service_alone_is_offered(salon, anna):
    salon.block(staff="Ольга")

    assert "Могу записать на что-то одно" in anna.write("маникюр и стрижку в субботу")
    assert "Стрижка" in anna.press("Только Стрижка")
    assert all("14 марта" in label for label in anna.labels[:3])


def test_cancelling_means_the_whole_visit_and_can_be_undone(offered):
    offered.press("завтра, 14:00")

    assert "Стрижка" in offered.write("отмени")
    assert "Маникюр" in offered.text
    assert booked(offered) == []
    offered.press("Вернуть")
    assert booked(offered) == [("confirmed", *one) for one in ROW]


def test_among_several_the_visit_is_one_choice(offered):
    offered.press("завтра, 14:00")
    offered.write("стрижка к Анне в субботу в 12")
    offered.press("12:00")

    assert "Какую" in offered.write("отмени")
    assert len(offered.labels) == 2
    offered.press("Стрижка и Маникюр")
    assert booked(offered) == [("confirmed", "Стрижка", "12:00")]


def test_one_of_a_visit_is_cancelled_by_its_name(offered):
    offered.press("завтра, 14:00")

    assert "Остаётся: Стрижка" in offered.write("отмени маникюр")
    assert booked(offered) == [("confirmed", "Стрижка", "14:00")]


def test_one_of_a_visit_is_moved_with_a_warning_and_never_onto_the_other(offered):
    offered.press("завтра, 14:00")

    assert "у вас уже есть: Стрижка" in offered.write("перенеси маникюр на полчаса раньше")
    assert booked(offered) == [("confirmed", *one) for one in ROW]
    offered.write("перенеси маникюр на час позже")
    assert "На прежнем времени остаётся: Стрижка" in offered.text
    assert booked(offered) == [("confirmed", "Стрижка", "14:00"), ("confirmed", "Маникюр", "16:00")]


def test_a_third_service_is_added_to_what_is_talked_about(anna):
    anna.write("стрижка завтра днём")

    assert "Стрижка и Маникюр подряд" in anna.write("и ещё маникюр")


def test_a_deposit_holds_all_of_it(salon, offered):
    salon.settings(booking.change_policy, deposit={"kind": "percent", "percent": 10})

    said = offered.press("завтра, 14:00")

    assert "держу за вами" in said
    assert "600\N{NO-BREAK SPACE}₽" in said
    assert {row[0] for row in offered.rows()} == {"held"}
    offered.press("Отменить")
    assert {row[0] for row in offered.rows()} == {"cancelled"}
