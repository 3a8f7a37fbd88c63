from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.payloads.updates import conversation_of, external_id_of, normalise
from salon.messaging.domain import Attachment, AttachmentKind, ChannelCredentials, EventKind, InboundEvent

NOBODY = ChannelCredentials("")
ANNA = {"id": 5, "is_bot": False, "first_name": "Анна", "last_name": "Лебедева", "language_code": "ru"}
CHAT = {"id": 5, "type": "private", "first_name": "Анна"}
BOT = {"id": 99, "is_bot": True, "first_name": "Салон"}
GROUP = {"id": -1001234567890123, "type": "supergroup", "title": "Двор"}


def body(**update) -> bytes:
    return json.dumps({"update_id": 10, **update}).encode()


def message(**fields):
    return {"message_id": 7, "from": ANNA, "chat": CHAT, "date": 1_700_000_000, **fields}


def read(**fields) -> InboundEvent:
    return normalise(body(message=message(**fields)))


def test_a_text():
    event = read(text="Хочу на стрижку")
    assert event == InboundEvent(
        channel=event.channel,
        external_id="10",
        kind=EventKind.MESSAGE,
        chat_id="5",
        user_id="5",
        text="Хочу на стрижку",
        message_id="7",
        display_name="Анна Лебедева",
        language="ru",
        sent_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "kind", "param"),
    [
        ("/start", EventKind.START, None),
        ("/start ", EventKind.START, None),
        ("/start ref_42", EventKind.START, "ref_42"),
        ("/start@verba_bot ref-42", EventKind.START, "ref-42"),
        ("/start привет", EventKind.START, None),
        ("/start " + "x" * 65, EventKind.START, None),
        ("/started", EventKind.MESSAGE, None),
        ("нажала /start", EventKind.MESSAGE, None),
    ],
)
def test_start(text, kind, param):
    event = read(text=text)
    assert (event.kind, event.start_param) == (kind, param)


def test_an_edit_carries_its_own_time_and_is_never_a_start():
    event = normalise(body(edited_message=message(text="/start", edit_date=1_700_000_060)))
    assert (event.kind, event.message_id, event.reply_to) == (EventKind.EDIT, "7", "7")
    assert event.sent_at == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"voice": {"file_id": "v", "duration": 3, "mime_type": "audio/ogg", "file_size": 14663}},
            Attachment(AttachmentKind.VOICE, "v", "audio/ogg", 14663, 3),
        ),
        (
            {"audio": {"file_id": "a", "duration": 9, "file_name": "запись.mp3"}},
            Attachment(AttachmentKind.AUDIO, "a", duration_s=9, name="запись.mp3"),
        ),
        ({"video_note": {"file_id": "n", "duration": 2}}, Attachment(AttachmentKind.VIDEO, "n", duration_s=2)),
        (
            {"photo": [{"file_id": "s", "width": 90, "height": 67}, {"file_id": "L", "width": 800, "height": 600}]},
            Attachment(AttachmentKind.IMAGE, "L", "image/jpeg"),
        ),
        ({"photo": []}, Attachment(AttachmentKind.IMAGE, mime="image/jpeg")),
        (
            {"document": {"file_id": "d", "mime_type": "application/pdf", "file_name": "накладная.pdf"}},
            Attachment(AttachmentKind.FILE, "d", "application/pdf", name="накладная.pdf"),
        ),
        ({"animation": {"file_id": "g"}, "document": {"file_id": "g"}}, Attachment(AttachmentKind.VIDEO, "g")),
        ({"sticker": {"file_id": "k"}}, Attachment(AttachmentKind.STICKER, "k")),
        (
            {"location": {"latitude": 55.7, "longitude": 37}},
            Attachment(AttachmentKind.LOCATION, latitude=55.7, longitude=37.0),
        ),
        ({"location": {"latitude": 955.7, "longitude": True}}, Attachment(AttachmentKind.LOCATION)),
        (
            {"venue": {"title": "Парк"}, "location": {"latitude": 55.7, "longitude": 37.6}},
            Attachment(AttachmentKind.LOCATION, name="Парк", latitude=55.7, longitude=37.6),
        ),
        (
            {"video": {"file_id": "f", "duration": 5, "mime_type": "video/mp4"}},
            Attachment(AttachmentKind.VIDEO, "f", "video/mp4", duration_s=5),
        ),
        ({"poll": {"id": "1"}}, Attachment(AttachmentKind.OTHER)),
        (
            {"contact": {"phone_number": "79990000000", "first_name": "Анна", "user_id": 5}},
            Attachment(AttachmentKind.CONTACT, name="Анна", phone="+79990000000", is_own_contact=True),
        ),
        (
            {"contact": {"phone_number": "+79990000000", "first_name": "Анна", "user_id": 5}},
            Attachment(AttachmentKind.CONTACT, name="Анна", phone="+79990000000", is_own_contact=True),
        ),
        (
            {"contact": {"phone_number": "89990000000", "first_name": "Вера", "last_name": "К.", "user_id": 6}},
            Attachment(AttachmentKind.CONTACT, name="Вера К.", phone="89990000000"),
        ),
        (
            {"contact": {"phone_number": "89990000000", "first_name": "Вера"}},
            Attachment(AttachmentKind.CONTACT, name="Вера", phone="89990000000"),
        ),
    ],
)
def test_attachments(fields, expected):
    assert read(**fields).attachments == (expected,)


