from __future__ import annotations

import copy
import hashlib
import hmac
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.max.adapter import MaxAdapter
from salon.integrations.max.payloads.updates import normalise, unpack
from salon.messaging.domain import Attachment, AttachmentKind, Channel, ChannelCredentials, EventKind, InboundEvent

TOKEN, BOT_ID = "test_bot_token", "277639678"
AT = 1_785_182_044_286
ANNA = {"user_id": 212843158, "first_name": "Анна", "last_name": "Лебедева", "is_bot": False, "name": "Анна Лебедева"}
BOT = {"user_id": int(BOT_ID), "first_name": "Салон", "is_bot": True, "name": "Салон"}
DIALOG = {"chat_id": 472107880, "chat_type": "dialog", "user_id": int(BOT_ID)}
GROUP = {"chat_id": -70_801_090_403_050, "chat_type": "chat"}
VCF = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:ez-vcard 0.10.3\r\nTEL;TYPE=cell:70000000000\r\n"
    "FN:Тестовый Пользователь\r\nEND:VCARD\r\n"
)
VCF_HASH = "f3edf112cd54324e0aa019f069c026e7d548103a0587e3d9a513a2ff945efb3b"  # the facts' own vector


def update(kind, **what):
    return {"update_type": kind, "timestamp": AT, "user_locale": "ru", **what}


def message(text="Хочу на стрижку", attachments=None, **what):
    body = {"mid": "mid.7", "seq": 116993690454357274, "text": text}
    if attachments is not None:
        body["attachments"] = attachments
    return {"recipient": DIALOG, "timestamp": AT - 5, "body": body, "sender": ANNA, **what}


def created(**what):
    return update("message_created", message=message(**what))


def tap(**what):
    told = {"timestamp": AT, "callback_id": "cb-1", "payload": "slot:15", "user": ANNA, **what.pop("callback", {})}
    shown = message(sender=BOT, recipient={**DIALOG, "user_id": ANNA["user_id"]})
    return update("message_callback", **{"callback": told, "message": shown, **what})


def read(value) -> InboundEvent:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    event = normalise(body, bot_id=BOT_ID, token=TOKEN)
    (wired,) = unpack(body)
    assert event.external_id == wired.external_id != ""
    assert wired.conversation in {event.chat_id, ""}
    return event


def test_a_text():
    assert read(created()) == InboundEvent(
        channel=Channel.MAX,
        external_id="mid.7",
        kind=EventKind.MESSAGE,
        chat_id="472107880",
        user_id="212843158",
        text="Хочу на стрижку",
        message_id="mid.7",
        display_name="Анна Лебедева",
        language="ru",
        sent_at=datetime(2026, 7, 27, 19, 54, 4, 281_000, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "kind", "param"),
    [
        ("/start", EventKind.START, None),
        ("/start sweet-gold_7", EventKind.START, "sweet-gold_7"),
        ("/start@verba_bot ref", EventKind.START, "ref"),
        ("/start " + "x" * 128, EventKind.START, "x" * 128),
        ("/start " + "x" * 129, EventKind.START, None),
        ("/start привет", EventKind.START, None),
        ("/startup хочу", EventKind.MESSAGE, None),
    ],
)
def test_a_start_that_was_written(text, kind, param):
    event = read(created(text=text))
    assert (event.kind, event.start_param) == (kind, param)


