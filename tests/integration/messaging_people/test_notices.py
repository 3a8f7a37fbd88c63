"""Who of the salon is told what, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking import use_cases as booking
from salon.booking.feedback import use_cases as feedback
from salon.booking.feedback.events import FeedbackCommented, FeedbackReceived
from salon.clients import use_cases as clients
from salon.identity import use_cases as identity
from salon.identity.access import Role
from salon.identity.domain import ChannelProblem
from salon.identity.events import ChannelBroken, ChannelRejected
from salon.identity.use_cases.channels import note_checked
from salon.messaging import repository as messaging
from salon.messaging.domain import Channel, Purpose
from salon.messaging.errors import RecipientGone
from salon.messaging.events import MessageUndeliverable
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import Notice, NoticeKind
from salon.messaging.people.repository import contacts
from salon.messaging.use_cases.deliver import Deliver
from salon.messaging.use_cases.say import Reply, say
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from support.factories import free_slots
from support.recording_channel import Counter, RecordingChannel
from support.salon_world import ACTOR

pytestmark = pytest.mark.database


def send_all(desk, *failures):
    """Work off what may go out now, whatever nudges it; (chat, words) of what went out."""
    channel = RecordingChannel(desk.clock, Channel.TELEGRAM)
    channel.failures = list(failures)
    adapters = {Channel.TELEGRAM: channel}
    deliver = Deliver(
        desk.database, desk.clock, RetrySettings(), MemoryMetrics(), adapters=adapters, jitter=lambda: 0.0
    )
    due = "SELECT id FROM outbox WHERE queue = 'tx' AND status = 'open' AND next_attempt_at <= :now ORDER BY sequence"
    seen = []
    while (rows := desk.rows(due, now=desk.clock.now())) != seen:
        for (row_id,) in rows:
            deliver(desk.world.tenant_id, row_id)
        seen = rows
    return [(one.message.chat_id, one.message.text) for one in channel.sent if one.message.text]


@pytest.fixture
def owner(desk):
    boss = desk.bound(80, Role.OWNER, "Инна Владельцева")
    boss.hear()
    return boss


@pytest.fixture
def visit(desk, client):
    """A visit of the client's."""
    client_id, now = client.conversation.client_id, desk.clock.now()

    def book(session):
        slot = free_slots(session, service_id=desk.world.services["Стрижка"], now=now, days=1)[0]
        held = booking.hold_slot(
            session, slot_id=slot.id, client_id=client_id, channel="telegram", actor=ACTOR, now=now
        )
        return booking.confirm_booking(session, held.id, actor=ACTOR, now=now)

    return desk.do(book)


def rated(desk, visit, rating, before=None):
    fact = FeedbackReceived(
        occurred_at=desk.clock.now(),
        booking_id=visit.id,
        client_id=visit.client_id,
        service_id=visit.service_id,
        staff_id=visit.staff_id,
        location_id=visit.location_id,
        rating=rating,
        previous_rating=before,
    )
    desk.do(people.on_salon_fact, fact, desk.clock.now())


def undelivered(desk, person, purpose, reason="WINDOW_CLOSED", user_id=None):
    message_id = desk.do(say, person.conversation, Reply("Текст"), desk.clock.now(), purpose=purpose, user_id=user_id)
    fact = MessageUndeliverable(
        occurred_at=desk.clock.now(),
        message_id=message_id,
        conversation_id=person.conversation.id,
        client_id=person.conversation.client_id,
        channel="telegram",
        purpose=purpose,
        reason=reason,
    )
    desk.do(people.on_salon_fact, fact, desk.clock.now())


def test_the_owner_hears_of_a_low_rating_and_writes_at_once(desk, client, olga, owner, visit):
    rated(desk, visit, 4)
    assert owner.hear() == ""
    rated(desk, visit, 2)
    told = owner.hear()
    assert "Оценка 2 из 5: Проба. Стрижка, Анна, 11.03 в" in told
    rated(desk, visit, 1, before=2)
    assert owner.hear() == ""  # told once
    olga.hear()
    assert "низкая оценка" in olga.write("/inbox")

    owner.press("Написать клиенту")
    client.hear()
    owner.write("Простите нас, пожалуйста")
    assert client.hear() == "Простите нас, пожалуйста"


