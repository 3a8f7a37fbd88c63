"""A client is answered in their language, in the salon's own words and tone, whoever speaks first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from salon.booking import use_cases as booking
from salon.booking.visitors.use_cases import booking_page
from salon.catalog.domain import ServiceDetails
from salon.catalog.use_cases import create_service
from salon.identity.access import Role, UserDetails
from salon.identity.domain import Business
from salon.identity.use_cases import create_user, write_settings
from salon.identity.use_cases.business import change_business, get_business
from salon.messaging.domain import Channel, EventKind
from salon.messaging.people.use_cases import issue_binding_code
from salon.messaging.timers import SendDueReminders
from salon.messaging.use_cases.words import check_words
from support.inbound_line import Line
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
CYRILLIC = re.compile("[а-яё]+", re.IGNORECASE)
EXAMPLE = re.compile("“[^”]*[а-яё][^”]*”")
"""What an English text quotes as something to write: understanding reads Russian."""


class Guest:
    """Somebody with the messenger in a language."""

    def __init__(self, salon, person, language="en"):
        self.salon, self.person, self.language, self.everything = salon, person, language, []

    def _with_language(self, update):
        for content in (update.get("message"), update.get("callback_query")):
            if content is not None and self.language:
                content["from"]["language_code"] = self.language
        return update

    def write(self, words):
        return self._heard(self.person.send(self._with_language(self.person.message(text=words))))

    def press(self, label):
        return self._heard(self.person.send(self._with_language(self.person.tap(self.person.payload(label)))))

    def press_old(self, label):
        """Tap a button of long ago."""
        keys = [key for one in self.everything for row in one["buttons"] for key in row if label in key["text"]]
        return self._heard(self.person.send(self._with_language(self.person.tap(keys[0]["payload"]))))

    def unasked(self):
        self.person.heard = self.person.said()[len(self.everything) :]
        return self._heard(self.person.heard)

    def _heard(self, bodies):
        self.everything += bodies
        return "\n".join(one["text"] for one in bodies if one["text"])

    def read(self):
        """All that was written and all buttons, without what the salon's own data say."""
        words = [one["text"] for one in self.everything]
        words += [key["text"] for one in self.everything for row in one["buttons"] for key in row]
        return [EXAMPLE.sub("", self.without_names(said)) for said in words]

    def without_names(self, said):
        world = self.salon.world
        names = [*world.services, *world.staff, "Салон на Пробной", "ул. Пробная, 1", "Салон «Проба»"]
        for name in sorted(names, key=len, reverse=True):
            said = said.replace(name, "")
        return said


@pytest.fixture
def guest(salon, anna):
    return Guest(salon, anna)


def speak(salon, content):
    check_words(content)
    salon.do(write_settings, "texts", content, actor=ACTOR, now=salon.clock.now())


def trade_in_english(salon):
    def change(session):
        known = get_business(session)
        change_business(session, Business(known.name, "en", known.quiet_hours), actor=ACTOR, now=salon.clock.now())

    salon.do(change)


def test_an_english_speaker_books_moves_and_cancels_by_buttons_without_a_russian_word(salon, guest, clock):
    timer = SendDueReminders(salon.database, clock)
    assert "This is Салон" in guest.write("/start")
    assert "Which service" in guest.press("Book")
    assert "the nearest free times" in guest.press("Стрижка")
    booked = guest.press("Анна")
    assert "You are booked!" in booked
    assert "Price: ₽2,500." in booked
    assert "Your bookings" in guest.write("my bookings")
    guest.press("Move")
    assert guest.write("завтра в 18:00").startswith("Moved.")
    salon.pump()
    salon.at("2026-03-11 19:00")
    assert timer() == 1
    assert "A reminder: tomorrow, 12 March, at 18:00" in guest.unasked()
    assert "Thank you, see you tomorrow, 12 March, at 18:00!" in guest.press("I’ll be there")
    assert "Cancelled:" in guest.write("cancel")
    assert "Open: every day 9:00–21:00" in guest.write("address")
    guest.write("prices")
    assert "I have kept your question" in guest.write("talk to a person")
    assert "no more news" in guest.write("stop")
    assert "subscribed again" in guest.write("subscribe")
    assert [one[0] for one in guest.person.rows()] == ["cancelled"]

    assert [said for said in guest.read() if CYRILLIC.search(said)] == []
    assert len(guest.everything) > 12


def test_a_phone_is_asked_for_with_a_key_in_the_clients_language(salon, guest):
    salon.settings(booking.change_policy, phone_required=True)
    guest.write("/start")
    guest.press("Book")
    guest.press("Стрижка")

    assert "Your phone number is needed" in guest.press("Анна")
    [asked] = [one for one in guest.everything if one["ask_phone"]]
    assert asked["phone_label"] == "Share my number"


def test_the_language_is_changed_in_chat_and_what_was_being_chosen_stays(salon, anna):
    assert "вот что свободно" in anna.write("Хочу на стрижку к Анне завтра в 12")
    assert "I speak English, too" in anna.write("are you open on weekends maybe")

    said = anna.write("In English, please")
    assert "in English from now on" in said
    assert "this is free tomorrow, 12 March, at 12:00" in said
    assert "You are booked!" in anna.press("12:00")
    assert "already" in anna.write("/en")

    assert "дальше пишу по-русски" in anna.write("давайте по-русски")
    assert "Ваши записи" in anna.write("мои записи")
    assert [row[0] for row in anna.rows()] == ["confirmed"]
    names = salon.do(lambda session: session.connection().exec_driver_sql("SELECT display_name FROM clients").all())
    assert [tuple(row) for row in names] == [("Проба",)]


