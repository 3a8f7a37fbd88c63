"""One conversation, in each of the five messengers, through the real functions: booked, moved, cancelled, back."""

from __future__ import annotations

import re

import pytest

from salon.messaging.domain import Channel
from support.listener import let_a_minute_pass
from support.messengers import open_front

pytestmark = pytest.mark.database
SILENCE = b"OggS\x00\x02" + bytes(300)


@pytest.fixture(params=list(Channel))
def front(request, moto, furnished_url, salons, world):
    with open_front(request.param, ("aws", furnished_url, moto), salons, world) as made:
        yield made


def bookings(front):
    return [
        tuple(row)
        for row in front.rows(
            "SELECT b.status, s.name, to_char(b.starts_at AT TIME ZONE 'Europe/Moscow', 'HH24:MI') FROM bookings b"
            " JOIN services s ON s.id = b.service_id JOIN conversations c ON c.client_id = b.client_id"
            " WHERE c.account_id = :account ORDER BY b.id",
            account=front.account_id,
        )
    ]


def speak(front):
    """A voice message, which nobody listens to here."""
    front.heard(lambda: front.fake.send_voice(front.person, SILENCE))
    let_a_minute_pass(front.database, front.world.tenant_id)
    assert "не расслышала" in front.heard(lambda: front.cloud.tick("timer_sweep"))


def test_the_whole_life_of_a_booking(front):
    opened = front.heard(lambda: front.fake.start(front.person))
    assert "Здравствуйте" in (opened or front.write("Здравствуйте!"))  # not every messenger says that a chat was opened

    offers = front.write("Хочу на стрижку к Анне завтра в 17:00")
    assert "Стрижка: вот что свободно завтра" in offers
    booked = front.press("17:00")
    assert re.search(r"Записала вас! Стрижка — завтра, \d+ \w+, в 17:00", booked)
    assert bookings(front) == [("confirmed", "Стрижка", "17:00")]

    message, key = front.key("17:00") if _still_shows(front, "17:00") else (None, "")
    if message is not None:  # where buttons cannot be retired, an old one is tapped again
        assert "уже записаны" in front.heard(lambda: front.fake.tap(front.person, message.message_id, key))
        assert len(bookings(front)) == 1

    assert "в 17:00" in front.write("когда я записана?")
    assert re.search(r"Перенесла. Стрижка — завтра, \d+ \w+, в 18:00", front.write("перенеси на час позже"))
    assert "Отменила запись" in front.write("отмени")
    assert [row[0] for row in bookings(front)] == ["cancelled"]
    assert "Вернула запись" in front.press("Вернуть запись")
    assert bookings(front) == [("confirmed", "Стрижка", "18:00")]

    assert "Маникюр" in front.write("что у вас есть?")
    assert "Ольга" in front.write("кто делает маникюр?")
    assert "Пробная, 1" in front.write("какой у вас адрес?")

    everything = front.rows("SELECT status, last_error FROM inbox WHERE account_id = :id", id=front.account_id)
    assert {row.status for row in everything} == {"done"}
    assert {row.status for row in front.rows("SELECT status FROM outbox")} == {"done"}
    said = front.rows(
        "SELECT m.status FROM message_log m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE c.account_id = :id AND m.direction = 'out'",
        id=front.account_id,
    )
    assert {row.status for row in said} <= {"sent", "delivered", "read"}


def _still_shows(front, label):
    try:
        front.key(label)
    except LookupError:
        return False
    return True


def test_everything_a_person_can_send_is_answered_or_let_be(front):
    front.write("Здравствуйте")
    fake, person = front.fake, front.person
    acts = {
        "voice": lambda: speak(front),
        "photo": lambda: fake.send_photo(person, b"\xff\xd8\xff\xe0 picture"),
        "file": lambda: fake.send_file(person, b"%PDF-1.7", name="прайс.pdf", mime="application/pdf"),
        "contact": lambda: fake.send_contact(person),
        "card": lambda: fake.send_contact(person, phone="79000000555", first_name="Знакомая", own=False),
        "location": lambda: fake.send_location(person, 55.75, 37.62),
        "sticker": lambda: fake.send_sticker(person),
        "edit": lambda: fake.edit(person, fake.say(person, "завтра").message_id, "послезавтра"),
        "delete": lambda: fake.delete(person, fake.say(person, "ой").message_id),
        "react": lambda: fake.react(person, fake.sent_to(person)[-1].message_id, "❤"),
        "read": lambda: fake.read(person),
        "group": lambda: fake.say_in_group(person, "девочки, кто куда ходит?"),
        "human": lambda: fake.human_reply(person, "Это администратор, сейчас отвечу."),
        "block": lambda: fake.block(person),
        "unblock": lambda: fake.unblock(person),
    }
    done = []
    for name, act in acts.items():
        try:
            front.heard(act)
        except LookupError:
            continue  # that messenger has no such thing
        done.append(name)

    assert len(done) >= 10
    left = front.rows("SELECT status FROM inbox WHERE account_id = :id", id=front.account_id)
    assert {row.status for row in left} == {"done"}
    assert front.cloud.refused == []
    assert front.cloud.errors == []


def test_a_voice_and_a_picture_are_kept_once(front):
    front.write("Здравствуйте")
    speak(front)
    front.heard(lambda: front.fake.send_photo(front.person, b"\xff\xd8\xff\xe0 picture"))
    keys = [
        row.media_key
        for row in front.rows(
            "SELECT media_key FROM message_log m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE c.account_id = :id AND media_key IS NOT NULL ORDER BY m.id",
            id=front.account_id,
        )
    ]
    assert [key.split("/")[0] for key in keys] == ["voice", "photos"]
    for key, data in zip(keys, (SILENCE, b"\xff\xd8\xff\xe0 picture"), strict=True):
        stored = front.cloud.s3.get_object(Bucket=front.cloud.values["MediaBucket"], Key=key)
        assert stored["Body"].read() == data


def test_a_visit_comes_as_a_calendar_file_or_as_a_link_to_it(front):
    front.write("Хочу на стрижку к Анне завтра в 17:00")
    front.press("17:00")
    said = front.press("В календарь")

    assert "Ваш визит для календаря: Стрижка" in said
    files = [item for message in front.fake.sent_to(front.person) for item in message.items]
    if files:
        content = front.fake.state.files[files[-1].file_id].data.decode()
        assert content.startswith("BEGIN:VCALENDAR")
        assert "SUMMARY:Стрижка" in content
    else:
        assert re.search(r"https?://\S+/v1/bookings/[0-9a-f-]{36}/calendar\.ics\?key=\S+", said)
