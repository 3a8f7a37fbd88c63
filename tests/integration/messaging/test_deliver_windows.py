"""The providers' windows: templates, waiting until the person writes, and giving up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.domain import Channel, Purpose, TemplateUse
from salon.messaging.errors import WindowClosed
from salon.messaging.use_cases.delivery import on_inbound
from salon.messaging.use_cases.outcomes import WAITS_FOR
from salon.platform import metrics as figures
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue
from support.recording_channel import Counter

pytestmark = pytest.mark.database
WA, IG, VK = Channel.WHATSAPP, Channel.INSTAGRAM, Channel.VK
REMIND = TemplateUse("remind_soon", ("15:00",))
DAY = timedelta(hours=24)
LONG = "Ждём вас. " * 900  # three pieces


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


def approve(counter, account_id, *, status="approved", language="ru"):
    def put(session):
        session.execute(
            text(
                "INSERT INTO message_templates (id, tenant_id, account_id, purpose, language, name, provider_language,"
                " status, updated_at) VALUES (:id, :tenant, :account, 'remind_soon', :language, 'visit_soon', 'ru_RU',"
                " :status, :now)"
            ),
            {
                "id": new_id(),
                "tenant": counter.tenant_id,
                "account": account_id,
                "language": language,
                "status": status,
                "now": counter.clock.now(),
            },
        )

    counter.do(put)


def write(counter, conversation):
    """The person writes."""

    def note(session):
        session.execute(text("UPDATE conversations SET last_inbound_at = :now"), {"now": counter.clock.now()})
        return on_inbound(session, conversation, counter.clock.now())

    return counter.do(note)


def test_within_the_window_it_is_said_freely_and_after_it_by_template(counter):
    account = counter.account(WA)
    approve(counter, account)
    chat = counter.chat(WA, account, wrote=counter.clock.now())
    counter.clock.advance(DAY - timedelta(minutes=2))
    counter.say(chat, "Ждём вас в 15:00", template=REMIND, purpose=Purpose.REMINDER)
    assert counter.send() == 1
    counter.clock.advance(timedelta(minutes=2))
    counter.say(chat, LONG, template=REMIND, purpose=Purpose.REMINDER)

    assert counter.send() == 1  # the template stands for all three pieces
    assert counter.channels[WA].words == ["Ждём вас в 15:00", "< visit_soon 15:00 >"]
    assert counter.channels[WA].sent[0].message.template is None
    assert counter.channels[WA].sent[1].message.template.language == "ru_RU"
    assert counter.messages("status, template_name, error") == [
        ("sent", None, None),
        ("sent", "visit_soon", None),
        ("cancelled", None, "SAID_BY_TEMPLATE"),
        ("cancelled", None, "SAID_BY_TEMPLATE"),
    ]
    assert [fact["purpose"] for fact in counter.facts("message.logged")] == ["reminder", "reminder"]


@pytest.mark.parametrize(("status", "language"), [("pending", "ru"), ("rejected", "ru"), ("approved", "en")])
def test_a_template_that_may_not_be_used_is_none(counter, status, language):
    account = counter.account(WA)
    approve(counter, account, status=status, language=language)
    counter.say(counter.chat(WA, account), "Ждём вас", template=REMIND, purpose=Purpose.REMINDER)
    assert counter.send() == 0
    assert counter.messages() == [("cancelled", "WINDOW_CLOSED")]


@pytest.mark.parametrize("channel", [WA, IG])
def test_what_is_worth_it_waits_for_the_person_and_holds_up_nothing(counter, channel):
    account = counter.account(channel)
    chat = counter.chat(channel, account)
    kept = [counter.say(chat, "раз"), counter.say(chat, "два")]
    counter.say(chat, "реклама", purpose=Purpose.MARKETING, queue=OutboxQueue.MK)
    counter.say(chat, "напоминание", purpose=Purpose.REMINDER, queue=OutboxQueue.REMINDER)
    counter.say(chat, "как всё прошло?", purpose=Purpose.FEEDBACK)
    counter.say(chat, "сотруднику", purpose=Purpose.NOTICE)

    assert counter.send() == 0
    assert counter.messages() == [
        ("queued", "WINDOW_CLOSED"),
        ("queued", "WINDOW_CLOSED"),
        *[("cancelled", "WINDOW_CLOSED")] * 3,
        ("queued", "WINDOW_CLOSED"),
    ]
    told = counter.facts("message.undeliverable")
    assert [(fact["purpose"], fact["reason"]) for fact in told] == [
        ("reply", "WINDOW_CLOSED"),
        ("reply", "WINDOW_CLOSED"),
        ("feedback", "WINDOW_CLOSED"),
        ("marketing", "WINDOW_CLOSED"),
        ("reminder", "WINDOW_CLOSED"),
    ]  # and not of the notice: it would bring about another
    assert told[0]["message_id"] == str(kept[0])
    assert counter.metrics.total(figures.SEND_WAITING, channel=channel) == 3
    if channel is WA:  # what has a template goes past those who wait
        approve(counter, account)
        counter.say(chat, "ждём вас", template=REMIND)
        assert counter.send() == 1
        assert counter.channels[WA].words == ["< visit_soon 15:00 >"]

    counter.clock.advance(timedelta(days=2))
    assert write(counter, chat) == 3
    counter.say(chat, "ответ")
    assert counter.send() == 4
    assert counter.channels[channel].words[-4:] == ["раз", "два", "сотруднику", "ответ"]
    assert counter.rows("SELECT max(attempts) FROM outbox WHERE kind = 'message.send'") == [(1,)]
    assert len(counter.facts("message.undeliverable")) == 5


def test_after_a_week_nothing_waits_any_more(counter):
    account = counter.account(IG)
    chat = counter.chat(IG, account)
    counter.say(chat, "раз")
    assert counter.send() == 0
    counter.clock.advance(WAITS_FOR - timedelta(seconds=1))
    assert counter.send() == 0
    assert counter.messages() == [("queued", "WINDOW_CLOSED")]
    counter.clock.advance(timedelta(seconds=1))
    assert counter.send() == 0
    assert counter.messages() == [("cancelled", "WINDOW_CLOSED")]
    assert write(counter, chat) == 0
    assert counter.open_rows() == []
    assert len(counter.facts("message.undeliverable")) == 1


def test_what_was_released_in_time_is_not_cancelled_by_the_end_of_its_wait(counter):
    account = counter.account(IG)
    chat = counter.chat(IG, account)
    counter.say(chat, "раз")
    counter.send()
    write(counter, chat)
    assert counter.send() == 1
    counter.clock.advance(WAITS_FOR)
    assert counter.send() == 0
    assert counter.messages() == [("sent", None)]


def test_a_human_of_the_salon_may_write_for_a_week_in_instagram(counter):
    account = counter.account(IG)
    chat = counter.chat(IG, account, wrote=counter.clock.now())
    counter.clock.advance(timedelta(days=6))
    counter.say(chat, "от бота")
    counter.say(chat, "от человека", purpose=Purpose.HUMAN, user_id=new_id())
    assert counter.send() == 1
    assert counter.channels[IG].words == ["от человека"]
    assert counter.channels[IG].sent[0].message.is_by_human
    counter.clock.advance(DAY)
    counter.say(chat, "от человека", purpose=Purpose.HUMAN)
    assert counter.send() == 0


def test_the_providers_word_holds_against_ours(counter):
    account = counter.account(WA)
    approve(counter, account)
    chat = counter.chat(WA, account, wrote=counter.clock.now())
    counter.say(chat, "свободно", template=REMIND)
    counter.say(chat, "второе")
    counter.channels[WA].failures.append(WindowClosed("131047"))

    assert counter.send() == 1
    assert counter.channels[WA].words == ["< visit_soon 15:00 >"]
    assert counter.messages() == [("sent", None), ("queued", "WINDOW_CLOSED")]


def test_a_template_that_is_refused_for_the_window_is_given_up(counter):
    account = counter.account(WA)
    approve(counter, account)
    counter.say(counter.chat(WA, account), "ждём", template=REMIND)
    counter.channels[WA].failures.append(WindowClosed("131047"))
    assert counter.send() == 0
    assert counter.messages() == [("failed", "WINDOW_CLOSED")]
    assert counter.rows("SELECT status FROM outbox WHERE kind = 'message.send'") == [("parked",)]


def test_where_we_know_of_no_window_the_person_is_waited_for_too(counter):
    account = counter.account(VK)
    chat = counter.chat(VK, account, wrote=counter.clock.now())
    counter.say(chat, "раз")
    counter.channels[VK].failures.append(WindowClosed("950"))
    assert counter.send() == 0
    assert counter.messages() == [("queued", "WINDOW_CLOSED")]
    assert write(counter, chat) == 1
    assert counter.send() == 1