def test_a_yes_after_the_language_was_changed_answers_no_older_question(salon, anna):
    anna.write("стрижка к Анне завтра в 12")
    anna.press("12:00")
    salon.settings(booking.change_policy, cancel_free_hours=48, late_cancel_fee_percent=20)
    assert "Отмена сейчас платная" in anna.write("отмени")

    anna.write("English")
    anna.write("yes")

    assert [row[0] for row in anna.rows()] == ["confirmed"]


def test_what_a_salon_calls_russian_is_a_service_and_no_language(salon, anna):
    anna.write("English")
    details = ServiceDetails(name="Русский маникюр", duration_min=60)
    salon.do(create_service, details, actor=ACTOR, now=salon.clock.now())

    assert "по-русски" not in anna.write("русский")
    assert "дальше пишу по-русски" in anna.write("на русском")


def test_the_salon_reads_its_own_language_whatever_its_clients_and_their_phones_speak(salon, guest, rival):
    desk = Guest(salon, rival)
    details = UserDetails(name="Вера", role=Role.FRONTDESK)
    now = salon.clock.now()
    vera = salon.do(create_user, details, actor=ACTOR, actor_role=Role.OWNER, now=now)
    desk.write(f"/bind {salon.do(issue_binding_code, vera.id, actor=ACTOR, now=now).code}")
    guest.write("стрижка к Анне сегодня в 12:00")
    guest.press("12:00")

    assert "expecting you" in guest.write("I’m late")
    assert "Запись: Стрижка — сегодня, 11 марта, в 12:00, Анна." in desk.unasked()
    assert "front desk" in guest.write("person")
    assert "клиент просит человека" in desk.unasked()
    assert "теперь у вас" in desk.press("Взять")
    guest.press_old("12:00")
    assert "(нажимает кнопку" in desk.unasked()

    trade_in_english(salon)
    guest.press_old("12:00")
    assert "(taps “" in desk.unasked()
    assert "Nobody is waiting" not in desk.write("/inbox")
    assert desk.write("/return").startswith("I have no. 1 back")


@pytest.mark.parametrize(
    ("told", "trades", "greeted"),
    [
        ("en-GB", "ru", "Hello! "),
        ("ru", "en", "Здравствуйте! "),
        ("de", "ru", "Здравствуйте! "),
        (None, "ru", "Здравствуйте! "),
        ("de", "en", "Hello! "),
        (None, "en", "Hello! "),
    ],
)
def test_who_is_greeted_in_which_language(salon, told, trades, greeted):
    if trades == "en":
        trade_in_english(salon)
    line = Line(salon, Channel.WHATSAPP)
    assert line.take(EventKind.START, language=told).startswith(greeted)


def test_own_wording_and_tone_are_spoken_in_each_language_and_in_reminders(salon, guest, rival, clock):
    timer = SendDueReminders(salon.database, clock)
    speak(
        salon,
        {
            "tone": "friendly",
            "ru": {"menu-book": "Хочу!", "remind-day-before": "{ $staff } ждёт вас: { $day }."},
            "en": {"menu-book": "Book me in", "remind-day-before": "{ $staff } looks forward to { $day }."},
        },
    )
    lena = Guest(salon, rival, "ru")

    assert guest.write("/start").startswith("Hi! ")
    assert lena.write("/start").startswith("Привет! ")
    assert guest.person.labels[0] == "Book me in"
    assert lena.person.labels[0] == "Хочу!"
    guest.press("Book me in")
    guest.press("Стрижка")
    guest.write("завтра в 17:00 к Анне")
    assert "Done, you’re booked!" in guest.press("17:00")
    lena.write("стрижка к Марии завтра в 17:00")
    assert "Записала тебя!" in lena.press("17:00")

    salon.pump()
    clock.advance(timedelta(hours=8))
    assert timer() == 2
    assert "Анна looks forward to tomorrow, 12 March." in guest.unasked()
    assert "Мария ждёт вас: завтра, 12 марта." in lena.unasked()

    speak(salon, {"tone": "formal"})
    assert "Good day" in guest.write("/start")
    assert lena.write("спасибо") == "Рады быть полезными."


def test_the_page_of_a_booking_speaks_the_clients_language_in_the_salons_words(salon, guest):
    speak(salon, {"en": {"page-status-confirmed": "See you soon"}})
    guest.write("/start")
    guest.press("Book")
    guest.press("Стрижка")
    guest.write("завтра в 12:00 к Анне")
    guest.press("12:00")

    def page(session):
        [one] = booking.list_upcoming_for_client(session, client_id, now=salon.clock.now())
        return booking_page(session, one.id, now=salon.clock.now(), calendar_path="calendar.ics")

    client_id = salon.do(
        lambda session: session.connection().exec_driver_sql("SELECT client_id FROM conversations").scalar_one()
    )
    shown = salon.do(page)
    assert '<html lang="en">' in shown
    assert "See you soon" in shown
    assert "Thursday, 12 March 2026, 12:00" in shown
    assert CYRILLIC.search(guest.without_names(shown)) is None
