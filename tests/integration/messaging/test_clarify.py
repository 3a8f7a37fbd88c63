"""Where words leave a doubt one short question is asked, and no wish of a message is dropped."""

from __future__ import annotations

import pytest

from salon.catalog.domain import ServiceDetails, Skill, StaffDetails
from salon.catalog.use_cases import assign_skills, create_service, create_staff
from salon.platform.ids import new_id
from support.salon_world import ACTOR, Chat, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def chat(database, tenant_id, clock):
    return Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")


def labels(chat, answers):
    return [button["text"] for button in chat.buttons(answers)]


def payload_of(chat, answers, label):
    return next(button["payload"] for button in chat.buttons(answers) if label in button["text"])


def text_of(answers):
    return "\n".join(answer["text"] for answer in answers)


def book(chat, words="Хочу на стрижку к Анне завтра в 17:00"):
    offers = chat.say(words)
    return chat.send(chat.tap(payload_of(chat, offers, "17:00")))


def hire(chat, name, services):
    with chat.database.transaction(chat.world.tenant_id) as session:
        details = StaffDetails(location_id=chat.world.location_id, name=name)
        person = create_staff(session, details, actor=ACTOR, now=chat.clock.now())
        skills = [Skill(service_id=chat.world.services[one]) for one in services]
        assign_skills(session, person.id, skills, actor=ACTOR, now=chat.clock.now())
    return person.id


def test_two_of_one_name_are_asked_about_and_the_wish_is_kept(chat):
    hire(chat, "Анна Петрова", ["Стрижка"])

    asked = chat.say("хочу на стрижку к Ане завтра вечером")
    assert "К кому именно" in text_of(asked)
    assert {"Анна", "Анна Петрова"} <= set(labels(chat, asked))

    offers = chat.send(chat.tap(payload_of(chat, asked, "Анна")))
    assert "Стрижка" in text_of(offers)
    assert "завтра" in text_of(offers)
    times = [label for label in labels(chat, offers) if ":" in label]
    assert times
    assert all(label.endswith("Анна") for label in times)


def test_of_two_of_one_name_the_one_who_does_the_service_is_meant(chat):
    hire(chat, "Анна Петрова", ["Маникюр"])

    offers = chat.say("на стрижку к Ане завтра вечером")

    assert "Стрижка: вот что свободно" in text_of(offers)
    assert all("Петрова" not in label for label in labels(chat, offers))


def test_two_wishes_the_second_follows_the_first(chat):
    book(chat)

    answers = chat.say("отмени стрижку и запиши на маникюр завтра")

    assert "Отменила запись: Стрижка" in text_of(answers)
    assert "Маникюр: вот что свободно завтра" in text_of(answers)
    assert chat.bookings()[0].status == "cancelled"


def test_a_question_and_a_wish_are_both_answered(chat):
    answers = chat.say("сколько стоит маникюр и можно завтра?")

    assert "Маникюр — 3\N{NO-BREAK SPACE}500" in text_of(answers)
    assert "Маникюр: вот что свободно завтра" in text_of(answers)


def test_a_wish_waits_until_the_first_one_is_booked(chat):
    book(chat)
    offers = chat.say("запишите на маникюр завтра и отмените стрижку")
    assert "Вторую просьбу помню" in text_of(offers)
    assert [row.status for row in chat.bookings()] == ["confirmed"]

    done = chat.send(chat.tap(next(one["payload"] for one in chat.buttons(offers) if ":" in one["text"])))

    assert "Записала вас! Маникюр" in text_of(done)
    assert "Теперь отменить запись «Стрижка" in text_of(done)
    assert "Отменила запись: Стрижка" in text_of(chat.say("да"))


def test_who_cannot_come_is_asked_whether_to_move_or_to_cancel(chat):
    book(chat)

    asked = chat.say("не смогу завтра")
    assert labels(chat, asked)[:2] == ["Перенести", "Отменить"]
    assert chat.bookings()[0].status == "confirmed"

    chat.send(chat.tap(payload_of(chat, asked, "Отменить")))
    assert chat.bookings()[0].status == "cancelled"


