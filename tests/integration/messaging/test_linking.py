"""One person in several messengers: who is asked, what comes together, and what must never come together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.clients import use_cases as clients
from salon.clients.linking.errors import ClientsNotMergeable
from salon.clients.linking.use_cases import current_id
from salon.messaging.use_cases.linking import merge
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
PHONE = "+79000000123"


def share(person, phone=PHONE):
    """Share the own number by the messenger's own button."""
    person.send(person.message(contact={"phone_number": phone, "first_name": "Проба", "user_id": person.user_id}))
    return person.text


def client_of(salon, person):
    with salon.database.read(salon.world.tenant_id) as session:
        return session.scalar(
            text("SELECT client_id FROM conversations WHERE chat_id = :chat"), {"chat": str(person.user_id)}
        )


def test_a_verified_phone_brings_two_chats_together(salon, anna, rival):
    anna.write("Запишите на стрижку к Анне завтра в 17:00")
    anna.press("17:00")
    share(anna)
    rival.write("Здравствуйте")
    old, new = client_of(salon, anna), client_of(salon, rival)
    assert old != new

    assert "С этим номером телефона нам уже писали: Telegram" in share(rival)
    assert "теперь все ваши записи вместе" in rival.press("Да, это я")

    assert client_of(salon, rival) == client_of(salon, anna) == min(old, new)
    assert "Стрижка" in rival.write("мои записи")
    assert "Отменила запись" in rival.write("отмени")
    assert "нет предстоящих записей" in anna.write("мои записи")
    with salon.database.read(salon.world.tenant_id) as session:
        gone = max(old, new)
        assert current_id(session, gone) == min(old, new)
        assert clients.find_clients_by_phone(session, PHONE) == [clients.get_client(session, min(old, new))]
        consents = session.execute(text("SELECT client_id, purpose, is_given, wording_version FROM consents")).all()
        assert (new, "linking", True, "link-ask/2") in [tuple(row) for row in consents]


def test_a_question_is_answered_once(salon, anna, rival):
    for person in (anna, rival):
        person.write("Здравствуйте")
        share(person)
    no, yes = rival.payload("Нет, не я"), rival.payload("Да, это я")
    assert "ничего не объединяю" in rival.press_payload(no)
    assert "уже не действует" in rival.press_payload(yes)
    assert client_of(salon, anna) != client_of(salon, rival)


def test_a_typed_phone_is_asked_about_where_it_was_vouched_for(salon, anna, rival):
    anna.write("Здравствуйте")
    share(anna)
    rival.write("Здравствуйте")

    assert "уже писали" not in rival.write(f"мой телефон {PHONE}")
    asked = anna.said()[-1]
    assert "нам уже писали: Telegram, имя «" in asked["text"]

    anna.heard = [asked]
    assert "ничего не объединяю" in anna.press("Нет, не я")
    assert client_of(salon, anna) != client_of(salon, rival)
    rival.write(f"мой телефон {PHONE}")
    assert "нам уже писали" not in anna.said()[-1]["text"]  # a no is a no


def test_a_number_that_many_type_is_asked_about_seldom(salon, anna):
    anna.write("Здравствуйте")
    share(anna)

    def asked_by(*numbers):
        for number in numbers:
            stranger = salon.person(number)
            stranger.write("Здравствуйте")
            stranger.write(f"мой телефон {PHONE}")
        return sum("нам уже писали" in message["text"] for message in anna.said())

    assert asked_by(11, 12, 13) == 1  # while a question is open, nobody else is asked about
    anna.heard = anna.said()[-1:]
    anna.press("Нет, не я")
    assert asked_by(14, 15) == 2
    anna.heard = [one for one in anna.said() if "нам уже писали" in one["text"]][-1:]
    anna.press("Нет, не я")
    assert asked_by(16) == 2
    salon.clock.advance(timedelta(days=31))
    assert asked_by(17) == 3


def test_nobody_is_asked_where_others_read(salon, anna, rival):
    anna.write("Здравствуйте")
    share(anna)
    rival.write("Здравствуйте")
    with salon.database.transaction(salon.world.tenant_id) as session:
        session.execute(
            text("UPDATE conversations SET is_group = TRUE WHERE client_id = :id"), {"id": client_of(salon, anna)}
        )
    rival.write(f"мой телефон {PHONE}")
    with salon.database.read(salon.world.tenant_id) as session:
        assert session.scalar(text("SELECT count(*) FROM client_links")) == 0  # it may be asked another time


def test_two_typed_phones_prove_nothing(salon, anna, rival):
    for person in (anna, rival):
        person.write("Здравствуйте")
        person.write(f"мой телефон {PHONE}")
    everything = [message["text"] for person in (anna, rival) for message in person.said()]
    assert not any("уже писали" in said for said in everything)
    with salon.database.read(salon.world.tenant_id) as session:
        assert session.scalar(text("SELECT count(*) FROM client_links")) == 0


def test_another_number_is_not_vouched_for_any_more(salon, anna, rival):
    anna.write("Здравствуйте")
    share(anna)
    anna.write("мой телефон +79000000999")
    rival.write("Здравствуйте")
    rival.write("мой телефон +79000000999")
    assert not any("уже писали" in message["text"] for message in [*anna.said(), *rival.said()])


def test_a_stranger_cannot_answer_for_somebody_else(salon, anna, rival):
    anna.write("Здравствуйте")
    share(anna)
    rival.write("Здравствуйте")
    rival.write(f"мой телефон {PHONE}")
    with salon.database.read(salon.world.tenant_id) as session:
        link_id = session.scalar(text("SELECT id FROM client_links"))

    assert "уже не действует" in rival.press_payload(f"ly:{link_id.hex}")
    assert client_of(salon, anna) != client_of(salon, rival)


def test_forgetting_a_person_forgets_who_they_were_before(salon, anna, rival):
    anna.write("Здравствуйте")
    rival.write("Мне нужна помощь")
    one, other = client_of(salon, anna), client_of(salon, rival)
    kept = salon.do(merge, one, other, actor=ACTOR, now=salon.clock.now())
    with pytest.raises(ClientsNotMergeable):
        salon.do(merge, one, other, actor=ACTOR, now=salon.clock.now())

    salon.do(clients.erase_client, kept, actor=ACTOR, now=salon.clock.now())
    with salon.database.read(salon.world.tenant_id) as session:
        living = "SELECT count(*) FROM data_keys WHERE subject_kind = 'client' AND wrapped IS NOT NULL"
        assert session.scalar(text(living)) == 0
        assert session.scalar(text("SELECT count(*) FROM clients WHERE erased_at IS NULL")) == 0


def test_a_client_is_not_merged_with_itself(salon, anna):
    anna.write("Здравствуйте")
    one = client_of(salon, anna)
    with pytest.raises(ClientsNotMergeable):
        salon.do(merge, one, one, actor=ACTOR, now=salon.clock.now())