def test_the_text_of_a_file_is_its_caption():
    assert read(photo=[{"file_id": "p"}], caption="Такой цвет").text == "Такой цвет"


def tap(**fields):
    whole = {"id": "777", "from": ANNA, "chat_instance": "-1", "data": "slot:15", **fields}
    return body(callback_query={key: value for key, value in whole.items() if value is not None})


@pytest.mark.parametrize(
    ("about", "message_id"),
    [
        ({"message_id": 7, "date": 1_700_000_001, "chat": CHAT, "text": "Выберите"}, "7"),
        ({"message_id": 7, "date": 0, "chat": CHAT}, "7"),  # too old to be accessible
        (None, None),
        ("odd", None),
    ],
)
def test_a_tap(about, message_id):
    update = tap(message=about)
    event = normalise(update)
    assert (event.kind, event.payload, event.callback_id) == (EventKind.CALLBACK, "slot:15", "777")
    assert (event.chat_id, event.user_id, event.message_id) == ("5", "5", message_id)
    assert conversation_of(update) == "5"


def membership(status, **fields):
    change = {"chat": CHAT, "from": ANNA, "date": 1_700_000_200, "new_chat_member": {"user": BOT, "status": status}}
    return normalise(body(my_chat_member={**change, **fields}))


def test_blocked_and_unblocked():
    assert membership("kicked").kind is EventKind.BLOCKED
    assert membership("member").kind is EventKind.UNBLOCKED
    assert membership("restricted").why_ignored == "unknown change of membership"
    assert membership(["kicked"]).kind is EventKind.IGNORED
    assert membership("kicked", chat={"type": "private"}).kind is EventKind.IGNORED
    for status, kind in (("kicked", EventKind.BLOCKED), ("left", EventKind.BLOCKED), ("member", EventKind.UNBLOCKED)):
        event = membership(status, chat=GROUP)
        assert (event.kind, event.is_group, event.chat_id) == (kind, True, str(GROUP["id"]))


def test_a_group_is_heard_and_said_to_be_one():
    for update in (body(message=message(text="всем", chat=GROUP)), tap(message={"message_id": 7, "chat": GROUP})):
        event = normalise(update)
        assert event.kind in {EventKind.MESSAGE, EventKind.CALLBACK}
        assert (event.is_group, event.chat_id, event.user_id) == (True, str(GROUP["id"]), "5")
        assert conversation_of(update) == str(GROUP["id"])


def test_an_answer_names_what_it_answers():
    assert read(text="да", reply_to_message={"message_id": 3, "text": "В шесть?"}).reply_to == "3"
    assert read(text="да", reply_to_message=3).reply_to is None


