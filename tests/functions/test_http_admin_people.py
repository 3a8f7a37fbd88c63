"""The inbox of the salon's people through the staff API: codes and chats, hand-overs, what was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from salon.clients import use_cases as clients
from salon.identity.access import Role
from salon.messaging import repository
from salon.messaging.domain import Channel
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import HandoverReason
from salon.platform.ids import new_id
from support.cloud import open_cloud
from support.console import sign_in
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
NOBODY = "01900000-0000-7000-8000-00000000dead"


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        yield cloud


@pytest.fixture
def world(furnished):
    return furnished.first


@pytest.fixture
def owner(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id)


@pytest.fixture
def desk(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id, Role.FRONTDESK)


@pytest.fixture
def chat(salons, world):
    """A chat of somebody new who has written something; its conversation."""

    def make(words="Здравствуйте"):
        now, name = datetime.now(UTC), new_id().hex[-8:]
        with salons.transaction(world.tenant_id) as session:
            contact = clients.find_or_create_by_contact(
                session,
                channel="telegram",
                account_id=world.account_id,
                external_user_id=name,
                chat_id=name,
                actor=ACTOR,
                now=now,
                display_name="Лукерья",
            )
            conversation = repository.open_conversation(
                session,
                channel=Channel.TELEGRAM,
                account_id=world.account_id,
                chat_id=name,
                client_id=contact.client_id,
                now=now,
            )
            repository.log_inbound(
                session,
                conversation,
                kind="message",
                text_body=words,
                inbox_id=new_id(),
                provider_message_id=None,
                media_key=None,
                now=now,
            )
        return conversation

    return make


@pytest.fixture
def waiting(salons, world, chat):
    """Somebody waits for a person; the hand-over."""

    def make(words="Позовите администратора"):
        conversation, now = chat(words), datetime.now(UTC)
        with salons.transaction(world.tenant_id) as session:
            return people.open_handover(session, conversation, HandoverReason.ASKED, now)

    return make


def test_a_code_is_shown_once_and_binds(salons, world, owner, desk, chat):
    made = owner.do("POST", f"/users/{desk.user_id}/binding-code", status=201)
    assert datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC) > timedelta(hours=23)
    conversation = chat()
    with salons.transaction(world.tenant_id) as session:
        people.bind_by_code(session, conversation, made["code"], datetime.now(UTC))

    [contact] = owner.do("GET", f"/users/{desk.user_id}/contacts")["items"]
    assert (contact["channel"], contact["notices"]) == ("telegram", ["handover"])
    assert desk.do("GET", "/me/contacts")["items"] == [contact]
    notices = f"/me/contacts/{contact['id']}/notices"
    assert desk.do("PUT", notices, {"notices": ["stock"]})["notices"] == ["stock"]
    assert desk.refused("PUT", notices, {"notices": ["gossip"]})[0] == 422
    assert owner.refused("DELETE", f"/me/contacts/{contact['id']}") == (404, "STAFF_CONTACT_NOT_FOUND")  # not hers
    assert owner.do("DELETE", f"/users/{desk.user_id}/contacts") == {"count": 1}
    assert desk.do("GET", "/me/contacts")["items"] == []


def test_codes_are_for_oneself_or_from_above(cloud, salons, world, owner, desk):
    assert len(desk.do("POST", "/me/binding-code", status=201)["code"]) == 9
    admin = sign_in(cloud, salons, world.tenant_id, Role.ADMIN)
    assert admin.refused("POST", f"/users/{owner.user_id}/binding-code") == (403, "ROLE_NOT_YOURS")
    assert desk.refused("POST", f"/users/{owner.user_id}/binding-code") == (403, "PERMISSION_DENIED")
    assert owner.refused("POST", f"/users/{NOBODY}/binding-code") == (404, "USER_NOT_FOUND")
    owner.do("DELETE", f"/users/{desk.user_id}")
    assert owner.refused("POST", f"/users/{desk.user_id}/binding-code") == (409, "USER_INACTIVE")


def test_a_handover_is_taken_answered_and_returned(owner, desk, waiting):
    one = waiting()
    path = f"/handovers/{one.id}"
    [listed] = desk.do("GET", "/handovers?status=open")["items"]
    assert (listed["number"], listed["client_name"], listed["channel"]) == (one.number, "Лукерья", "telegram")
    seen = desk.do("GET", path)
    assert [message["text"] for message in seen["recent"]] == ["Позовите администратора"]

    taken = desk.do("POST", f"{path}/take", {"version": seen["version"]})
    assert (taken["status"], taken["taken_by"]) == ("taken", str(desk.user_id))
    assert owner.refused("POST", f"{path}/take", {}) == (409, "HANDOVER_TAKEN")
    assert owner.refused("POST", f"{path}/answer", {"text": "Я"}) == (409, "HANDOVER_TAKEN")
    assert desk.refused("POST", f"{path}/answer", {"text": "  "}) == (400, "ANSWER_EMPTY")
    desk.do("POST", f"{path}/answer", {"text": "Добрый день"})
    latest = desk.do("GET", path)["recent"][0]
    assert (latest["text"], latest["purpose"], latest["user_id"]) == ("Добрый день", "human", str(desk.user_id))
    assert owner.refused("POST", f"{path}/return", {"version": 1}) == (409, "HANDOVER_OUTDATED")
    assert owner.do("POST", f"{path}/return", {})["outcome"] == "returned"
    assert desk.refused("POST", f"{path}/return", {}) == (409, "HANDOVER_CLOSED")
    assert desk.refused("POST", f"/handovers/{NOBODY}/take", {}) == (404, "HANDOVER_NOT_FOUND")
    assert desk.do("GET", f"/handovers?taken_by={desk.user_id}&status=taken")["items"] == []


def test_lists_go_on_where_the_page_ended(desk, waiting, chat, salons, world):
    numbers = [waiting().number for _ in range(3)]
    first = desk.do("GET", "/handovers?limit=2")
    rest = desk.do("GET", f"/handovers?limit=2&cursor={first['next_cursor']}")
    assert [one["number"] for one in [*first["items"], *rest["items"]]] == numbers[::-1]
    assert rest["next_cursor"] is None
    assert desk.refused("GET", "/handovers?cursor=nonsense") == (400, "CURSOR_INVALID")


def test_what_was_said_is_read_page_by_page_for_a_purpose(owner, desk, salons, world, chat):
    conversation = chat("первое")
    with salons.transaction(world.tenant_id) as session:
        for words in ("второе", "третье"):
            repository.log_inbound(
                session,
                conversation,
                kind="message",
                text_body=words,
                inbox_id=new_id(),
                provider_message_id=None,
                media_key=None,
                now=datetime.now(UTC),
            )
    path = f"/conversations/{conversation.id}/messages"
    assert desk.refused("GET", path)[0] == 422
    first = desk.do("GET", f"{path}?purpose=quality&limit=2")
    rest = desk.do("GET", f"{path}?purpose=quality&limit=2&cursor={first['next_cursor']}")
    assert [one["text"] for one in [*first["items"], *rest["items"]]] == ["третье", "второе", "первое"]
    kept = owner.do("GET", f"/audit?subject=conversation&subject_id={conversation.id}")["items"]
    assert [(one["action"], one["data"]["purpose"], UUID(one["actor_id"])) for one in kept] == [
        ("conversation.read", "quality", desk.user_id)
    ] * 2
    assert desk.refused("GET", f"/conversations/{NOBODY}/messages?purpose=quality") == (404, "CONVERSATION_NOT_FOUND")


def test_the_settings_of_hand_overs_are_judged(owner):
    content = {"handover_return_minutes": 60, "handover_remind_minutes": 5, "outside_silence_minutes": 30}
    owner.do("PUT", "/settings/messaging", {"content": content})
    assert owner.refused("PUT", "/settings/messaging", {"content": {"handover_return_minutes": 0}}) == (
        400,
        "HABIT_SENSELESS",
    )
