from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from salon.integrations.vk.payloads.events import normalise
from salon.messaging.domain import (
    Channel,
    DeliveryStatus,
    EventKind,
    InboundEvent,
    StatusReport,
)

GROUP = 7001
PHONE = {"inline_keyboard": True, "button_actions": ["text", "callback", "open_link"], "lang_id": 0}


def body(kind, content, **more) -> bytes:
    event = {"type": kind, "group_id": GROUP, "event_id": "e1", "v": "5.199", "secret": "s3cret", "object": content}
    return json.dumps({**event, **more}).encode()


def message(**fields):
    return {"date": 1_700_000_000, "from_id": 5, "peer_id": 5, "id": 305, "conversation_message_id": 9, **fields}


def read(client=None, **fields) -> InboundEvent:
    return normalise(body("message_new", {"message": message(**fields), "client_info": client or {}}))


def test_a_text():
    assert read(PHONE, text="Хочу на стрижку") == InboundEvent(
        channel=Channel.VK,
        external_id="e1",
        kind=EventKind.MESSAGE,
        chat_id="5",
        user_id="5",
        text="Хочу на стрижку",
        message_id="5:9",
        language="ru",
        sent_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        can_tap=True,
    )


@pytest.mark.parametrize(
    ("client", "can_tap"),
    [
        ({}, None),
        ({"keyboard": True}, None),
        ({"inline_keyboard": True}, True),
        ({"inline_keyboard": False, "button_actions": ["callback"]}, False),
        ({"inline_keyboard": True, "button_actions": ["text", "open_link"]}, False),
        ({"button_actions": ["callback"]}, True),
        ({"inline_keyboard": "yes", "button_actions": {"callback": 1}}, None),
    ],
)
def test_what_the_person_s_app_shows(client, can_tap):
    assert read(client, text="да").can_tap is can_tap


@pytest.mark.parametrize(
    ("payload", "kind", "carried"),
    [
        ('{"p":"slot:15"}', EventKind.CALLBACK, "slot:15"),
        ({"p": "slot:15"}, EventKind.CALLBACK, "slot:15"),
        ('{"cmd":"week"}', EventKind.CALLBACK, '{"cmd":"week"}'),
        ({"p": "slot:15", "cmd": 1}, EventKind.CALLBACK, '{"p":"slot:15","cmd":1}'),
        ('"slot:15"', EventKind.CALLBACK, "slot:15"),
        ("slot:15", EventKind.CALLBACK, "slot:15"),
        ("[" * 3000, EventKind.CALLBACK, "[" * 1000),
        ('{"command":"start"}', EventKind.START, None),
        ({"command": "start"}, EventKind.START, None),
        ({"command": ["start"]}, EventKind.CALLBACK, '{"command":["start"]}'),
        (None, EventKind.MESSAGE, None),
        ("", EventKind.MESSAGE, None),
        ("{}", EventKind.MESSAGE, None),
        ("null", EventKind.MESSAGE, None),
        ([], EventKind.MESSAGE, None),
    ],
)
def test_a_key_that_writes(payload, kind, carried):
    event = read(text="15:00", payload=payload)
    assert (event.kind, event.payload, event.callback_id, event.text) == (kind, carried, None, "15:00")


def test_a_deep_link_is_told_by_the_first_message():
    event = read(text="Начать", payload='{"command":"start"}', ref="invite_42", ref_source="qr")
    assert (event.kind, event.start_param) == (EventKind.START, "invite_42")
    assert (read(text="Привет", ref="x").kind, read(text="Привет", ref="x").start_param) == (EventKind.MESSAGE, "x")
    assert read(text="Привет", ref="", ref_source="qr").start_param == "qr"
    assert read(text="Привет", ref="x" * 256).start_param is None


def test_an_answer_names_what_it_answers():
    assert read(text="да", reply_message={"conversation_message_id": 7, "id": 300}).reply_to == "5:7"


def test_a_group_chat_numbers_its_messages_itself():
    event = read(text="всем привет", peer_id=2_000_000_001, id=0, conversation_message_id=31)
    assert (event.chat_id, event.user_id, event.is_group, event.message_id) == (
        "2000000001",
        "5",
        True,
        "2000000001:31",
    )


@pytest.mark.parametrize(
    ("fields", "kind", "why"),
    [
        ({"from_id": -GROUP, "text": "Мы"}, EventKind.ECHO, None),
        ({"out": 1, "text": "Мы"}, EventKind.ECHO, None),
        ({"from_id": -8, "text": "Реклама"}, EventKind.IGNORED, "sent by a community"),
        ({"action": {"type": "chat_kick_user"}, "text": ""}, EventKind.IGNORED, "service message"),
        ({"action": None, "text": "да"}, EventKind.MESSAGE, None),
        ({"text": " \n"}, EventKind.IGNORED, "an empty message"),
        ({"text": "чьё?", "from_id": None}, EventKind.IGNORED, "no sender"),
        ({"text": "где?", "peer_id": {}}, EventKind.IGNORED, "no chat"),
        ({"text": "да", "out": [1]}, EventKind.MESSAGE, None),
    ],
)
def test_whose_message_it_is(fields, kind, why):
    event = read(**fields)
    assert (event.kind, event.why_ignored) == (kind, why)


