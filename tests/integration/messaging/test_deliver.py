"""Sending: once in the common case, in order, and the right thing for each way in which a provider fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.clients.use_cases import erase_client
from salon.identity.domain import system
from salon.identity.use_cases import change_credentials
from salon.integrations.telegram.fake import FakeTelegram, FaultKind
from salon.messaging.domain import Channel
from salon.messaging.repository import find_conversation
from salon.messaging.use_cases.deliver import ACCOUNT_RETRY
from salon.messaging.use_cases.say import Reply, say
from salon.platform import metrics as figures
from salon.platform.settings import RetrySettings
from support.salon_world import TOKEN, Chat

pytestmark = pytest.mark.database
ACTOR = system("tests")


class Desk:
    """A person who has written, and what the salon sends to that person."""

    def __init__(self, database, world, clock, *, fake, base_url, name):
        self.fake, self.clock = fake, clock
        self.person = fake.add_person(name)
        fake.start(self.person)
        self.chat = Chat(database, world, clock, base_url, self.person.user_id)
        self.tenant = world.tenant_id
        self.chat.say("спасибо")
        self.send()

    def put(self, *words):
        """Have the salon say something; the rows' ids."""
        before = {row[0] for row in self.rows("id")}
        with self.chat.database.transaction(self.tenant) as session:
            conversation = find_conversation(
                session, account_id=self.chat.world.account_id, chat_id=str(self.person.user_id)
            )
            for word in words:
                say(session, conversation, Reply(word), self.clock.now())
        return [row[0] for row in self.rows("id") if row[0] not in before]

    def send(self):
        """Nudge every row that is open; how many messages went out."""
        return sum(self.chat.deliver(self.tenant, row[0]) for row in self.rows("id", "status = 'open'"))

    def rows(self, columns, where="true"):
        chat = "(SELECT id FROM conversations WHERE chat_id = :chat)"
        sql = f"SELECT {columns} FROM outbox WHERE ({where}) AND conversation_id = {chat} ORDER BY sequence"  # noqa: S608 - the test's own words
        return self.query(sql, chat=str(self.person.user_id))

    def query(self, sql, **parameters):
        with self.chat.database.read(self.tenant) as session:
            return [tuple(row) for row in session.execute(text(sql), parameters)]

    def received(self):
        return [message.text for message in self.fake.sent_to(self.person)][1:]

    def messages(self):
        return self.query(
            "SELECT m.status, m.error FROM message_log m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE m.direction = 'out' AND c.chat_id = :chat ORDER BY m.id OFFSET 1",
            chat=str(self.person.user_id),
        )


@pytest.fixture
def desks(then_salons, furnished_then, clock):
    fake = FakeTelegram()
    fake.add_bot(TOKEN)
    made = []
    with fake.running() as base_url:

        def make(name):
            made.append(Desk(then_salons, furnished_then.first, clock, fake=fake, base_url=base_url, name=name))
            return made[-1]

        yield make
        for desk in made:
            desk.chat.deliver._adapters[Channel.TELEGRAM].close()


@pytest.fixture
def desk(desks):
    return desks("Лукерья")


def test_rows_go_out_once_and_in_their_order_whichever_is_nudged(desk):
    first, _second, third = desk.put("раз", "два", "три")

    assert desk.chat.deliver(desk.tenant, third) == 3
    assert desk.chat.deliver(desk.tenant, first) == 0
    assert desk.send() == 0

    assert desk.received() == ["раз", "два", "три"]
    assert desk.messages() == [("sent", None)] * 3
    [(provider_id,)] = desk.query("SELECT provider_message_id FROM message_log ORDER BY id DESC LIMIT 1")
    assert provider_id == str(desk.fake.sent_to(desk.person)[-1].message_id)
    assert desk.chat.metrics.total(figures.OUTBOX_SENT, channel="telegram") == 4


def test_a_failure_is_repeated_later_and_nothing_overtakes_it(desk):
    desk.put("раз", "два")
    desk.fake.fail_next(FaultKind.SERVER_ERROR, times=2)

    assert desk.send() == 0
    assert desk.rows("attempts, last_error", "status = 'open'") == [(1, "RETRY_LATER"), (0, None)]
    assert desk.send() == 0  # it waits five seconds
    desk.clock.advance(timedelta(seconds=5))
    assert desk.send() == 0  # the second failure, then thirty seconds
    desk.clock.advance(timedelta(seconds=29))
    assert desk.send() == 0
    desk.clock.advance(timedelta(seconds=1))
    assert desk.send() == 2
    assert desk.received() == ["раз", "два"]


def test_what_never_succeeds_is_parked_and_the_next_goes_on(desk):
    desk.put("раз", "два")
    desk.fake.fail_next(FaultKind.SERVER_ERROR, times=6)
    for _ in range(6):
        desk.send()
        desk.clock.advance(timedelta(hours=3))

    assert desk.rows("status, attempts")[1:] == [("parked", 6), ("done", 1)]
    assert desk.messages() == [("failed", "RETRY_LATER"), ("sent", None)]
    assert desk.received() == ["два"]
    assert desk.chat.metrics.total(figures.OUTBOX_PARKED, channel="telegram") == 1


