"""Agreeing and taking it back: what counts, who is asked, and what is cancelled at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.clients.errors import ClientErased, ClientNotFound
from salon.messaging import repository
from salon.messaging.domain import Purpose
from salon.messaging.use_cases import linking, marketing_talk
from salon.messaging.use_cases.say import Reply, say
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
SAID = (
    "SELECT purpose, is_given, channel, split_part(wording_version, '-', 1), actor_kind FROM consents ORDER BY at, id"
)


def agrees(town, person, purpose=ConsentPurpose.MARKETING) -> bool:
    with town.database.read(town.world.tenant_id) as session:
        return clients.has_consent(session, person.id, purpose)


def test_the_latest_word_counts_and_every_word_is_kept(town, anna):
    assert not agrees(town, anna)
    for is_given in (True, True, False, True):
        anna.consent(is_given=is_given)
        assert agrees(town, anna) is is_given
        town.clock.advance(timedelta(minutes=1))
    assert not agrees(town, anna, ConsentPurpose.LINKING)
    with town.database.read(town.world.tenant_id) as session:
        listed = clients.list_consents(session, anna.id)
    assert [one.is_given for one in listed] == [True, False, True]  # the same again is no news
    assert [(fact["purpose"], fact["is_given"]) for fact in town.facts("consent.changed")] == [
        ("marketing", True),
        ("marketing", False),
        ("marketing", True),
    ]


def test_nobody_can_change_what_was_said(town, anna):
    anna.consent(is_given=True)
    for statement in ("UPDATE consents SET is_given = FALSE", "DELETE FROM consents"):
        with pytest.raises(DBAPIError, match="permission denied"):
            town.do(lambda session, statement=statement: session.execute(text(statement)))


def test_one_persons_word_holds_for_all_of_their_merged_rows(town, anna):
    other = town.person(2)
    other.consent(is_given=True)
    assert not agrees(town, anna)
    town.do(
        lambda session: session.execute(
            text("UPDATE clients SET merged_into_id = :into WHERE id = :id"), {"into": anna.id, "id": other.id}
        )
    )
    assert agrees(town, anna)
    town.clock.advance(timedelta(minutes=1))
    other.consent(is_given=False)
    assert not agrees(town, anna)
    assert not agrees(town, other)
    assert town.rows("SELECT client_id FROM consents ORDER BY at DESC LIMIT 1") == [(anna.id,)]


def test_the_erased_and_the_unknown_agree_to_nothing(town, anna):
    town.do(clients.erase_client, anna.id, actor=ACTOR, now=town.clock.now())
    with pytest.raises(ClientErased):
        anna.consent(is_given=True)
    anna.id = new_id()
    with pytest.raises(ClientNotFound):
        anna.consent(is_given=True)


def test_somebody_new_is_told_once_that_writing_on_is_agreeing(town, anna):
    town.settings(privacy_url="https://salon.example/privacy")
    assert anna.turn(marketing_talk.tell_about_personal_data) is True
    assert anna.turn(marketing_talk.tell_about_personal_data) is False
    assert [words for words in anna.texts() if "https://salon.example/privacy" in words] == anna.texts()
    assert town.rows(SAID) == [("personal_data", True, "telegram", "pd1", "client")]


def test_news_are_asked_about_once_and_not_again_after_a_no(town, anna):
    assert anna.turn(marketing_talk.ask_for_marketing) is True
    assert anna.turn(marketing_talk.ask_for_marketing) is False  # no answer is no reason to ask again
    assert anna.turn(marketing_talk.decline_news) == "Нет"
    town.clock.advance(timedelta(days=179))
    assert anna.turn(marketing_talk.ask_for_marketing) is False
    town.clock.advance(timedelta(days=1))
    assert anna.turn(marketing_talk.ask_for_marketing) is True
    anna.turn(marketing_talk.accept_news)
    assert agrees(town, anna)
    town.clock.advance(timedelta(days=400))
    assert anna.turn(marketing_talk.ask_for_marketing) is False

    town.settings(asks_marketing=False)
    assert town.person(2).turn(marketing_talk.ask_for_marketing) is False


@pytest.mark.parametrize(
    ("words", "is_answer", "agreed"),
    [("Да", True, True), ("да, пишите", True, True), ("Нет, спасибо", True, False), ("Отлично", False, False)],
)
def test_consent_takes_a_plain_yes_right_after_the_question(town, anna, words, is_answer, agreed):
    anna.turn(marketing_talk.ask_for_marketing)
    assert anna.turn(lambda talk: marketing_talk.take_news_wish(talk, words)) is is_answer
    assert agrees(town, anna) is agreed
    assert anna.turn(lambda talk: marketing_talk.take_news_wish(talk, "да")) is False  # the question is over


def queue_news(town, person) -> None:
    with town.database.transaction(town.world.tenant_id) as session:
        chat = repository.lock_latest_conversation(session, person.id)
        for queue, purpose in ((OutboxQueue.MK, Purpose.MARKETING), (OutboxQueue.TX, Purpose.REPLY)):
            say(session, chat, Reply("Проба"), town.clock.now(), queue=queue, purpose=purpose)


QUEUED = """
    SELECT outbox.queue, outbox.status, message_log.status FROM outbox
    JOIN message_log ON message_log.id = CAST(outbox.payload ->> 'message_id' AS uuid)
    WHERE message_log.purpose IN ('marketing', 'reply') ORDER BY outbox.sequence LIMIT 2
