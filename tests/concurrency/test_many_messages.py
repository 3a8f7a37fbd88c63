"""Sixty people write ten times each, all at once, through the real functions in several processes each.

All 2,000 messages of 200 people are the bench's (`make bench ARGS='--only messages'`, the same code); on two cores they
take more than a minute. Deliveries come shuffled, a tenth of them twice, half of these at the same moment; the queues
keep no order and repeat themselves. What was lost, doubled or swapped is found in what the messenger was given and,
apart from that, in the database; the controls show that it would be.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace

import pytest
from sqlalchemy import create_engine

from infra.bench.crowd.plan import plan
from infra.bench.crowd.salons import furnish
from infra.bench.crowd.serving import serve_crowd
from infra.bench.crowd.verdict import judge_answers, judge_books, read_books
from infra.migrations import database as migrations
from salon.platform.clock import SystemClock
from support.fixtures import MASTER_KEYS, app_url
from support.furnished import connect
from support.postgres import create_database, drop_database

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
PEOPLE, QUESTIONS = 60, 10
FLEET = {"http_webhooks": 2, "queue_inbound": 3, "queue_outbound": 3}
PATIENCE_S = 200


@pytest.fixture(scope="module")
def crowd_served(cluster, template_database):
    """The crowd, what became of it, and the books of the database afterwards; once for all tests here."""
    name = f"crowd_{os.getpid()}"
    owner_url = create_database(cluster, name, template_database)
    database, engine = connect(owner_url)
    accounts = furnish(database, owner_url, SystemClock().now())
    engine.dispose()
    crowd = plan(accounts, people=PEOPLE, questions=QUESTIONS, repeated=0.1)
    variables = {"DATABASE_URL": app_url(owner_url), "MASTER_KEYS": MASTER_KEYS}
    served = serve_crowd(crowd, variables, fleet=FLEET, patience_s=PATIENCE_S)
    owner = create_engine(migrations.with_driver(owner_url), connect_args={"ssl_context": False})
    with owner.connect() as connection:
        books = read_books(connection)
    owner.dispose()
    yield crowd, served, books
    drop_database(cluster, name)


def test_none_is_lost_none_doubled_and_every_conversation_keeps_its_order(crowd_served):
    crowd, served, books = crowd_served
    assert str(judge_answers(crowd, served.messenger.answers)) == ""
    assert str(judge_books(crowd, books)) == ""
    assert served.raised == []
    assert served.is_finished
    assert sum(map(len, served.messenger.answers.values())) == crowd.messages == PEOPLE * QUESTIONS


def test_it_was_a_crowd_before_several_instances(crowd_served):
    crowd, served, _ = crowd_served
    assert crowd.deliveries == crowd.messages * 11 / 10
    assert {name: sum(one.calls > 0 for one in worked) for name, worked in served.worked.items()} == FLEET
    assert served.accepted_seconds < served.seconds
    at_the_same_moment = [group for groups in crowd.steps for group in groups if len(group) != len(set(group))]
    assert len(at_the_same_moment) == crowd.messages / 20


@pytest.mark.parametrize(
    ("spoil", "kind", "number"),
    [
        pytest.param(lambda said: said[:4] + said[5:], "lost", 1, id="lost"),
        pytest.param(lambda said: [*said[:5], said[4], *said[5:]], "doubled", 1, id="doubled at once"),
        pytest.param(lambda said: [*said, said[4]], "doubled", 1, id="doubled later"),
        pytest.param(lambda said: [said[1], said[0], *said[2:]], "out of order", 1, id="swapped"),
        pytest.param(lambda said: [*said[:-1], "Не получилось"], "foreign", 1, id="an apology"),
        pytest.param(lambda _: [], "lost", QUESTIONS, id="a whole conversation"),
    ],
)
def test_control_one_spoilt_answer_is_noticed(crowd_served, spoil, kind, number):
    crowd, served, _ = crowd_served
    answers = defaultdict(list, served.messenger.answers)
    chat = crowd.chats[7]
    key = chat.account.token, chat.chat_id
    answers[key] = spoil(answers[key])
    assert judge_answers(crowd, answers).counts[kind] == number


def test_control_an_answer_to_somebody_else_is_noticed(crowd_served):
    crowd, served, _ = crowd_served
    answers = defaultdict(list, served.messenger.answers)
    one, other = crowd.chats[0], crowd.chats[1]  # the same person, who writes to both salons
    assert one.chat_id == other.chat_id
    answers[one.account.token, one.chat_id], answers[other.account.token, other.chat_id] = (
        answers[other.account.token, other.chat_id],
        answers[one.account.token, one.chat_id],
    )
    assert judge_answers(crowd, answers).counts["out of order"] == 2


def test_control_a_spoilt_row_is_noticed(crowd_served):
    crowd, _, books = crowd_served
    first = next(iter(books.inbox))
    without = {key: statuses for key, statuses in books.inbox.items() if key != first}
    assert judge_books(crowd, replace(books, inbox=without)).counts == {"inbox lacks": 1}
    for statuses in (["open"], ["parked"], ["done", "done"]):
        spoilt = replace(books, inbox={**books.inbox, first: statuses})
        assert judge_books(crowd, spoilt).counts == {"inbox not done once": 1}
    key = next(key for key in books.said if key[2] == "out")
    for counted in ((QUESTIONS - 1, QUESTIONS - 1), (QUESTIONS + 1, QUESTIONS + 1), (QUESTIONS, QUESTIONS - 1)):
        assert judge_books(crowd, replace(books, said={**books.said, key: counted})).counts == {"log out": 1}
    waiting = replace(books, outbox={"done": crowd.messages - 1, "open": 1})
    assert judge_books(crowd, waiting).counts == {"outbox": 1}