@pytest.mark.parametrize(
    ("now", "emoji"),
    [
        ([{"type": "emoji", "emoji": "👍"}], "👍"),
        ([], ""),
        ([{"type": "custom_emoji", "custom_emoji_id": "1"}], "⭐"),
        ("odd", ""),
    ],
)
def test_a_reaction(now, emoji):
    change = {"chat": CHAT, "message_id": 7, "user": ANNA, "date": 1_700_000_200, "old_reaction": []}
    update = body(message_reaction={**change, "new_reaction": now})
    event = normalise(update)
    assert (event.kind, event.text, event.reply_to, event.chat_id) == (EventKind.REACTION, emoji, "7", "5")
    assert (event.user_id, conversation_of(update)) == ("5", "5")
    unnamed = normalise(body(message_reaction={**change, "user": None, "actor_chat": GROUP, "new_reaction": now}))
    assert unnamed.why_ignored == "no sender"
    assert normalise(body(message_reaction={**change, "message_id": None})).why_ignored == "reaction to nothing"


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (body(message=message(text="бот в группе", chat=GROUP, **{"from": BOT})), "sent by a bot"),
        (body(message=message(migrate_to_chat_id=-100, chat=GROUP)), "the group has another id now"),
        (body(message=message(left_chat_member=ANNA, chat=GROUP)), "service message"),
        (body(message=message(text="новость", chat={"id": -5, "type": "channel"})), "channel"),
        (body(channel_post=message(text="новость")), "unknown kind of update"),
        (body(message=message(text="я бот", **{"from": BOT})), "sent by a bot"),
        (body(message={"message_id": 1, "chat": CHAT, "text": "чьё?"}), "no sender"),
        (body(message={"message_id": 1, "from": ANNA, "text": "где?"}), "no chat"),
        (body(message=message(pinned_message={"message_id": 3})), "service message"),
        (body(message=["odd"]), "message is not an object"),
        (tap(data=None), "tap without data"),
        (tap(id=None), "tap without data"),
        (body(poll_answer={}), "unknown kind of update"),
        (b"\xff", "not a JSON object"),
    ],
)
def test_what_is_not_for_us_is_ignored_with_a_reason(update, why):
    event = normalise(update)
    assert (event.kind, event.why_ignored) == (EventKind.IGNORED, why)
    assert event.is_group is (event.chat_id.startswith("-"))


def test_the_key_is_the_update_s_number_or_a_digest():
    assert external_id_of(body()) == "10"
    assert external_id_of(b'{"update_id":4503599627370495,\n"message":{}}') == "4503599627370495"
    for odd in (b'{"update_id":true}', b'{"update_id":"10"}', b'{"update_id":-1}', b'{"update_id":1e3}', b""):
        assert external_id_of(odd) == "sha256:" + hashlib.sha256(odd).hexdigest()


def test_text_is_fit_for_the_database():
    event = normalise(
        b'{"update_id":1,"message":{"from":{"id":5,"first_name":"\\ud83d"},"chat":{"id":5},"text":"a\\u0000b"}}'
    )
    assert (event.text, event.display_name) == ("ab", "?")


KEYS = (
    st.sampled_from(["update_id", "message", "edited_message", "callback_query", "my_chat_member", "new_chat_member"])
    | st.sampled_from(["from", "chat", "id", "type", "date", "is_bot", "user_id", "first_name", "status", "data"])
    | st.sampled_from(["message_reaction", "new_reaction", "emoji", "user", "message_id", "reply_to_message"])
    | st.sampled_from(["location", "latitude", "longitude"])
    | st.sampled_from(["text", "caption", "voice", "photo", "contact", "width", "height", "duration", "file_id"])
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["private", "group", "kicked", "/start x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ
@given(st.binary() | st.dictionaries(KEYS, JSON, max_size=5).map(lambda value: json.dumps(value).encode()))
def test_nothing_makes_it_raise(payload):
    adapter = TelegramAdapter()
    event = adapter.normalise(payload, NOBODY)
    assert event.external_id == adapter.unpack(payload)[0].external_id != ""
    assert (event.kind is EventKind.IGNORED) == (event.why_ignored is not None)
    assert event.kind is EventKind.IGNORED or event.chat_id
    event.text.encode()
    adapter.unpack(payload)


def test_verifying_and_reading_need_no_http():
    script = (
        "import sys; from salon.integrations.telegram.adapter import TelegramAdapter; "
        "TelegramAdapter().unpack(b''); sys.exit(any(name in sys.modules for name in ('httpx', 'ssl', 'pydantic')))"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False)

    assert done.returncode == 0