def test_a_weekday_that_is_today_is_asked_about(chat):
    asked = chat.say("на стрижку к Анне в среду")  # the clock stands on a Wednesday
    assert "Уточните, пожалуйста, день" in text_of(asked)
    assert len(chat.buttons(asked)) == 2

    offers = chat.send(chat.tap(chat.buttons(asked)[1]["payload"]))
    assert "18 марта" in text_of(offers)


def test_a_correction_in_the_middle_of_choosing_keeps_the_rest(chat):
    chat.say("на стрижку к Анне в четверг вечером")

    offers = chat.say("нет, не в четверг, в пятницу")
    assert "Стрижка" in text_of(offers)
    assert "пятниц" in text_of(offers) or "13 марта" in text_of(offers)

    offers = chat.say("не стрижка, а окрашивание")
    assert "Окрашивание: вот что свободно" in text_of(offers)
    assert "13 марта" in text_of(offers)


def test_a_transcript_with_slips_books_as_well(chat):
    offers = chat.say("запишите меня на стришку к ане завтра в пять вечера")

    assert "Стрижка: вот что свободно завтра" in text_of(offers)
    chat.send(chat.tap(payload_of(chat, offers, "17:00")))
    assert [tuple(row) for row in chat.bookings()] == [("confirmed", "Стрижка", "Анна", "2026-03-12 17:00")]


def test_two_services_in_one_message_are_offered_in_a_row(chat):
    offers = chat.say("маникур и стришку в субботу после двенадцати")

    assert "Стрижка" in text_of(offers)
    assert "Маникюр" in text_of(offers)
    assert any("Стрижка" in label and "Маникюр" in label for label in labels(chat, offers))


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("до скольки можно отменить?", "Отменить или перенести запись можно"),
        ("какой у вас вайфай", "Пароль от вайфая"),
        ("а какой пароль?", "Пароль от вайфая"),
        ("есть ли скидки?", "ответит администратор"),
        ("не звоните мне пожалуйста", "сама я только пишу"),
    ],
)
def test_what_is_often_asked_has_an_answer(chat, words, answer):
    assert answer in text_of(chat.say(words))


def test_two_failures_in_a_row_hand_over_and_one_between_starts_anew(chat):
    first = chat.say("абырвалг зюзя")
    chat.say("что у вас есть?")
    again = chat.say("кхм пыщь")
    assert "Не совсем поняла" in text_of(first)
    assert "Не совсем поняла" in text_of(again)

    last = chat.say("бдыщ тыдыщ")
    assert "+7 900 000-00-01" in text_of(last)


@pytest.fixture
def nails(chat):
    """A salon that also has a service of an uncommon name, so that a slip is hardly understood."""
    with chat.database.transaction(chat.world.tenant_id) as session:
        details = ServiceDetails(name="Наращивание ресниц", duration_min=60)
        service = create_service(session, details, actor=ACTOR, now=chat.clock.now())
    chat.world.services["Наращивание ресниц"] = service.id
    return chat


def test_what_was_hardly_understood_is_asked_about_and_twice_in_a_row_called_for(nails):
    asked = nails.say("запишите на ботокс ресниц")  # nobody here does that
    assert "Вы про «Наращивание ресниц»?" in text_of(asked)
    assert labels(nails, asked) == ["Да", "Другая услуга"]

    last = nails.say("запишите на ботокс ресниц")
    assert "+7 900 000-00-01" in text_of(last)


def test_several_people_are_booked_one_after_the_other(chat):
    assert "Записываю по одному" in text_of(chat.say("мне и дочке маникюр завтра"))


def test_later_about_offers_is_no_delay(chat):
    chat.say("на стрижку к Анне завтра в 12:00")

    assert "Стрижка" in text_of(chat.say("а попозже?"))


def test_an_email_is_kept(chat):
    assert "адрес записала" in text_of(chat.say("моя почта proba@example.com"))
    offers = chat.say("почта proba@example.com, запишите на маникюр завтра")
    assert "Маникюр: вот что свободно" in text_of(offers)


def test_old_and_forged_buttons_of_questions_do_nothing(chat):
    for payload in (f"p:{new_id().hex}", "me:3", "me:99", "dy:20260318"):
        assert "уже не действует" in text_of(chat.send(chat.tap(payload)))
    assert not chat.bookings()
