"""Putting a message on its way: pieces, numbers, files, whose key seals it, and what a messenger does not know."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.clients.use_cases import erase_client
from salon.messaging import repository
from salon.messaging.domain import Button, Channel, OutboundFile, Purpose
from salon.messaging.errors import RetryLater
from salon.messaging.use_cases.say import Reply, answer_tap, retire_buttons
from salon.platform.ids import new_id
from salon.platform.storage import MemoryStorage, StorageUnavailable
from support.recording_channel import ACTOR, Counter

pytestmark = pytest.mark.database
TG, MAX, VK, WA, IG = Channel
PICTURE = OutboundFile("out/1", "Работа.jpg", "image/jpeg")
LONG = ["Стрижка у мастера Анны в 15:00", "Стрижка у мастера Марии в 16:00"]


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


@pytest.fixture
def chat(counter):
    return lambda channel: counter.chat(channel, counter.account(channel), wrote=counter.clock.now())


def choice(text="Выберите:", labels=LONG):
    return Reply(text, tuple((Button(label, f"p{number}"),) for number, label in enumerate(labels, 1)))


def state(counter, conversation):
    return counter.do(lambda session: repository.get_conversation(session, conversation.id)).state


def test_each_piece_has_a_row_of_its_own_and_a_failure_repeats_none(counter, chat):
    said = counter.say(chat(VK), "Ждём вас в гости. " * 500)
    counter.channels[VK].failures.append(RetryLater("down"))
    assert counter.send() == 0
    counter.clock.advance(timedelta(seconds=5))
    assert counter.send() == 3
    assert [len(words) <= 4096 for words in counter.channels[VK].words] == [True] * 3
    assert "".join(counter.channels[VK].words).count("гости") == 500
    assert counter.messages("id")[-1] == (said,)
    assert [one.reference for one in counter.channels[VK].sent] == [str(row[0]) for row in counter.messages("id")]


def test_numbers_are_remembered_until_the_next_answer(counter, chat):
    conversation = chat(IG)
    counter.say(conversation, choice())
    assert state(counter, conversation).numbered == ("p1", "p2")
    counter.say(conversation, "Напоминаем о визите", purpose=Purpose.REMINDER)
    assert state(counter, conversation).numbered == ("p1", "p2")
    counter.say(conversation, "Во сколько вам удобно?")
    assert state(counter, conversation).numbered == ()


def test_of_one_turn_the_numbers_survive_what_is_said_and_remembered_after_them(counter, chat):
    from dataclasses import replace

    from salon.messaging.use_cases.say import say

    conversation, now = chat(IG), counter.clock.now()

    def turn(session):
        fresh = repository.get_conversation(session, conversation.id)
        say(session, fresh, Reply("Секунду."), now)
        say(session, fresh, choice(), now)
        say(session, fresh, Reply("Или позвоните."), now)
        repository.save_state(session, fresh, replace(fresh.state, misses=2), now)

    counter.do(turn)
    assert (state(counter, conversation).numbered, state(counter, conversation).misses) == (("p1", "p2"), 2)


def test_what_a_messenger_cannot_number_with_keys_asks_for_a_number(counter, chat):
    counter.say(chat(WA), choice(labels=[f"{hour}:00" for hour in range(12)]))
    counter.send()
    assert counter.channels[WA].words[0].endswith("12. 11:00\n\nНапишите номер варианта.")


@pytest.mark.parametrize(("channel", "calls"), [(TG, 2), (MAX, 2), (VK, 2), (WA, 0), (IG, 0)])
def test_taps_are_answered_and_keys_retired_where_that_can_be_done(counter, chat, channel, calls):
    conversation, now = chat(channel), counter.clock.now()
    counter.do(lambda session: answer_tap(session, conversation, "cb", now, user_id="77"))
    counter.do(lambda session: retire_buttons(session, conversation, "mid.1", "Выбрано: 15:00", now))
    assert counter.send() == calls
    if calls:
        answer, edit = counter.channels[channel].sent
        assert (answer.message.user_id, edit.message.message_id) == ("77", "mid.1")
    assert counter.facts("message.logged") == []  # neither is a message


def test_a_file_comes_from_the_bucket(counter, chat):
    counter.storage.put("out/1", b"jpeg", content_type="image/jpeg")
    counter.say(chat(WA), Reply("Вот работа.", file=PICTURE))
    counter.say(chat(IG), "Вот работа.", file=PICTURE)
    assert counter.send() == 3
    [shown] = counter.channels[WA].sent
    assert (shown.media.data, shown.media.name, shown.message.text) == (b"jpeg", "Работа.jpg", "Вот работа.")
    fetched = counter.channels[IG].sent[1]
    assert fetched.media is None
    assert fetched.message.file.url.startswith("memory://bucket/out/1?expires=")


def test_words_go_without_a_file_that_is_gone(counter, chat):
    conversation = chat(MAX)
    counter.say(conversation, Reply("Вот работа.", file=PICTURE))
    counter.say(conversation, Reply("", file=PICTURE))
    assert counter.send() == 1
    assert counter.messages() == [("sent", None), ("failed", "REQUEST_REJECTED")]
    assert counter.channels[MAX].sent[0].message.file is None


def test_a_bucket_that_does_not_answer_is_waited_for(counter, chat):
    class Broken(MemoryStorage):
        def get(self, _key, *, max_bytes):
            raise StorageUnavailable(f"no {max_bytes} bytes today")

    whole, counter.storage = counter.storage, Broken()
    whole.put("out/1", b"jpeg", content_type="image/jpeg")
    counter.say(chat(MAX), Reply("Вот работа.", file=PICTURE))
    assert counter.send() == 0
    counter.storage = whole
    counter.clock.advance(timedelta(seconds=5))
    assert counter.send() == 1


def test_what_is_about_a_client_is_forgotten_with_that_client(counter, chat):
    staff = chat(TG)
    about = counter.chat(TG, staff.account_id, "55")
    counter.say(staff, "Клиентка Проба ждёт ответа", purpose=Purpose.NOTICE, sealed_for=about.client_id)
    counter.say(staff, "Другое", purpose=Purpose.NOTICE)
    counter.do(lambda session: erase_client(session, about.client_id, actor=ACTOR, now=counter.clock.now()))
    assert counter.send() == 1
    assert counter.channels[TG].words == ["Другое"]
    assert counter.messages("status, purpose") == [("cancelled", "notice"), ("sent", "notice")]
    listed = counter.do(lambda session: repository.list_messages(session, staff.id))
    assert [body["text"] for _, _, body in listed] == ["", "Другое"]


def test_a_message_keeps_its_time_and_says_whose_it_is(counter, chat):
    conversation, user = chat(VK), new_id()
    later = counter.clock.now() + timedelta(hours=1)
    counter.say(conversation, "от человека", purpose=Purpose.HUMAN, user_id=user, not_before=later)
    assert counter.send() == 0
    counter.clock.advance(timedelta(hours=1))
    assert counter.send() == 0  # its time has come: it takes its place in the conversation's order
    assert counter.send() == 1
    assert counter.messages("purpose, user_id, account_id") == [("human", user, conversation.account_id)]
    assert counter.channels[VK].sent[0].message.is_by_human
    assert counter.channels[VK].sent[0].token == "token-vk"