def test_what_a_client_says_of_a_bad_visit_is_told_whatever_waits_already(desk, client, owner, visit):
    now = desk.at("2026-03-11 20:00") or desk.clock.now()
    desk.do(booking.complete_booking, visit.id, actor=ACTOR, now=now)
    desk.hand_over(client)
    owner.hear()
    for rating, told in ((5, ""), (1, "Мастер опоздала")):
        desk.do(feedback.rate_visit, visit.id, rating, channel="telegram", actor=ACTOR, now=now)
        desk.do(feedback.comment_visit, visit.id, "Мастер опоздала", now=now)
        rows = desk.rows("SELECT payload FROM outbox WHERE kind = 'feedback.commented' ORDER BY sequence DESC LIMIT 1")
        desk.do(people.on_salon_fact, FeedbackCommented(**rows[0][0]), now)
        assert told in owner.hear() if told else owner.hear() == ""
    assert "К оценке 1 из 5 (Проба, Стрижка, Анна" in str(owner.said()[-1]["text"])


def test_whoever_has_to_call_hears_of_what_did_not_arrive(desk, client, olga, owner):
    client_id = client.conversation.client_id
    desk.do(clients.set_phone, client_id, "+79000000101", actor=ACTOR, now=desk.clock.now())
    olga.hear()
    undelivered(desk, client, Purpose.REMINDER)
    told = owner.hear()
    assert "напоминание о записи" in told
    assert "давно не писал" in told
    assert "+79000000101" in told
    assert olga.hear() == ""  # did not ask to know

    writer = desk.do(people.find_staff, olga.conversation.id).user_id
    undelivered(desk, client, Purpose.HUMAN, "RECIPIENT_GONE", writer)
    assert "заблокировал" in olga.hear()  # wrote it herself
    assert "ответ сотрудника" in owner.hear()
    undelivered(desk, client, Purpose.MARKETING)
    undelivered(desk, olga, Purpose.NOTICE)
    assert (owner.hear(), olga.hear()) == ("", "Текст")  # no notice about it


def test_when_everything_fails_the_hundredth_failure_is_not_told(desk, client, owner):
    for _ in range(12):
        undelivered(desk, client, Purpose.REMINDER)
    assert owner.hear().count("Не дошло") == 10


def test_at_night_only_who_waits_is_told_of_and_nothing_waits_behind_the_rest(desk, client, owner):
    assert send_all(desk)
    desk.at("2026-03-11 23:00")
    undelivered(desk, client, Purpose.REMINDER)
    desk.do(say, owner.conversation, Reply("Ответ на /inbox"), desk.clock.now())
    desk.hand_over(client)
    to_owner = [words for chat, words in send_all(desk) if chat == "80"]
    assert to_owner[0] == "Ответ на /inbox"
    assert "Проба" in to_owner[1]
    assert not [words for words in to_owner if "Не дошло" in words]

    desk.at("2026-03-12 09:00")
    desk.do(say, owner.conversation, Reply("После"), desk.clock.now())
    morning = [words for chat, words in send_all(desk) if chat == "80"]
    assert sorted("Не дошло" in words for words in morning) == [False, True]
    assert send_all(desk) == []


def test_what_was_to_be_told_in_the_morning_is_not_told_to_who_has_left(desk, client, owner):
    send_all(desk)
    desk.at("2026-03-11 23:00")
    undelivered(desk, client, Purpose.REMINDER)
    send_all(desk)
    desk.do(say, owner.conversation, Reply("Слово"), desk.clock.now())
    assert send_all(desk, RecipientGone("blocked")) == []
    desk.at("2026-03-12 09:00")
    assert send_all(desk) == [("5", "Текст")]  # the client's reminder has waited for the morning, too
    assert desk.rows("SELECT count(*) FROM message_log WHERE status = 'cancelled'") == [(1,)]


