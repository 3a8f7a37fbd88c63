"""The crowd of the load's proof: who writes what, how it is delivered, and queues that are no kinder than real ones."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest

from infra.bench.crowd.outside import Line, Outside
from infra.bench.crowd.plan import SERVICES, Account, plan, webhook_call
from infra.bench.crowd.serving import Deliveries
from infra.bench.crowd.verdict import asked_of, judge_answers

ACCOUNTS = [Account(f"t{number % 2}", f"a{number}", f"k{number}", f"token{number}", "secret") for number in range(4)]


@pytest.fixture
def crowd():
    return plan(ACCOUNTS, people=20, questions=10, repeated=0.1)


def test_everybody_asks_ten_different_things_and_a_tenth_is_delivered_twice(crowd):
    assert crowd == plan(ACCOUNTS, people=20, questions=10, repeated=0.1)
    assert [crowd.messages, crowd.deliveries] == [200, 220]
    assert all(sorted(chat.questions) == sorted(SERVICES) for chat in crowd.chats)
    assert len({chat.questions for chat in crowd.chats}) > 15
    assert len({(chat.account.account_id, chat.chat_id) for chat in crowd.chats}) == 20
    assert len({chat.chat_id for chat in crowd.chats}) == 10  # the same people, at both salons
    for groups in crowd.steps:
        firsts = list(dict.fromkeys(chain.from_iterable(groups)))
        assert firsts == list(range(10))
        assert max(Counter(chain.from_iterable(groups)).values()) <= 2


def test_a_question_is_delivered_after_the_one_before_was_acknowledged(crowd):
    deliveries, under_way, acknowledged = Deliveries(crowd), [], Counter()

    def begin_all():
        while (chosen := deliveries.next()) is not None:
            number, question = chosen
            assert all(acknowledged[number, before] for before in range(question))
            under_way.append(chosen)

    begin_all()
    assert {number for number, _ in under_way} == set(range(20))  # all at once
    assert {question for _, question in under_way} == {0}
    under_way.sort()  # one person is far ahead of the others
    while under_way:
        number, question = under_way.pop()
        acknowledged[number, question] += 1
        deliveries.answered(number, question, 200)
        begin_all()
    assert acknowledged.total() == crowd.deliveries
    assert deliveries.is_done


def test_what_a_webhook_refused_is_not_done(crowd):
    deliveries = Deliveries(crowd)
    number, question = deliveries.next()
    deliveries.answered(number, question, 503)
    while (chosen := deliveries.next()) is not None:
        deliveries.answered(*chosen, 200)
    assert not deliveries.is_done
    assert deliveries.refused == {503: 1}


def test_a_queue_repeats_itself_keeps_no_order_and_brings_back_what_failed():
    line = Line(doubled=0.5)
    for number in range(200):
        line.put(str(number), {})
    got = []
    while not line.is_idle:
        batch = line.take(10, 0)
        got += [letter.body for letter in batch]
        assert not line.is_idle
        line.settle(batch, set(), "tx")
    assert set(got) == {str(number) for number in range(200)}
    assert len(got) > 250
    assert got != sorted(got, key=int)

    line = Line(doubled=0.0)
    line.put("one", {})
    [letter] = line.take(10, 0)
    line.settle([letter], {f"tx-{letter.number}"}, "tx")
    assert not line.is_idle
    assert line.take(10, 0) == []  # hidden for a moment


def test_the_outside_answers_as_a_queue_and_as_a_messenger():
    outside = Outside({"tx": Line(doubled=0.0)})
    sent = {"QueueUrl": "http://x/0/tx", "MessageBody": "{}"}
    assert outside.answer("/", "AmazonSQS.SendMessage", sent)[0] == 200
    entries = [{"Id": "0", "MessageBody": "a"}, {"Id": "1", "MessageBody": "b"}]
    batch = {"QueueUrl": "http://x/0/tx", "Entries": entries}
    accepted = outside.answer("/", "AmazonSQS.SendMessageBatch", batch)[1]["Successful"]
    assert [one["Id"] for one in accepted] == ["0", "1"]
    assert outside.lines["tx"].put_in == 3
    assert outside.answer("/", "AmazonSQS.SendMessage", sent | {"QueueUrl": "http://x/0/events"})[0] == 200
    assert outside.answer("/", "AmazonSQS.DeleteQueue", sent)[0] == 400
    for method in ("sendMessage", "sendChatAction"):
        assert outside.answer(f"/bot1:x/{method}", "", {"chat_id": 5, "text": "да"})[1]["ok"]
    assert outside.messenger.answers == {("1:x", 5): ["да"]}


def test_answers_are_told_apart_by_the_service_they_speak_of(crowd):
    assert asked_of("Стрижка — 1 000 ₽, 1 ч. Записать вас?") == "Стрижка"
    assert asked_of("Здравствуйте!") == ""
    assert asked_of("Стрижка или Маникюр?") == ""
    answers = {(chat.account.token, chat.chat_id): list(chat.questions) for chat in crowd.chats}
    assert str(judge_answers(crowd, answers)) == ""
    answers["token0", 1] = ["Стрижка"]
    assert judge_answers(crowd, answers).counts == {"foreign": 1}
    assert crowd.chats[3].questions[2].lower() in webhook_call(crowd.chats[3], 2)["body"]