def tap(**fields):
    content = {
        "user_id": 5,
        "peer_id": 5,
        "event_id": "1776a",
        "payload": {"p": "slot:15"},
        "conversation_message_id": 9,
    }
    return normalise(body("message_event", {**content, **fields}))


def test_a_tap():
    event = tap()
    assert (event.kind, event.payload, event.callback_id) == (EventKind.CALLBACK, "slot:15", "1776a")
    assert (event.chat_id, event.user_id, event.message_id, event.external_id) == ("5", "5", "5:9", "e1")
    assert tap(payload='{"p":"slot:15"}').payload == "slot:15"
    assert tap(payload={"cmd": "week"}).payload == '{"cmd":"week"}'
    assert tap(conversation_message_id=None).message_id is None
    for odd in ({"payload": None}, {"event_id": None}, {"user_id": None}, {"event_id": 7}):
        assert tap(**odd).why_ignored == "a tap without payload, person or id"


@pytest.mark.parametrize("nested", [False, True])
def test_an_edit_and_an_echo_come_bare_or_wrapped(nested):
    def event(kind, **fields):
        content = message(**fields)
        return normalise(body(kind, {"message": content} if nested else content))

    edited = event("message_edit", text="на четыре", update_time=1_700_000_060)
    assert (edited.kind, edited.text, edited.message_id, edited.reply_to) == (EventKind.EDIT, "на четыре", "5:9", "5:9")
    assert edited.sent_at == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)
    assert event("message_edit", text="x", from_id=-GROUP).why_ignored == "an edit of our own message"
    ours = event("message_reply", from_id=-GROUP, out=1, text="Записала")
    assert (ours.kind, ours.chat_id, ours.user_id, ours.is_by_human) == (EventKind.ECHO, "5", "5", False)
    theirs = event("message_reply", from_id=-GROUP, out=1, text="Это Вера", admin_author_id=77)
    assert (theirs.is_by_human, theirs.user_id, theirs.text) == (True, "5", "Это Вера")


def test_permission_given_and_taken():
    allowed = normalise(body("message_allow", {"user_id": 5, "key": "k"}))
    assert (allowed.kind, allowed.chat_id, allowed.user_id, allowed.start_param) == (EventKind.UNBLOCKED, "5", "5", "k")
    assert normalise(body("message_allow", {"user_id": 5, "key": ""})).start_param is None
    denied = normalise(body("message_deny", {"user_id": 5, "key": "k"}))
    assert (denied.kind, denied.chat_id, denied.start_param) == (EventKind.BLOCKED, "5", None)
    assert normalise(body("message_deny", {"user_id": []})).why_ignored == "no person"


def test_reading_is_a_watermark():
    content = {"from_id": 5, "peer_id": 5, "read_message_id": 305, "conversation_message_id": 9}
    event = normalise(body("message_read", content))
    assert (event.kind, event.chat_id) == (EventKind.STATUS, "5")
    assert event.status == StatusReport(DeliveryStatus.READ, message_id="5:9")
    assert normalise(body("message_read", {**content, "from_id": -GROUP})).kind is EventKind.IGNORED
    assert normalise(body("message_read", {"from_id": 5, "peer_id": 5})).kind is EventKind.IGNORED


@pytest.mark.parametrize(("number", "emoji"), [(1, "❤"), (4, "👍"), (16, "🎉"), (99, "•"), (None, ""), ("4", "")])
def test_a_reaction(number, emoji):
    event = normalise(body("message_reaction_event", {"reacted_id": 5, "peer_id": 5, "cmid": 9, "reaction_id": number}))
    assert (event.kind, event.text, event.reply_to, event.user_id) == (EventKind.REACTION, emoji, "5:9", "5")


def test_a_reaction_of_ours_is_nothing():
    content = {"reacted_id": -GROUP, "peer_id": 5, "cmid": 9, "reaction_id": 4}
    assert normalise(body("message_reaction_event", content)).kind is EventKind.IGNORED


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (body("message_typing_state", {"state": "typing", "from_id": 5}), "typing"),
        (body("group_join", {"user_id": 5}), "joined the community"),
        (body("group_leave", {"user_id": 5}), "left the community"),
        (body("user_block", {"user_id": 5}), "banned by the community"),
        (body("confirmation", None), "a handshake"),
        (body("photo_new", {"id": 1}), "unknown kind of event"),
        (body(["message_new"], {}), "unknown kind of event"),
        (body("message_new", [1]), "an event without content"),
        (b"\xff", "not a JSON object"),
    ],
)
def test_what_is_not_for_us_is_ignored_with_a_reason(payload, why):
    event = normalise(payload)
    assert (event.kind, event.why_ignored) == (EventKind.IGNORED, why)


def test_versions_before_5_103_and_5_80():
    bare = normalise(body("message_new", message(text="Привет")))
    assert (bare.kind, bare.text, bare.message_id) == (EventKind.MESSAGE, "Привет", "5:9")
    old = {"id": 305, "date": 1_700_000_000, "out": 0, "user_id": 5, "read_state": 0, "title": "", "body": "Привет"}
    event = normalise(body("message_new", old))
    assert (event.text, event.chat_id, event.user_id, event.message_id) == ("Привет", "5", "5", "305")
    in_chat = normalise(body("message_new", {**old, "chat_id": 7}))
    assert (in_chat.chat_id, in_chat.user_id, in_chat.is_group) == ("2000000007", "5", True)