@pytest.mark.parametrize(("payload", "param"), [("ref_42", "ref_42"), (None, None), ("", None), ("a b", None)])
def test_a_start_that_was_pressed(payload, param):
    event = read(update("bot_started", chat_id=472107880, user=ANNA, payload=payload))
    assert (event.kind, event.start_param, event.chat_id) == (EventKind.START, param, "472107880")
    assert (event.user_id, event.language, event.is_group) == ("212843158", "ru", False)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            {"type": "audio", "payload": {"url": "https://a.oneme.ru/audio?cid=1", "token": "t", "id": 123}},
            Attachment(AttachmentKind.VOICE, "https://a.oneme.ru/audio?cid=1"),
        ),
        (
            {"type": "audio", "payload": {"url": "https://a.oneme.ru/a"}, "transcription": " Хочу завтра "},
            Attachment(AttachmentKind.VOICE, "https://a.oneme.ru/a", transcript="Хочу завтра"),
        ),
        (
            {"type": "audio", "payload": {"url": "https://a.oneme.ru/a"}, "transcription": ""},
            Attachment(AttachmentKind.VOICE, "https://a.oneme.ru/a"),
        ),
        (
            {"type": "image", "payload": {"photo_id": 1, "token": "t", "url": "https://i.oneme.ru/i?r=B"}},
            Attachment(AttachmentKind.IMAGE, "https://i.oneme.ru/i?r=B"),
        ),
        (
            {"type": "file", "payload": {"url": "https://fd.oneme.ru/f"}, "filename": "чек.pdf", "size": 10},
            Attachment(AttachmentKind.FILE, "https://fd.oneme.ru/f", size_bytes=10, name="чек.pdf"),
        ),
        (
            {"type": "file", "payload": {"url": "https://fd.oneme.ru/f"}, "filename": "песня.MP3", "size": 10},
            Attachment(AttachmentKind.AUDIO, "https://fd.oneme.ru/f", size_bytes=10, name="песня.MP3"),
        ),
        (
            {"type": "video", "payload": {"url": "https://m.ok.ru/v", "token": "tok"}, "duration": 7},
            Attachment(AttachmentKind.VIDEO, "video:tok", duration_s=7),
        ),
        (
            {"type": "sticker", "payload": {"url": "https://i.oneme.ru/s", "code": "c1"}, "width": 1, "height": 1},
            Attachment(AttachmentKind.STICKER, "https://i.oneme.ru/s", name="c1"),
        ),
        (
            {"type": "location", "latitude": 55.75, "longitude": 37},
            Attachment(AttachmentKind.LOCATION, latitude=55.75, longitude=37.0),
        ),
        ({"type": "location", "latitude": "55", "longitude": 10**400}, Attachment(AttachmentKind.LOCATION)),
        (
            {"type": "share", "payload": {"url": "https://vk.com/wall1"}, "title": "Стрижка"},
            Attachment(AttachmentKind.OTHER, name="Стрижка"),
        ),
        ({"type": "poll", "payload": None}, Attachment(AttachmentKind.OTHER)),
    ],
)
def test_attachments(sent, expected):
    assert read(created(text="", attachments=[sent])).attachments == (expected,)


def card(sender=ANNA, **payload):
    sent = {"type": "contact", "payload": {"vcf_info": VCF, "hash": VCF_HASH, "max_info": sender, **payload}}
    return created(text="", attachments=[sent])


def test_an_own_number_is_vouched_for():
    own = Attachment(AttachmentKind.CONTACT, name="Тестовый Пользователь", phone="+70000000000", is_own_contact=True)
    for told in (card(), card(hash=VCF_HASH.upper()), card(max_info=None)):
        assert read(told).attachments == (own,)


def test_somebody_else_s_or_a_forged_card_is_not_own():
    crlf_lost = VCF.replace("\r\n", "\n")
    for told in (
        card(hash=None),
        card(hash=""),
        card(hash=VCF_HASH[:-1] + "c"),
        card(hash="ключ"),
        card(hash=hmac.new(b"", VCF.encode(), hashlib.sha256).hexdigest()),
        card(vcf_info=VCF.replace("7000", "7001")),
        card(vcf_info=crlf_lost),
        card(sender={**ANNA, "user_id": 5}),
    ):
        (found,) = read(told).attachments
        assert (found.kind, found.is_own_contact) == (AttachmentKind.CONTACT, False)
    body = json.dumps(card()).encode()
    for token in ("", "another_token"):
        (found,) = normalise(body, bot_id=BOT_ID, token=token).attachments
        assert not found.is_own_contact


