"""What providers tell later about our messages: in any order, more than once, about strangers, and bad news."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.domain import Channel, DeliveryStatus, FailureClass, Purpose, StatusReport
from salon.messaging.errors import DeliveryUnsettled, RetryLater
from salon.messaging.use_cases.delivery import AGAIN_AFTER, RESTRICTED_FOR, note_status
from salon.platform import metrics as figures
from salon.platform.ids import new_id
from support.recording_channel import Counter

pytestmark = pytest.mark.database
WA, VK = Channel.WHATSAPP, Channel.VK
SENT, DELIVERED, READ, FAILED = DeliveryStatus


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


@pytest.fixture
def account(counter):
    return counter.account(WA)


@pytest.fixture
def chat(counter, account):
    return counter.chat(WA, account, wrote=counter.clock.now())


def report(counter, account, status, message_id="", *, chat_id="7", **more):
    told = StatusReport(status, message_id, **more)
    now = counter.clock.now()
    counter.do(lambda session: note_status(session, account, told, chat_id, now, metrics=counter.metrics))


def failed(counter, account, message_id, failure, **more):
    report(counter, account, FAILED, message_id, failure=failure, code="131000", **more)


@pytest.mark.parametrize("order", list(itertools.permutations([SENT, DELIVERED, READ])), ids=str)
def test_in_whatever_order_the_furthest_stands(counter, account, chat, order):
    counter.say(chat, "раз")
    counter.send()
    for status in (*order, *order):
        report(counter, account, status, "mid.1")
        counter.clock.advance(timedelta(seconds=1))
    assert counter.messages() == [("read", None)]
    [(delivered_at, read_at)] = counter.messages("delivered_at, read_at")
    assert delivered_at <= read_at


def test_who_reads_a_message_has_read_those_before_it_and_none_after(counter, account, chat):
    for word in ("раз", "два", "три"):
        counter.say(chat, word)
        counter.send()
        counter.clock.advance(timedelta(minutes=1))
    report(counter, account, READ, "mid.2")
    assert counter.messages("status") == [("read",), ("read",), ("sent",)]
    report(counter, account, READ, up_to=counter.clock.now())
    assert counter.messages("status") == [("read",)] * 3


def test_a_watermark_holds_for_its_own_chat_of_its_own_account(counter, account, chat):
    other_chat = counter.chat(WA, account, "8", wrote=counter.clock.now())
    counter.say(chat, "раз")
    counter.say(other_chat, "два")
    counter.send()
    report(counter, account, READ, up_to=counter.clock.now(), chat_id="8")
    report(counter, counter.account(VK), READ, "mid.1", up_to=counter.clock.now())
    assert counter.messages("status") == [("sent",), ("read",)]


def test_what_we_do_not_know_is_passed_over(counter, account, chat):
    counter.say(chat, "раз")
    counter.send()
    for status in DeliveryStatus:
        report(counter, account, status, "mid.999", reference="no-id-of-ours", chat_id="999", up_to=counter.clock.now())
        report(counter, account, status, reference=str(new_id()), chat_id="")
    assert counter.messages() == [("sent", None)]


def test_a_report_by_our_reference_settles_a_message_whose_sender_died(counter, account, chat):
    message_id = counter.say(chat, "раз")
    counter.channels[WA].failures.append(RetryLater("no answer", maybe_sent=True))
    assert counter.send() == 0
    report(counter, account, SENT, "wamid.1", reference=str(message_id))
    counter.clock.advance(timedelta(minutes=5))
    assert counter.send() == 0  # it is known to have gone: no second copy
    assert counter.messages("status, provider_message_id") == [("sent", "wamid.1")]
    assert len(counter.facts("message.logged")) == 1


def test_a_late_failure_that_may_pass_is_tried_again_and_not_for_ever(counter, account, chat):
    counter.say(chat, "раз")
    for attempt in (1, 2, 3):
        assert counter.send() == 1
        failed(counter, account, f"mid.{attempt}", FailureClass.RETRY)
        failed(counter, account, f"mid.{attempt}", FailureClass.RETRY)  # told twice, noted once
        assert counter.send() == 0
        counter.clock.advance(AGAIN_AFTER)
    assert counter.messages() == [("failed", "RETRY_LATER")]
    assert counter.rows("SELECT status, attempts FROM outbox WHERE kind = 'message.send'") == [("parked", 3)]
    assert [fact["reason"] for fact in counter.facts("message.undeliverable")] == ["RETRY_LATER"]
    assert counter.metrics.total(figures.SEND_FAILED, outcome="late_retry") == 3


def test_old_news_of_a_copy_changes_nothing_about_the_newer_one(counter, account, chat):
    message_id = counter.say(chat, "раз")
    counter.send()
    failed(counter, account, "mid.1", FailureClass.RETRY)
    counter.clock.advance(AGAIN_AFTER)
    assert counter.send() == 1
    failed(counter, account, "mid.1", FailureClass.REQUEST, reference=str(message_id))
    assert counter.messages("status, provider_message_id") == [("sent", "mid.2")]


def test_a_window_that_was_closed_turns_the_message_into_its_template_once(counter, account, chat):
    from salon.messaging.domain import TemplateUse

    def put(session):
        session.execute(
            text(
                "INSERT INTO message_templates (id, tenant_id, account_id, purpose, language, name, provider_language,"
                " status, updated_at) VALUES (:id, :tenant, :account, 'notice', 'ru', 'told', 'ru', 'approved', :now)"
            ),
            {"id": new_id(), "tenant": counter.tenant_id, "account": account, "now": counter.clock.now()},
        )

    counter.do(put)
    counter.say(chat, "перенесли", template=TemplateUse("notice", ("перенесли",)))
    counter.say(chat, "второе")
    counter.send()
    failed(counter, account, "mid.1", FailureClass.WINDOW)
    failed(counter, account, "mid.2", FailureClass.WINDOW)
    assert counter.send() == 1
    assert counter.channels[WA].words == ["перенесли", "второе", "< told перенесли >"]
    assert counter.messages("status, template_name") == [("sent", "told"), ("queued", None)]  # that one waits

    failed(counter, account, "mid.3", FailureClass.WINDOW)
    assert counter.messages()[0] == ("failed", "WINDOW_CLOSED")
    assert counter.send() == 0


def test_a_recipient_who_is_gone_is_marked_and_nothing_waits_for_them(counter, account, chat):
    counter.say(chat, "раз", purpose=Purpose.MARKETING)
    counter.send()
    counter.say(chat, "два")
    failed(counter, account, "mid.1", FailureClass.RECIPIENT)
    assert counter.messages() == [("failed", "RECIPIENT_GONE"), ("cancelled", None)]
    assert counter.rows("SELECT is_blocked FROM channel_contacts") == [(True,)]
    assert counter.send() == 0


def test_a_restricted_account_stands_still_and_keeps_the_message(counter, account, chat):
    counter.say(chat, "раз")
    counter.send()
    failed(counter, account, "mid.1", FailureClass.ACCOUNT)
    counter.say(counter.chat(WA, account, "8", wrote=counter.clock.now()), "два")
    assert counter.send() == 0
    counter.clock.advance(RESTRICTED_FOR)
    assert counter.send() == 2
    assert counter.messages("status") == [("sent",)] * 2


@pytest.mark.parametrize("failure", [FailureClass.REQUEST, None])
def test_what_the_provider_will_never_carry_out_is_parked(counter, account, chat, failure):
    counter.say(chat, "раз")
    counter.send()
    failed(counter, account, "mid.1", failure)
    assert counter.messages() == [("failed", "REQUEST_REJECTED")]
    assert counter.rows("SELECT status, last_error FROM outbox WHERE kind = 'message.send'") == [
        ("parked", "REQUEST_REJECTED")
    ]
    report(counter, account, DELIVERED, "mid.1")  # and if it did arrive, that is what we say
    assert counter.messages() == [("delivered", None)]


def test_a_failure_after_it_was_read_is_no_news(counter, account, chat):
    counter.say(chat, "раз")
    counter.send()
    report(counter, account, READ, "mid.1")
    failed(counter, account, "mid.1", FailureClass.RECIPIENT)
    assert counter.messages() == [("read", None)]
    assert counter.rows("SELECT is_blocked FROM channel_contacts") == [(False,)]


def test_a_report_that_overtakes_the_answer_comes_back_in_a_moment(counter, account, chat):
    message_id = counter.say(chat, "раз")
    [row] = counter.open_rows()
    lease = counter.clock.now() + timedelta(seconds=60)
    sql = "UPDATE outbox SET lease_until = :lease, attempts = 1 WHERE id = :id"
    counter.do(lambda session: session.execute(text(sql), {"lease": lease, "id": row}))
    with pytest.raises(DeliveryUnsettled):
        failed(counter, account, "wamid.1", FailureClass.RECIPIENT, reference=str(message_id))
    counter.clock.advance(timedelta(seconds=60))
    failed(counter, account, "wamid.1", FailureClass.RECIPIENT, reference=str(message_id))
    assert counter.send() == 1  # nobody is sending it: it is tried again, and says itself what is wrong