"""


def test_stop_takes_it_back_and_cancels_what_waits_and_nothing_else(town, anna):
    anna.consent(is_given=True)
    queue_news(town, anna)
    anna.turn(marketing_talk.stop_news)
    assert not agrees(town, anna)
    assert town.rows(QUEUED) == [("mk", "cancelled", "cancelled"), ("tx", "open", "queued")]
    assert "напоминания о ваших записях будут приходить" in anna.texts()[-1]

    assert anna.turn(lambda talk: marketing_talk.take_news_wish(talk, "а во сколько вы открываетесь?")) is False
    assert anna.turn(lambda talk: marketing_talk.take_news_wish(talk, "Подпишите обратно")) is True
    assert agrees(town, anna)


def test_a_word_said_elsewhere_cancels_what_waits_as_well(town, anna):
    anna.consent(is_given=True)
    queue_news(town, anna)
    anna.consent(is_given=False)  # the messenger told us, or the desk
    assert town.rows(QUEUED)[0][1:] == ("open", "queued")
    town.tell()
    assert town.rows(QUEUED) == [("mk", "cancelled", "cancelled"), ("tx", "open", "queued")]


@pytest.mark.parametrize("wants", [False, True])
def test_what_waits_for_one_is_cancelled_when_they_turn_out_to_be_somebody_who_wants_none(town, anna, wants):
    anna.consent(is_given=True)
    queue_news(town, anna)
    other = town.person(2, consents=True)
    town.clock.advance(timedelta(hours=1))
    if not wants:
        other.consent(is_given=False)
    town.tell()
    assert town.rows(QUEUED)[0] == ("mk", "open", "queued")
    town.do(linking.merge, anna.id, other.id, actor=ACTOR, now=town.clock.now())
    news = ("mk", "open", "queued") if wants else ("mk", "cancelled", "cancelled")
    assert town.rows(QUEUED) == [news, ("tx", "open", "queued")]


def test_clients_facts_reach_whoever_mirrors_them(town, anna):
    now = town.clock.now()
    assert town.facts("client.upserted") == [
        {"occurred_at": now.isoformat().replace("+00:00", "Z"), "client_id": str(anna.id)}
    ]
    town.clock.advance(timedelta(minutes=1))
    with town.database.transaction(town.world.tenant_id) as session:
        clients.set_phone(session, anna.id, "+79000000001", actor=ACTOR, now=town.clock.now())
        clients.set_birth_day(session, anna.id, "02-29", actor=ACTOR, now=town.clock.now())
    assert len(town.facts("client.upserted")) == 2  # once for a transaction
    with town.database.read(town.world.tenant_id) as session:
        assert clients.get_client(session, anna.id).birth_day == "02-29"