def test_a_card_that_was_passed_on_is_not_own():
    inner = card()["message"]["body"]
    event = read(created(text="", link={"type": "forward", "message": inner, "sender": ANNA}))
    assert [(each.phone, each.is_own_contact) for each in event.attachments] == [("70000000000", False)]


def test_what_was_passed_on_speaks_for_itself():
    inner = {"mid": "mid.other", "seq": 1, "text": "Лада седан", "attachments": [{"type": "image", "payload": {}}]}
    link = {"type": "forward", "message": inner, "sender": {"user_id": 9, "name": "Марк"}, "chat_id": -5}
    event = read(update("message_created", message={**message(), "body": None, "link": link}))
    assert (event.kind, event.text, event.message_id) == (EventKind.MESSAGE, "Лада седан", None)
    assert [each.kind for each in event.attachments] == [AttachmentKind.IMAGE]
    assert read(created(text="смотрите", link=link)).text == "смотрите"


def test_an_answer_names_what_it_answers():
    event = read(created(link={"type": "reply", "message": {"mid": "mid.3", "text": "Когда?"}, "sender": BOT}))
    assert (event.reply_to, event.text) == ("mid.3", "Хочу на стрижку")


def test_a_tap_is_of_who_tapped_in_the_chat_of_the_message():
    event = read(tap())
    assert (event.kind, event.payload, event.callback_id) == (EventKind.CALLBACK, "slot:15", "cb-1")
    assert (event.user_id, event.chat_id, event.message_id) == ("212843158", "472107880", "mid.7")
    assert event.display_name == "Анна Лебедева"


def test_a_tap_under_a_message_that_is_gone_is_answered_to_the_person():
    for gone in (None, {}, {"recipient": None, "body": None}):
        event = read(tap(message=gone))
        assert (event.kind, event.chat_id, event.message_id) == (EventKind.CALLBACK, "user:212843158", None)


def test_an_edit_and_a_removal():
    edit = read(update("message_edited", message=message(text="Лучше в пять")))
    assert (edit.kind, edit.text, edit.message_id, edit.reply_to) == (EventKind.EDIT, "Лучше в пять", "mid.7", "mid.7")
    gone = read(update("message_removed", message_id="mid.7", chat_id=472107880, user_id=212843158))
    assert (gone.kind, gone.reply_to) == (EventKind.DELETED, "mid.7")
    assert (gone.chat_id, gone.user_id) == ("472107880", "212843158")


def test_what_is_written_in_the_bot_s_name_is_an_echo_of_nobody_knows_whom():
    to_anna = {**DIALOG, "user_id": ANNA["user_id"]}
    for sender in (BOT, {"user_id": int(BOT_ID)}, {"user_id": 5, "is_bot": True}):
        event = read(created(text="Ждём вас", sender=sender, recipient=to_anna))
        assert (event.kind, event.is_by_human, event.text) == (EventKind.ECHO, None, "Ждём вас")
        assert (event.chat_id, event.user_id, event.message_id) == ("472107880", "212843158", "mid.7")