def test_a_person_chooses_what_to_hear_of(desk, client, olga, owner):
    contact = desk.do(people.find_staff, olga.conversation.id)
    chosen = {NoticeKind.STOCK, NoticeKind.ACCOUNT}
    args = (contact.user_id, contact.id, chosen)
    changed = desk.do(people.choose_notices, *args, actor=ACTOR, now=desk.clock.now())
    assert set(changed.notices) == chosen
    olga.hear()

    desk.hand_over(client)
    assert olga.hear() == ""
    notice = Notice(NoticeKind.STOCK, "people-unbound")
    assert desk.do(people.tell_salon, notice, desk.clock.now()) == 2  # and the owner
    account = Notice(NoticeKind.ACCOUNT, "people-unbound")
    assert desk.do(people.tell_salon, account, desk.clock.now()) == 1  # the owner; the front desk's role may not know
    assert olga.hear().count("отвязан") == 1


def test_a_rejected_account_is_told_once_and_by_another_account(desk, client, olga, owner):
    admin = desk.bound(81, Role.ADMIN, "Ада Админ")
    other = Counter(desk.database, desk.world.tenant_id, desk.clock)
    chat = other.chat(Channel.VK, other.account(Channel.VK), "80", wrote=desk.clock.now())
    user_id = desk.do(people.find_staff, owner.conversation.id).user_id
    owned = {"user_id": user_id, "conversation_id": chat.id, "notices": [NoticeKind.ACCOUNT], "now": desk.clock.now()}
    desk.do(contacts.add_contact, **owned)
    for person in (owner, admin, olga):
        person.hear()

    account_id = desk.world.account_id
    for _ in range(2):
        desk.do(identity.mark_account_rejected, account_id, actor=ACTOR, now=desk.clock.now())
    [fact] = account_facts(desk)
    assert isinstance(fact, ChannelRejected)
    desk.do(people.on_salon_fact, fact, desk.clock.now())
    [(_, _, body)] = desk.do(messaging.list_messages, chat.id)
    assert body["text"].startswith("Не работает канал: Telegram")
    assert "ключ доступа" in body["text"]
    assert (owner.hear(), olga.hear()) == ("", "")  # by the account that works; the front desk cannot mend it
    assert "Не работает канал" in admin.hear()  # who has no other

    desk.clock.advance(timedelta(minutes=1))
    desk.do(identity.change_credentials, account_id, {"token": "t"}, actor=ACTOR, now=desk.clock.now())
    desk.do(identity.mark_account_rejected, account_id, actor=ACTOR, now=desk.clock.now())
    assert len(account_facts(desk)) == 2  # another incident


def test_what_a_check_finds_broken_is_told_when_it_is_new(desk, client, owner):
    account_id = desk.world.account_id

    def check(*kinds, is_fatal=True):
        found = [ChannelProblem(kind=kind, what="", is_fatal=is_fatal) for kind in kinds]
        named = {"external_id": "", "name": "Салон", "problems": found, "now": desk.clock.now()}
        desk.do(note_checked, account_id, **named)
        desk.clock.advance(timedelta(days=1))
        return len(account_facts(desk))

    assert check("setting_missing") == 0  # still being set up
    assert check("policy", is_fatal=False) == 0
    assert check("policy") == 1
    assert check("policy") == 1
    assert check() == 1
    assert check("policy", "no_webhook") == 2
    fact = account_facts(desk)[-1]
    assert (fact.account_id, fact.channel, fact.problems) == (account_id, "telegram", ("no_webhook", "policy"))
    desk.do(people.on_salon_fact, fact, desk.clock.now())
    assert "Telegram (Салон). Сообщения клиентов до меня не доходят" in owner.hear()


def account_facts(desk):
    """What was told of accounts."""
    rows = desk.rows("SELECT kind, payload FROM outbox WHERE kind LIKE 'channel.%' ORDER BY sequence")
    return [{"channel.rejected": ChannelRejected, "channel.broken": ChannelBroken}[kind](**body) for kind, body in rows]
