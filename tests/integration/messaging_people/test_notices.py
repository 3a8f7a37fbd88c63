"""Who of the salon is told what, and when."""

from __future__ import annotations

import pytest

from salon.booking import use_cases as booking
from salon.booking.feedback.events import FeedbackReceived
from salon.clients import use_cases as clients
from salon.identity.access import Role
from salon.messaging.domain import Purpose
from salon.messaging.events import MessageUndeliverable
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import Notice, NoticeKind
from salon.messaging.use_cases.say import Reply, say
from support.factories import free_slots
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
DUE = "SELECT max(next_attempt_at) FROM outbox WHERE conversation_id = :id"


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


def test_at_night_only_who_waits_is_told_of(desk, client, owner):
    desk.at("2026-03-11 23:00")
    undelivered(desk, client, Purpose.REMINDER)
    assert f"{desk.rows(DUE, id=owner.conversation.id)[0][0]:%d %H:%M}" == "12 06:00"  # nine in Moscow
    desk.hand_over(client)
    waiting = "SELECT next_attempt_at FROM outbox WHERE conversation_id = :id ORDER BY sequence DESC LIMIT 1"
    assert desk.rows(waiting, id=owner.conversation.id) == [(desk.clock.now(),)]


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
    assert desk.do(people.tell_salon, notice, desk.clock.now()) == 1
    account = Notice(NoticeKind.ACCOUNT, "people-unbound")
    assert desk.do(people.tell_salon, account, desk.clock.now()) == 1  # the owner; the front desk's role may not know
    assert olga.hear().count("отвязан") == 1