def test_groups_are_marked():
    event = read(created(recipient=GROUP))
    assert (event.kind, event.is_group, event.chat_id) == (EventKind.MESSAGE, True, "-70801090403050")
    shown = message(sender=BOT, recipient=GROUP)
    assert read(tap(message=shown)).is_group
    # Dialogs may have negative numbers as well: their type decides, the sign only where there is none.
    dialog = read(created(recipient={**DIALOG, "chat_id": -100000000}))
    assert (dialog.is_group, dialog.chat_id) == (False, "-100000000")
    assert read(created(recipient={"chat_id": -5})).is_group


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (update("bot_stopped", chat_id=1, user=ANNA), "the person stopped the bot"),
        (update("dialog_removed", chat_id=1, user=ANNA), "the person deleted the dialog"),
        (update("dialog_cleared", chat_id=1, user=ANNA), "the person cleared the dialog"),
        (update("dialog_muted", chat_id=1, user=ANNA, muted_until=AT), "the person muted the dialog"),
        (update("dialog_unmuted", chat_id=1, user=ANNA), "the person unmuted the dialog"),
        (update("bot_added", chat_id=-1, user=ANNA, is_channel=False), "added to a group chat"),
        (update("bot_removed", chat_id=-1, user=ANNA), "removed from a group chat"),
        (update("user_added", chat_id=-1, user=ANNA, inviter_id=None), "somebody joined a group chat"),
        (update("user_removed", chat_id=-1, user=ANNA), "somebody left a group chat"),
        (update("chat_title_changed", chat_id=-1, user=ANNA, title="Двор"), "a group chat's title"),
        (update("message_construction_request"), "unknown kind of update"),
        (created(text=""), "an empty message"),
        (created(text="  ", attachments=[{"type": "inline_keyboard", "payload": {}}]), "an empty message"),
        (created(sender=None), "no sender"),
        (created(recipient={"chat_type": "chat"}), "no chat"),
        (created(recipient={**GROUP, "chat_type": "channel"}), "channel"),
        (created(recipient=GROUP, sender={"user_id": 5, "is_bot": True}), "sent by a bot"),
        (update("message_created", message=None), "no sender"),
        (update("message_edited", message=message(sender=BOT)), "an edit of a bot's message"),
        (update("message_edited", message={**message(), "body": {}}), "an edit of nothing"),
        (update("message_removed", chat_id=1, user_id=2), "a removal of nothing"),
        (update("message_removed", message_id="m", chat_id=1, user_id=int(BOT_ID)), "removed by the bot"),
        (update("bot_started", chat_id=1, user=None), "no sender"),
        (tap(callback={"payload": None}), "a tap without data"),
        (tap(callback={"callback_id": ""}), "a tap without data"),
        (tap(callback={"user": None}), "a tap of nobody"),
        ({"updates": []}, "unknown kind of update"),
        (b"[]", "not a JSON object"),
        (b"\xff", "not a JSON object"),
    ],
)
def test_what_is_not_for_us_is_ignored_with_a_reason(told, why):
    event = read(told)
    assert (event.kind, event.why_ignored) == (EventKind.IGNORED, why)


def test_a_stop_says_whose_it_is_and_condemns_nobody():
    event = read(update("bot_stopped", chat_id=472107880, user=ANNA))
    assert (event.kind, event.chat_id, event.user_id) == (EventKind.IGNORED, "472107880", "212843158")


def keys(*updates):
    return [unpack(json.dumps(each).encode())[0].external_id for each in updates]


def test_keys_tell_events_apart_and_repeats_together():
    later = {"timestamp": AT + 1}
    assert keys(created()) == ["mid.7"]
    assert keys(created() | later) == ["mid.7"]  # a repeat may be told at another moment
    edit = update("message_edited", message=message())
    assert len(set(keys(created(), edit, edit | later))) == 3
    assert len(set(keys(tap(), tap(callback={"callback_id": "cb-2"}), tap(callback=later)))) == 3
    assert keys(tap()) == keys(tap(message=None))
    for kind in ("bot_started", "bot_stopped", "user_added"):
        one = update(kind, chat_id=1, user=ANNA)
        others = [one | later, one | {"chat_id": 2}, one | {"user": {"user_id": 5}}, one | {"user_id": 6}]
        assert len(set(keys(one, *others))) == 5
        assert keys(one) == keys(copy.deepcopy(one))
    removed = update("message_removed", message_id="mid.7", chat_id=1, user_id=2)
    assert len(set(keys(removed, removed | {"message_id": "mid.8"}))) == 2
    poor = update("message_created", message={"recipient": DIALOG, "body": None})
    assert keys(poor)[0].startswith("sha256:")
    assert keys(tap(callback={"callback_id": "x" * 5000}))[0].startswith("sha256:")


