"""Every kind of event, whichever messenger it comes from: what is kept, what is answered, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from salon.booking.use_cases import hold_slot
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Channel,
    DeliveryStatus,
    EventKind,
    StatusReport,
)
from salon.messaging.errors import MediaElsewhere, MediaGone, MediaTooLarge, RequestRejected, RetryLater
from salon.platform import metrics as figures
from salon.platform.storage import ObjectMissing
from support.inbound_line import CHAT, PERSON, Line
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
SENT = (
    "UPDATE message_log SET status = 'sent', sent_at = created_at, provider_message_id = :called"
    " WHERE direction = 'out'"
)
LANGUAGES = [("en-GB", "en"), ("EN", "en"), ("ru", "ru"), ("de", "ru"), (None, "ru")]


@pytest.fixture
def line(salon):
    return Line(salon, Channel.WHATSAPP)


STRANGE_EVENTS = [
    {"kind": EventKind.IGNORED, "why_ignored": "unknown kind of update"},
    {"kind": EventKind.STATUS, "status": StatusReport(DeliveryStatus.READ, "nobody's")},
    {"kind": EventKind.ECHO, "text": "пишу сама", "is_by_human": True},
    {"kind": EventKind.DELETED, "reply_to": "unknown"},
    {"kind": EventKind.REACTION, "text": "👍", "reply_to": "unknown"},
    {"kind": EventKind.BLOCKED},
    {"kind": EventKind.UNBLOCKED},
    {"kind": EventKind.OPTED_OUT},
    {"kind": EventKind.OPTED_IN},
    {"kind": EventKind.RENUMBERED, "new_user_id": "79000000077"},
    {"kind": EventKind.RENUMBERED},
    {"kind": EventKind.MESSAGE, "text": "кто я?", "chat_id": "", "user_id": ""},
]


def test_nobody_becomes_a_client_by_anything_but_speaking(line):
    for content in STRANGE_EVENTS:
        assert line.take(**content) == ""
    assert line.query("SELECT status, count(*) FROM inbox GROUP BY 1") == [("done", len(STRANGE_EVENTS))]
    assert line.query("SELECT id FROM clients UNION SELECT id FROM channel_contacts") == []
    assert line.query("SELECT id FROM conversations UNION SELECT id FROM message_log") == []
    reasons = [item.labels["reason"] for item in line.metrics.recorded if item.name == figures.EVENT_IGNORED]
    assert reasons == ["unknown_kind_of_update", "nobody_to_answer"]


def test_why_an_event_was_ignored_is_counted_without_the_providers_words(line):
    for why in ("status: 79000000042 read", "field Имя", "x" * 200, ""):
        line.take(EventKind.IGNORED, why_ignored=why)
    reasons = [item.labels["reason"] for item in line.metrics.recorded if item.name == figures.EVENT_IGNORED]
    assert reasons == ["status", "other", "other", "unknown"]


def test_a_start_is_greeted_once_however_the_provider_tells_of_it(line, clock):
    assert "Салон «Проба»" in line.take(EventKind.START, start_param="ref_42")
    assert line.take(EventKind.START, text="/start ref_42", start_param="ref_42") == ""
    assert line.heard() == [("start", "/start ref_42"), ("start", "/start ref_42")]

    clock.advance(timedelta(minutes=2))
    assert "Салон «Проба»" in line.take(EventKind.START)


def test_a_correction_of_the_last_message_is_what_the_person_meant(line):
    wish = line.event(text="хочу на стрижку завтра")
    line.work(line.keep(wish))

    assert "Маникюр" in line.take(EventKind.EDIT, text="хочу на маникюр завтра", message_id=wish.message_id)
    assert line.take(EventKind.EDIT, text="хочу на стрижку завтра ", message_id=wish.message_id) == ""
    assert [kind for kind, _ in line.heard()] == ["message", "edit", "edit"]
    assert line.take(EventKind.EDIT, text="никогда не слышали", message_id="unknown") == ""


def test_a_correction_changes_nothing_once_something_has_come_of_the_message(line, clock, salon):
    first, second = line.event(text="хочу на стрижку завтра"), line.event(text="а какие цены?")
    for one in (first, second):
        line.work(line.keep(one))
    assert line.take(EventKind.EDIT, text="хочу на маникюр", message_id=first.message_id) == ""

    last = line.event(text="хочу на стрижку к Анне завтра")
    line.work(line.keep(last))
    offers = line.query("SELECT id FROM slot_instances WHERE NOT is_blocked ORDER BY starts_at DESC LIMIT 1")
    [(client_id,)] = line.query("SELECT id FROM clients")
    salon.do(hold_slot, slot_id=offers[0][0], client_id=client_id, channel="whatsapp", actor=ACTOR, now=clock.now())
    edited = line.take(EventKind.EDIT, text="хочу на маникюр", message_id=last.message_id)
    assert edited.startswith("Вижу, что вы изменили сообщение")

    late = line.event(text="привет")
    line.work(line.keep(late))
    clock.advance(timedelta(minutes=20))
    assert line.take(EventKind.EDIT, text="пока", message_id=late.message_id).startswith("Вижу, что вы изменили")


def test_what_was_taken_back_is_forgotten_with_its_picture_and_its_edits(line):
    photo = line.event(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),), text="мой паспорт")
    line.work(line.keep(photo))
    line.take(EventKind.EDIT, text="мой паспорт, серия", message_id="another", reply_to=photo.message_id)
    [(key,)] = line.query("SELECT media_key FROM message_log WHERE media_key IS NOT NULL")
    assert line.storage.head(key)

    assert line.take(EventKind.DELETED, reply_to=photo.message_id) == ""

    assert [said for _, said in line.heard()] == ["", ""]
    assert line.query("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(0,)]
    with pytest.raises(ObjectMissing):
        line.storage.head(key)
    assert line.take(EventKind.DELETED, reply_to=photo.message_id) == ""  # told twice


def test_a_reaction_is_logged_and_nothing_else(line):
    line.take(text="привет")
    [(before,)] = line.query("SELECT last_inbound_at FROM conversations")
    line.clock.advance(timedelta(hours=1))

    assert line.take(EventKind.REACTION, text="👍", reply_to="ours") == ""

    assert line.heard()[-1] == ("reaction", "👍")
    assert line.query("SELECT last_inbound_at FROM conversations") == [(before,)]


def test_a_status_reaches_the_message_that_it_is_about(line):
    line.take(text="привет")
    line.change(SENT, called="ours")
    line.take(EventKind.STATUS, status=StatusReport(DeliveryStatus.DELIVERED, "ours"))
    assert line.query("SELECT DISTINCT status FROM message_log WHERE direction = 'out'") == [("delivered",)]


def test_an_echo_of_ours_is_known_by_its_id_or_by_its_words(line):
    words = line.take(text="привет")
    line.change(SENT, called="ours")
    line.take(EventKind.ECHO, message_id="ours", text="что угодно")
    line.take(EventKind.ECHO, message_id="lost", text=f" {words}\n")
    line.take(EventKind.ECHO, message_id="told", text="от программы", is_by_human=False)
    assert line.query("SELECT count(*) FROM message_log WHERE purpose = 'human'") == [(0,)]


def test_an_echo_that_overtakes_our_own_answer_waits_for_it(line, clock):
    line.take(text="привет")  # its answer is queued: nobody sends here
    inbox_id = line.keep(line.event(EventKind.ECHO, message_id="just sent", text="картинка"))
    with pytest.raises(RetryLater):
        line.drain.drain(line.world.tenant_id, inbox_id)

    line.change(SENT, called="just sent")
    clock.advance(timedelta(seconds=3))
    assert line.work(inbox_id) == ""
    assert line.query("SELECT count(*) FROM message_log WHERE purpose = 'human'") == [(0,)]


def test_a_human_who_answers_in_the_providers_own_app_is_logged_as_such(line, clock):
    line.take(text="привет")
    assert line.take(EventKind.ECHO, message_id="by hand", text="Добрый день, это Анна", is_by_human=True) == (
        "Добрый день, это Анна"
    )
    found = "SELECT direction, status, provider_message_id FROM message_log WHERE purpose = 'human'"
    assert line.query(found) == [("out", "sent", "by hand")]

    inbox_id = line.keep(line.event(EventKind.ECHO, message_id="unsaid", text="и ещё раз"))
    for _ in range(3):  # one of ours is queued all the while, and this is not it
        with pytest.raises(RetryLater):
            line.drain.drain(line.world.tenant_id, inbox_id)
        clock.advance(timedelta(minutes=1))
    assert line.work(inbox_id) == "и ещё раз"


def test_the_providers_own_switch_for_advertising_is_a_consent(line):
    line.take(text="привет")
    line.take(EventKind.OPTED_OUT)
    line.clock.advance(timedelta(hours=1))
    line.take(EventKind.OPTED_IN)
    found = (
        "SELECT purpose, is_given, channel, wording_version, actor_kind FROM consents"
        " WHERE purpose = 'marketing' ORDER BY at"
    )
    assert line.query(found) == [
        ("marketing", False, "whatsapp", "provider", "client"),
        ("marketing", True, "whatsapp", "provider", "client"),
    ]


def test_somebody_with_a_new_number_stays_who_they_are(line):
    line.take(text="привет", phone="+79000000042")
    line.take(EventKind.RENUMBERED, new_user_id="79000000077", phone="+79000000077")

    assert line.query("SELECT external_user_id, chat_id FROM channel_contacts") == [("79000000077", "79000000077")]
    assert line.query("SELECT chat_id, external_user_id FROM conversations") == [("79000000077", "79000000077")]
    assert line.query("SELECT phone_last4, is_phone_verified FROM clients") == [("0077", True)]
    line.take(text="это я", chat_id="79000000077", user_id="79000000077")
    assert line.query("SELECT count(*) FROM clients") == [(1,)]

    line.take(text="а я нет", chat_id="79000000055", user_id="79000000055")
    line.take(EventKind.RENUMBERED, chat_id="79000000077", user_id="79000000077", new_user_id="79000000055")
    assert line.query("SELECT count(DISTINCT client_id) FROM channel_contacts") == [(2,)]


def test_a_number_that_hides_behind_an_id_is_the_same_person_and_another_id_is_not(line):
    line.take(text="привет")
    line.take(text="теперь без номера", user_id="RU.1")
    line.take(text="снова с номером")
    assert line.query("SELECT external_user_id, chat_id FROM channel_contacts") == [("RU.1", CHAT)]
    assert line.query("SELECT count(*) FROM clients") == [(1,)]

    line.take(text="номер достался мне", user_id="RU.2")
    assert line.query("SELECT count(*) FROM clients") == [(2,)]
    assert line.query("SELECT external_user_id FROM conversations") == [("RU.2",)]


def test_a_group_is_left_alone_unless_the_salon_says_otherwise(line):
    group = {"is_group": True, "chat_id": "-100500", "user_id": PERSON, "text": "привет"}
    assert line.take(**group, attachments=(Attachment(AttachmentKind.IMAGE, "f1"),)) == ""
    assert line.take(EventKind.CALLBACK, **{**group, "payload": "m:b", "callback_id": "c"}) == ""
    assert (line.script.fetched, line.query("SELECT count(*) FROM clients")) == ([], [(0,)])

    line.change("UPDATE channel_accounts SET config = '{\"answers_groups\": true}'")
    assert "Салон «Проба»" in line.take(**group)
    line.take(text="а это я одна", display_name="Лукерья")
    line.take(**{**group, "user_id": "another"})

    line.take(EventKind.BLOCKED, **group)  # whoever threw us out is not lost to us

    assert line.query("SELECT chat_id FROM channel_contacts WHERE is_blocked") == [("-100500",)]
    found = "SELECT external_user_id, chat_id FROM channel_contacts ORDER BY chat_id"
    assert line.query(found) == [("group:-100500", "-100500"), (PERSON, CHAT)]
    assert line.query("SELECT is_group FROM conversations ORDER BY is_group") == [(False,), (True,)]


@pytest.mark.parametrize(("language", "expected"), LANGUAGES)
def test_a_client_speaks_the_language_of_their_app(line, language, expected):
    line.take(text="привет", language=language)
    assert line.query("SELECT language FROM clients") == [(expected,)]


def test_what_the_provider_knows_of_a_person_is_kept(line, clock):
    now = clock.now()
    line.take(text="привет", phone="+7 900 000-00-42", sent_at=now - timedelta(hours=2), can_tap=False)
    assert line.query("SELECT phone_last4, is_phone_verified FROM clients") == [("0042", True)]
    found = "SELECT last_inbound_at, external_user_id, is_group, uses_text_keys FROM conversations"
    assert line.query(found) == [(now - timedelta(hours=2), PERSON, False, True)]

    line.take(text="пришло поздно", phone="+79000000099", sent_at=now - timedelta(days=3))
    assert line.query(found) == [(now - timedelta(hours=2), PERSON, False, True)]
    line.take(text="из будущего", sent_at=now + timedelta(days=300), can_tap=True)
    assert line.query(found) == [(now, PERSON, False, False)]
    assert line.query("SELECT phone_last4 FROM clients") == [("0042",)]  # the first word counts
    line.take(text="привет", user_id="5", chat_id="5", phone="не номер")


def test_a_shared_number_is_vouched_for_and_a_typed_one_is_not(line):
    line.take(text="привет")
    card = Attachment(AttachmentKind.CONTACT, phone="+79000000777", is_own_contact=True)
    assert "чужой номер" in line.take(attachments=(replace(card, is_own_contact=False),))
    assert "чужой номер" in line.take(attachments=(replace(card, phone=None),))
    assert "Не разобрала номер" in line.take(attachments=(replace(card, phone="12"),))
    assert line.query("SELECT phone_last4 FROM clients") == [(None,)]
    assert "номер записала" in line.take(attachments=(card,))
    assert line.query("SELECT phone_last4, is_phone_verified FROM clients") == [("0777", True)]

    line.take(text="мой номер 8 900 000-07-77")
    assert line.query("SELECT is_phone_verified FROM clients") == [(True,)]
    line.take(text="мой номер 8 900 000-08-88")
    assert line.query("SELECT phone_last4, is_phone_verified FROM clients") == [("0888", False)]


def test_what_the_messenger_has_written_down_is_as_good_as_typed(line):
    voice = Attachment(AttachmentKind.VOICE, "f1", transcript="что у вас есть?")
    assert "Маникюр" in line.take(attachments=(voice,))
    assert (line.heard(), line.script.fetched) == ([("voice", "что у вас есть?")], [])
    assert line.query("SELECT status, engine, engine_version, body FROM transcripts") == [
        ("done", "messenger", "whatsapp", b"")
    ]
    assert "не расслышала" in line.take(attachments=(Attachment(AttachmentKind.VOICE),))
    assert line.heard()[-1] == ("voice", "")


KEPT = [
    (AttachmentKind.VOICE, "audio/ogg; codecs=opus", "voice", "audio/ogg"),
    (AttachmentKind.AUDIO, "audio/mpeg", "voice", "audio/mpeg"),
    (AttachmentKind.IMAGE, "image/png", "photos", "image/png"),
    (AttachmentKind.IMAGE, "image/svg+xml", "photos", "application/octet-stream"),
    (AttachmentKind.FILE, "text/html", "photos", "application/octet-stream"),
    (AttachmentKind.FILE, "application/pdf", "photos", "application/pdf"),
]


@pytest.mark.parametrize(("kind", "mime", "folder", "stored"), KEPT)
def test_files_lie_under_ids_as_what_cannot_harm(line, kind, mime, folder, stored):
    inbox_id = line.keep(line.event(attachments=(Attachment(kind, "f1", mime=mime),)))
    assert bool(line.work(inbox_id)) is (folder == "photos")  # what is said in a recording is waited for
    found = line.storage.head(f"{folder}/{line.world.tenant_id}/{inbox_id}")
    assert found.content_type == stored
    assert line.script.fetched == [("f1", 1_000_000)]


FAILURES = [
    (MediaGone("gone"), "мессенджер его уже удалил", "media_gone"),
    (MediaElsewhere("elsewhere"), "лежит не в мессенджере", "media_elsewhere"),
    (MediaTooLarge("large"), "слишком большой. Пришлите, пожалуйста, поменьше (до 1 МБ)", "media_too_large"),
    (RequestRejected("no"), "мессенджер его уже удалил", "request_rejected"),
]


@pytest.mark.parametrize(("failure", "words", "reason"), FAILURES)
def test_a_file_that_cannot_be_had_is_said_in_words(line, failure, words, reason):
    line.script.files["f1"] = failure
    assert words in line.take(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),))
    assert line.metrics.total(figures.MEDIA_FAILED, channel="whatsapp", reason=reason) == 1
    assert "Маникюр" in line.take(text="что у вас есть?", attachments=(Attachment(AttachmentKind.IMAGE, "f1"),))


def test_a_file_that_stays_out_of_reach_does_not_hold_up_its_words_for_ever(line, clock):
    line.script.files["f1"] = RetryLater("busy", after_s=30.0)
    inbox_id = line.keep(line.event(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),)))
    for _ in range(4):
        with pytest.raises(RetryLater):
            line.drain.drain(line.world.tenant_id, inbox_id)
        clock.advance(timedelta(seconds=29))
        assert line.drain.drain(line.world.tenant_id, inbox_id) == 0  # not before the provider has asked for
        clock.advance(timedelta(seconds=1))

    assert "мессенджер его не отдаёт" in line.work(inbox_id)
    assert line.query("SELECT status, attempts FROM inbox") == [("done", 5)]


def test_every_other_thing_is_answered_sensibly(line, clock):
    answers = {
        AttachmentKind.LOCATION: "ул. Пробная, 1",
        AttachmentKind.STICKER: "Чем помочь?",
        AttachmentKind.VIDEO: "посмотреть его не могу",
        AttachmentKind.OTHER: "Такие сообщения я пока не понимаю",
    }
    for kind, words in answers.items():
        assert words in line.take(attachments=(Attachment(kind),))
    assert line.take() == ""  # nothing at all came with it
    picture = Attachment(AttachmentKind.IMAGE, "f1")
    thanked = [line.take(attachments=(picture,)) for _ in range(4)]
    assert [bool(one) for one in thanked] == [True, False, False, False]
    clock.advance(timedelta(minutes=1))
    assert line.take(attachments=(picture,))


def test_a_tap_is_answered_to_whoever_tapped(salon):
    line = Line(salon, Channel.VK)
    line.take(EventKind.CALLBACK, payload="nonsense", callback_id="tap-1", user_id="5", chat_id="2000000005")
    kinds = "SELECT kind FROM message_log WHERE direction = 'out' ORDER BY id LIMIT 1"
    assert line.query(kinds) == [("answer_callback",)]
    assert line.heard() == [("callback", "nonsense")]


def test_somebody_whose_number_the_salon_knows_is_asked_whether_it_is_them(salon):
    telegram, whatsapp = Line(salon, Channel.TELEGRAM), Line(salon, Channel.WHATSAPP)
    card = Attachment(AttachmentKind.CONTACT, phone="+79000000042", is_own_contact=True)
    telegram.take(attachments=(card,), user_id="5", chat_id="5")

    asked = whatsapp.take(text="привет", phone="+79000000042")
    assert "Telegram" in asked
    assert "Telegram" not in whatsapp.take(text="привет", phone="+79000000042")
    assert telegram.query("SELECT count(*) FROM clients WHERE merged_into_id IS NULL") == [(2,)]