def test_patience_asked_of_one_chat_holds_for_the_whole_account_and_counts_for_none(desks):
    one, other = desks("Лукерья"), desks("Тимур")
    one.put("раз")
    other.put("два")
    one.fake.fail_next(FaultKind.TOO_MANY, seconds=30, chat_id=one.person.user_id)

    assert one.send() == 0
    assert other.send() == 0
    assert (one.received(), other.received()) == ([], [])
    assert other.rows("attempts, last_error", "status = 'open'") == [(0, "account paused")]
    one.clock.advance(timedelta(seconds=29))
    assert (one.send(), other.send()) == (0, 0)
    one.clock.advance(timedelta(seconds=1))
    assert (one.send(), other.send()) == (1, 1)


def test_somebody_who_blocked_us_is_marked_and_comes_back_by_writing(desk):
    desk.put("раз", "два", "три")
    desk.fake.block(desk.person)

    assert desk.send() == 0
    assert {status for (status,) in desk.rows("status")[1:]} == {"cancelled"}
    assert desk.messages() == [("failed", "RECIPIENT_GONE"), ("cancelled", None), ("cancelled", None)]
    assert desk.query("SELECT is_blocked FROM channel_contacts") == [(True,)]

    desk.fake.unblock(desk.person)
    desk.chat.say("я вернулась, что у вас есть?")
    assert desk.query("SELECT is_blocked, blocked_at FROM channel_contacts") == [(False, None)]
    assert desk.send() == 1
    assert "Маникюр" in desk.received()[-1]
    actions = desk.query("SELECT action FROM audit_log WHERE subject = 'channel_contact' ORDER BY at, id")
    assert actions == [("channel_contact.blocked",), ("channel_contact.unblocked",)]


def test_what_the_provider_will_never_take_is_parked_at_once(desk):
    desk.put(" ", "два")

    assert desk.send() == 1
    assert desk.rows("status, attempts")[1:] == [("parked", 1), ("done", 1)]
    assert desk.messages() == [("failed", "REQUEST_REJECTED"), ("sent", None)]


def test_a_revoked_token_stops_the_account_and_keeps_what_waits(desk):
    desk.put("раз", "два")
    desk.fake.fail_next(FaultKind.UNAUTHORIZED)

    assert desk.send() == 0
    assert desk.query("SELECT status FROM channel_accounts") == [("rejected",)]
    assert desk.query("SELECT count(*) FROM audit_log WHERE action = 'channel_account.rejected'") == [(1,)]
    desk.clock.advance(ACCOUNT_RETRY)
    assert desk.send() == 0
    assert desk.rows("attempts, last_error", "status = 'open'") == [(0, "account rejected"), (0, None)]
    assert len(desk.fake.calls_of("sendMessage")) == 2  # the greeting and the refused one: nobody asked again

    with desk.chat.database.transaction(desk.tenant) as session:
        own = {"token": TOKEN, "webhook_secrets": ["s"]}
        change_credentials(session, desk.chat.world.account_id, own, actor=ACTOR, now=desk.clock.now())
    desk.clock.advance(ACCOUNT_RETRY)
    assert desk.send() == 2
    assert desk.received() == ["раз", "два"]


def test_nothing_reaches_somebody_who_was_erased(desk):
    desk.put("раз", "два")
    [(client_id,)] = desk.query("SELECT id FROM clients")
    with desk.chat.database.transaction(desk.tenant) as session:
        erase_client(session, client_id, actor=ACTOR, now=desk.clock.now())

    assert desk.send() == 0
    assert desk.rows("status, last_error")[1:] == [("parked", "SUBJECT_ERASED")] * 2
    assert desk.messages() == [("cancelled", "SUBJECT_ERASED")] * 2
    assert desk.received() == []


def test_a_row_whose_message_is_gone_is_parked(desk):
    [row_id] = desk.put("раз")
    with desk.chat.database.transaction(desk.tenant) as session:
        session.execute(
            text("UPDATE outbox SET payload = jsonb_build_object('message_id', id) WHERE id = :id"), {"id": row_id}
        )
    assert desk.send() == 0
    assert desk.rows("status, last_error")[-1] == ("parked", "NOT_FOUND")


def test_a_message_that_kills_its_sender_is_parked_in_the_end(desk):
    class Killer:
        def send(self, _message, _credentials, **_more):
            raise SystemExit(137)

    [row_id, _] = desk.put("раз", "два")
    working = dict(desk.chat.deliver._adapters)
    desk.chat.deliver._adapters = {Channel.TELEGRAM: Killer()}
    for _ in range(6):
        with pytest.raises(SystemExit):
            desk.chat.deliver(desk.tenant, row_id)
        desk.clock.advance(timedelta(seconds=RetrySettings().send_lease_seconds))
    desk.chat.deliver._adapters = working

    assert desk.send() == 1
    assert desk.rows("status, last_error")[1:] == [("parked", "NEVER_FINISHED"), ("done", None)]
    assert desk.messages() == [("failed", "NEVER_FINISHED"), ("sent", None)]