def test_the_long_poll_form_is_taken_apart():
    both = json.dumps({"updates": [created(), tap(), 5, None], "marker": 25493970}).encode()
    events = unpack(both)
    assert [(each.external_id, each.conversation) for each in events[:2]] == [
        ("mid.7", "472107880"),
        (f"tap:cb-1:{AT}", "472107880"),
    ]
    read_again = [normalise(each.body) for each in events]
    assert [each.kind for each in read_again] == [EventKind.MESSAGE, EventKind.CALLBACK, *[EventKind.IGNORED] * 2]
    assert [each.external_id for each in read_again] == [each.external_id for each in events]
    assert normalise(both).external_id == "mid.7"


def test_what_is_nested_too_deeply_to_be_read_is_ignored():
    limit = sys.getrecursionlimit()
    for depth in range(limit - 200, limit + 5):
        deep = b'{"updates":[' + b"[" * depth + b"]" * depth + b"]}"
        (wired,) = unpack(deep)
        assert wired.external_id.startswith("sha256:")
        assert {normalise(deep).kind, normalise(wired.body).kind} == {EventKind.IGNORED}


def test_numbers_beyond_53_bits_are_kept():
    event = read(created(recipient={**DIALOG, "chat_id": 2**63 - 1}, sender={**ANNA, "user_id": 2**62 + 1}))
    assert (event.chat_id, event.user_id) == (str(2**63 - 1), str(2**62 + 1))


def test_text_is_fit_for_the_database():
    event = read(json.dumps(created(text="a\x00b\ud83d", sender={**ANNA, "first_name": "\ud83d"})).encode())
    assert (event.text, event.display_name) == ("ab?", "? Лебедева")


FIELDS = ["update_type", "updates", "message", "callback", "recipient", "body", "sender", "user", "link", "attachments"]
FIELDS += ["chat_id", "user_id", "chat_type", "mid", "text", "timestamp", "type", "payload", "url", "vcf_info", "hash"]
FIELDS += ["transcription", "latitude", "callback_id", "message_id", "is_bot", "max_info", "filename", "first_name"]
WORDS = ["message_created", "message_callback", "message_edited", "message_removed", "bot_started", "dialog", "chat"]
WORDS += ["contact", "audio", "file", "location", "forward", "reply", "/start x", VCF, VCF_HASH]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=30,
)
WHOLE = [created(attachments=[{"type": "audio", "payload": {"url": "u"}}]), tap(), card(), update("bot_started")]
WHOLE += [update("message_removed", message_id="m", chat_id=1, user_id=2), {"updates": [created(), tap()]}]


@st.composite
def mutated(draw):
    """A real update with one thing in it replaced or taken away."""
    value = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    place = value
    while True:
        at = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[at], (dict, list)) and place[at] and draw(st.booleans()):
            place = place[at]
            continue
        if draw(st.booleans()):
            place[at] = draw(JSON)
        else:
            del place[at]
        return value


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])  # machines differ
@given(
    st.binary() | mutated().map(lambda value: json.dumps(value).encode()) | JSON.map(lambda v: json.dumps(v).encode())
)
def test_nothing_makes_it_raise(payload):
    adapter, credentials = MaxAdapter(), ChannelCredentials(TOKEN, external_id=BOT_ID)
    events = adapter.unpack(payload)
    assert events
    assert adapter.normalise(payload, credentials).external_id == events[0].external_id
    for wired in events:
        event = adapter.normalise(wired.body, credentials)
        assert event.external_id == wired.external_id != ""
        assert (event.kind is EventKind.IGNORED) == (event.why_ignored is not None)
        assert event.kind is EventKind.IGNORED or event.chat_id
        f"{event.text}{event.chat_id}{event.display_name}{event.external_id}".encode()


def test_verifying_and_reading_need_no_http():
    script = (
        "import sys; from salon.integrations.max.adapter import MaxAdapter; "
        "MaxAdapter().unpack(b''); sys.exit(any(name in sys.modules for name in ('httpx', 'ssl', 'pydantic')))"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False)

    assert done.returncode == 0
