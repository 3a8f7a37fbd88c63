"""Voice messages: waited for in their place, answered as if typed, and never for longer than a minute."""

from __future__ import annotations

import runpy
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.clients.events import ClientErased
from salon.clients.use_cases import erase_client
from salon.messaging.domain import Attachment, AttachmentKind, EventKind, MediaContent
from salon.messaging.use_cases.erasure import forget_files, on_client_erased
from salon.platform import metrics as figures
from salon.platform.inbox import list_overdue
from salon.platform.retention import Purge
from salon.platform.settings import RetentionSettings, RetrySettings
from salon.platform.storage import StorageUnavailable
from salon.platform.subscribers import DeliverFact, Subscription
from salon.understanding.speech.errors import RecogniserUnavailable
from salon.understanding.speech.models import TranscriptStatus
from salon.understanding.speech.use_cases import TranscriptBusy
from support.functions import ROOT
from support.listener import BROKEN, LONG, SILENT, VOICE, Listener
from support.salon_world import ACTOR
from support.spoken_line import ASK, Phone

pytestmark = pytest.mark.database
MINUTE = timedelta(minutes=1)


@pytest.fixture
def phone(salon):
    return Phone(salon)


def test_a_voice_message_is_waited_for_and_answered_before_what_was_written_after_it(phone):
    spoken = phone.speak("привет")
    written = phone.keep(phone.event(text=ASK))
    again = phone.keep(phone.event(EventKind.EDIT, text="привет!", message_id="message-event-1", reply_to=None))
    assert phone.work(written) == phone.work(spoken) == phone.work(again) == ""
    assert phone.rows() == [("open", 0), ("open", 0), ("open", 0)]  # waiting is no attempt
    assert phone.metrics.total(figures.INBOX_HELD, channel="whatsapp") == 1
    assert phone.script.fetched == [("file-0", 1_000_000)]

    greeting, services = phone.hear(spoken).split("\n", 1)[0], phone.said()[-1]

    assert "Здравствуйте" in greeting
    assert "Маникюр" in services
    assert phone.rows() == [("done", 1)] * 3
    assert [kind for kind, _ in phone.heard()] == ["voice", "message", "edit"]
    assert phone.heard()[0] == ("voice", "привет")
    assert phone.query("SELECT media_key FROM message_log WHERE kind = 'voice'") == [
        (f"voice/{phone.tenant_id}/{spoken}",)
    ]
    assert phone.metrics.total(figures.VOICE_ANSWERED, channel="whatsapp", outcome="heard") == 1
    assert phone.query(
        "SELECT status, body, engine, engine_version, elapsed_ms, duration_s, confidence FROM transcripts"
    ) == [("done", b"", "whisper", "test", 250, 3.0, 0.9)]


def test_until_the_dialogue_takes_them_words_lie_sealed_and_no_longer(phone):
    spoken = phone.speak(ASK)
    phone.listener.arrive(spoken)
    [(sealed,)] = phone.query("SELECT body FROM transcripts")
    assert len(sealed) > len(ASK.encode())
    assert ASK.encode() not in sealed
    assert phone.ear.prompts == ["Запись в салон красоты."]
    phone.work(spoken)
    assert phone.query("SELECT body FROM transcripts") == [(b"",)]


def test_an_arrival_that_is_told_again_is_not_listened_to_again(phone):
    spoken = phone.speak(ASK)
    assert phone.listener.arrive(spoken) is TranscriptStatus.DONE
    assert phone.listener.arrive(spoken) is TranscriptStatus.DONE
    assert phone.listener.nudged == [spoken, spoken]  # the first nudge may have been what was lost
    assert "Маникюр" in phone.work(spoken)
    assert phone.listener.arrive(spoken) is TranscriptStatus.DONE
    assert len(phone.listener.nudged) == 2
    assert len(phone.ear.prompts) == 1


def test_an_arrival_may_be_told_before_the_row_that_expects_it(phone):
    inbox_id = phone.keep(phone.event(attachments=(VOICE,)))
    phone.script.files["voice-1"] = MediaContent(ASK.encode(), "audio/ogg", "voice.ogg")
    phone.storage.put(f"voice/{phone.tenant_id}/{inbox_id}", ASK.encode(), content_type="audio/ogg")
    assert phone.listener.arrive(inbox_id) is TranscriptStatus.DONE
    assert "Маникюр" in phone.work(inbox_id)  # and is not held for a moment
    assert phone.metrics.total(figures.INBOX_HELD) == 0


def test_two_in_a_row_have_the_same_time_each(phone, clock):
    first = phone.speak("привет")
    second = phone.speak(ASK)
    assert len(phone.script.fetched) == 1
    clock.advance(timedelta(seconds=50))
    assert "Здравствуйте" in phone.hear(first)
    assert len(phone.script.fetched) == 2
    clock.advance(timedelta(seconds=50))
    assert phone.work(second) == ""
    assert "Маникюр" in phone.hear(second)


@pytest.mark.parametrize(
    ("recording", "status", "reason", "answer"),
    [
        (SILENT, "unclear", "silent", "ничего не слышно"),
        (LONG, "unclear", "too_long", "короче или напишите"),
        (b"x" * 1001, "unclear", "too_large", "короче или напишите"),
        (BROKEN, "failed", "undecodable", "не расслышала, напишите, пожалуйста"),
        (b"", "unclear", "unclear", "не расслышала, напишите, пожалуйста"),
    ],
)
def test_what_cannot_be_heard_is_asked_for_in_writing(phone, recording, status, reason, answer):
    phone.listener = Listener(phone.database, phone.tenant_id, phone.clock, phone.storage, max_bytes=1000)
    assert answer in phone.hear(phone.speak(recording))
    assert phone.transcripts() == [(status, reason)]
    assert phone.listener.metrics.total(figures.SPEECH_VERDICT, model="whisper:test", outcome=reason) == 1
    assert phone.metrics.total(figures.VOICE_ANSWERED, outcome=reason) == 1
    assert phone.rows() == [("done", 1)]


def test_words_that_are_not_sure_are_said_back_and_those_less_sure_not_taken(phone):
    phone.ear.confidence = 0.6
    assert phone.hear(phone.speak(ASK)).startswith(f"Услышала: «{ASK}».\n")
    phone.ear.confidence = 0.2
    assert "не расслышала" in phone.hear(phone.speak("отмените всё"))
    assert phone.heard()[-1] == ("voice", "")
    assert phone.query("SELECT body FROM transcripts") == [(b"",), (b"",)]


def test_the_second_failure_in_a_row_calls_a_person_and_words_in_between_do_not(phone):
    reasons = "SELECT reason FROM handovers"
    phone.hear(phone.speak(SILENT))
    assert "Маникюр" in phone.take(text=ASK)
    phone.hear(phone.speak(SILENT))
    assert phone.query(reasons) == []
    assert "Сохранила ваш вопрос" in phone.hear(phone.speak(b""))
    assert phone.query(reasons) == [("voice",)]


def test_after_a_minute_it_is_asked_for_in_writing_and_what_comes_later_is_too_late(phone, clock):
    spoken = phone.speak("отмените мою запись")
    written = phone.keep(phone.event(text=ASK))
    late = []
    phone.ear.while_listening = lambda: (clock.advance(MINUTE), late.append(phone.work(written)))

    assert phone.listener.arrive(spoken) is TranscriptStatus.FAILED

    assert "не расслышала" in late[0]
    assert "Маникюр" in late[0]
    assert phone.rows() == [("done", 1), ("done", 1)]
    assert phone.query("SELECT status, reason, body, engine FROM transcripts") == [
        ("failed", "timed_out", b"", "whisper")  # how it went is kept, what was said is not
    ]
    assert phone.listener.nudged == []
    assert phone.listener.metrics.total(figures.SPEECH_VERDICT, outcome="late") == 1
    assert phone.listener.arrive(spoken) is TranscriptStatus.FAILED
    assert len(phone.ear.prompts) == 1


def test_a_held_row_that_everybody_forgot_is_found_by_the_sweep_when_its_time_is_over(phone, clock):
    spoken = phone.speak(ASK)

    def overdue():
        with phone.database.without_tenant() as session:
            return list_overdue(session, before=clock.now(), limit=5)

    clock.advance(timedelta(seconds=59))
    assert overdue() == []
    clock.advance(timedelta(seconds=1))
    assert overdue() == [(phone.tenant_id, spoken)]
    assert "не расслышала" in phone.work(spoken)


def test_a_worker_that_dies_leaves_the_message_to_the_next_delivery_after_its_lease(phone, clock):
    spoken = phone.speak(ASK)
    phone.ear.failures = [SystemExit(137)]
    with pytest.raises(SystemExit):
        phone.listener.arrive(spoken)
    with pytest.raises(TranscriptBusy):
        phone.listener.arrive(spoken)
    clock.advance(MINUTE)
    assert "Маникюр" in phone.hear(spoken)


def test_messages_on_which_every_worker_dies_are_given_up(phone, clock):
    spoken = phone.speak(ASK)
    phone.ear.failures = [SystemExit(137)] * 3
    for _ in range(3):
        with pytest.raises(SystemExit):
            phone.listener.arrive(spoken)
        clock.advance(MINUTE)
    phone.listener.arrive(spoken)
    assert phone.transcripts() == [("failed", "given_up")]


@pytest.mark.parametrize("fault", [RecogniserUnavailable("http_503"), StorageUnavailable("no"), ValueError("a bug")])
def test_a_fault_is_tried_again_and_at_last_given_up(phone, fault):
    spoken = phone.speak(ASK)
    phone.ear.failures = [fault] * 6
    for _ in range(2):
        with pytest.raises(type(fault)):
            phone.listener.arrive(spoken)
    assert phone.transcripts() == [("working", None)]
    assert "не расслышала" in phone.hear(spoken)
    assert phone.transcripts() == [("failed", "given_up")]
    assert len(phone.ear.prompts) == 6  # twice in each delivery
    assert phone.listener.metrics.total(figures.SPEECH_FAILED, model="whisper:test") == 1  # of messages, not attempts


def test_a_fault_that_passes_costs_no_words_and_no_delivery(phone):
    spoken = phone.speak(ASK)
    phone.ear.failures = [RecogniserUnavailable("network")]
    assert "Маникюр" in phone.hear(spoken)
    assert phone.listener.metrics.total(figures.SPEECH_FAILED) == 0


def test_a_fault_that_took_long_is_left_to_the_next_delivery(phone, clock):
    spoken = phone.speak(ASK)
    phone.ear.failures = [RecogniserUnavailable("network")]
    phone.ear.while_listening = lambda: clock.advance(timedelta(seconds=16))  # 60 s less a round of 45
    with pytest.raises(RecogniserUnavailable):
        phone.listener.arrive(spoken)
    assert len(phone.ear.prompts) == 1


@pytest.mark.parametrize("fault", [None, RecogniserUnavailable("network")])
def test_a_worker_whose_lease_is_over_leaves_the_message_to_its_successor(phone, clock, fault):
    spoken = phone.speak(ASK)
    row = "SELECT status, attempts, body <> '', lease_until FROM transcripts"
    seen = []

    def lose_it():
        phone.ear.while_listening = lambda: None
        phone.change("UPDATE transcripts SET attempts = 2, lease_until = :later", later=clock.now() + MINUTE)
        seen.extend(phone.query(row))
        clock.advance(timedelta(seconds=20))

    phone.ear.while_listening, phone.ear.failures = lose_it, [fault] if fault else []
    assert phone.listener.arrive(spoken) is TranscriptStatus.WORKING
    assert phone.query(row) == seen == [("working", 2, False, clock.now() + timedelta(seconds=40))]
    assert phone.listener.nudged == []


def test_a_recording_that_its_sender_took_back_before_it_was_heard(phone):
    spoken = phone.speak("отмените мою запись")
    deleted = phone.keep(phone.event(EventKind.DELETED, reply_to="message-event-1"))
    phone.storage.delete(f"voice/{phone.tenant_id}/{spoken}")  # by hand: the deletion waits behind the message
    assert "не расслышала" in phone.hear(spoken)
    assert phone.transcripts() == [("failed", "missing")]
    assert phone.rows() == [("done", 1), ("done", 1)]
    assert phone.work(deleted) == ""


def test_a_message_that_is_taken_back_while_it_is_held_leaves_nothing(phone):
    spoken = phone.speak("секрет")
    phone.keep(phone.event(EventKind.DELETED, reply_to="message-event-1"))
    phone.hear(spoken)
    assert phone.heard()[0] == ("voice", "")
    assert phone.storage.objects == {}
    assert phone.query("SELECT body FROM transcripts") == [(b"",)]


def test_words_beside_a_recording_are_what_is_meant(phone):
    spoken = phone.speak("отмените мою запись", text=ASK)
    assert "Маникюр" in phone.said()[-1]
    assert phone.transcripts() == [("skipped", None)]
    assert phone.listener.arrive(spoken) is TranscriptStatus.SKIPPED
    assert phone.ear.prompts == []


def test_an_object_of_no_message_or_of_one_long_handled_is_let_lie(phone, clock):
    old = phone.keep(phone.event(text=ASK))
    phone.work(old)
    phone.storage.put(f"voice/{phone.tenant_id}/{old}", b"x", content_type="audio/ogg")
    assert phone.listener.arrive(old) is TranscriptStatus.SKIPPED
    assert phone.listener.arrive(phone.tenant_id) is TranscriptStatus.SKIPPED
    assert phone.ear.prompts == phone.listener.nudged == []


def test_a_picture_before_a_recording_is_stored_as_ever(phone):
    picture = Attachment(AttachmentKind.IMAGE, "photo")
    said = phone.take(attachments=(picture, VOICE))
    assert "файл получила" in said
    assert phone.transcripts() == []


def test_a_rolled_back_answer_keeps_the_words_for_the_next_attempt(phone, clock):
    spoken = phone.speak(ASK)
    phone.listener.arrive(spoken)
    handle = phone.drain._handle

    def break_after(session, item, prepared):
        handle(session, item, prepared)
        session.execute(text("SELECT 1/0"))

    phone.drain._handle = break_after
    with pytest.raises(Exception, match="division"):
        phone.work(spoken)
    phone.drain._handle = handle
    clock.advance(MINUTE)
    assert "Маникюр" in phone.work(spoken)


class Bucket:
    """A bucket that cannot be reached for a while."""

    def __init__(self, inner):
        self.inner, self.is_down = inner, True

    def delete(self, key):
        if self.is_down:
            raise StorageUnavailable("down")
        self.inner.delete(key)


def test_an_erased_client_leaves_no_recording_and_no_picture(phone, clock):
    phone.hear(phone.speak(ASK))
    phone.take(attachments=(Attachment(AttachmentKind.IMAGE, "photo"),))
    others = phone.keep(phone.event(attachments=(Attachment(AttachmentKind.IMAGE, "p2"),), chat_id="2", user_id="2"))
    phone.work(others)
    parked = phone.speak("это услышали, но ответить не вышло")
    phone.listener.arrive(parked)
    paper = f"documents/{phone.tenant_id}/{parked}"
    phone.storage.put(paper, b"invoice", content_type="image/jpeg")
    phone.change("UPDATE inbox SET status = 'parked', done_at = :now WHERE id = :id", id=parked, now=clock.now())
    phone.change(
        "INSERT INTO message_log (id, tenant_id, conversation_id, client_id, direction, kind, status, body, media_key,"
        " created_at) SELECT gen_random_uuid(), tenant_id, id, client_id, 'in', 'image', 'received', '', :paper, :now"
        " FROM conversations WHERE chat_id <> '2'",
        paper=paper,
        now=clock.now(),
    )
    with phone.database.transaction(phone.tenant_id) as session:
        client_id = session.scalars(text("SELECT client_id FROM conversations WHERE chat_id <> '2'")).one()
        erase_client(session, client_id, actor=ACTOR, now=clock.now())
        fact_id = session.scalar(text("SELECT id FROM outbox WHERE kind = 'client.erased'"))
    bucket = Bucket(phone.storage)
    is_about = frozenset({ClientErased.name})
    subscriptions = [Subscription("messaging.files", is_about, forget_files(lambda: bucket))]
    told = (phone.database, clock, RetrySettings(), phone.metrics)
    DeliverFact(*told, subscriptions=subscriptions, jitter=lambda: 0.0)(phone.tenant_id, fact_id)
    assert len(phone.storage.objects) == 5  # it comes back, and nothing is forgotten before it is gone
    assert phone.query("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(4,)]

    bucket.is_down = False
    clock.advance(MINUTE)
    subscriptions.append(Subscription("messaging.erasure", is_about, on_client_erased))
    DeliverFact(*told, subscriptions=subscriptions, jitter=lambda: 0.0)(phone.tenant_id, fact_id)

    kept = sorted([f"photos/{phone.tenant_id}/{others}", paper])
    assert sorted(phone.storage.objects) == kept
    assert phone.query("SELECT media_key FROM message_log WHERE media_key IS NOT NULL ORDER BY 1") == [
        (key,) for key in kept
    ]
    assert phone.query("SELECT count(*) FROM transcripts WHERE body <> ''") == [(0,)]
    assert phone.query("SELECT status, payload, conversation_key FROM inbox WHERE id = :id", id=parked) == [
        ("done", b"", "")
    ]


def erase(phone, *subscriptions):
    """The only client is erased, and the subscribers hear of it; how to tell them again."""
    with phone.database.transaction(phone.tenant_id) as session:
        client_id = session.scalars(text("SELECT client_id FROM conversations")).one()
        erase_client(session, client_id, actor=ACTOR, now=phone.clock.now())
        fact_id = session.scalar(text("SELECT id FROM outbox WHERE kind = 'client.erased'"))
    about = frozenset({ClientErased.name})
    told = [Subscription(f"test.{number}", about, react) for number, react in enumerate(subscriptions)]
    settings = RetrySettings()
    deliver = DeliverFact(phone.database, phone.clock, settings, phone.metrics, subscriptions=told, jitter=lambda: 0.0)
    deliver(phone.tenant_id, fact_id)
    return lambda: deliver(phone.tenant_id, fact_id)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_message_that_is_held_when_its_sender_is_erased_is_forgotten(phone, clock, is_heard):
    phone.take(text=ASK)
    held = phone.speak("меня зовут Секрет")
    if is_heard:
        phone.listener.arrive(held)
    clock.advance(timedelta(seconds=1))
    erase(phone, forget_files(lambda: phone.storage), on_client_erased)
    clock.advance(timedelta(seconds=1))
    later = phone.keep(phone.event(text=ASK))

    assert phone.storage.objects == {}
    assert phone.query("SELECT status, payload, conversation_key FROM inbox WHERE id = :id", id=held) == [
        ("done", b"", "")
    ]
    assert phone.query("SELECT status, body, media_key FROM transcripts") == [
        ("done" if is_heard else "skipped", b"", None)
    ]
    phone.listener.arrive(held)  # told again, or late
    assert phone.work(held) == ""
    assert phone.query("SELECT count(*) FROM conversations") == [(1,)]
    assert "Маникюр" in phone.work(later)  # a stranger's
    assert len(phone.ear.prompts) == is_heard


def test_many_files_are_removed_in_several_deliveries(phone, clock):
    for number in range(3):
        phone.take(attachments=(Attachment(AttachmentKind.IMAGE, f"photo-{number}"),))
    tell_again = erase(phone, forget_files(lambda: phone.storage, at_once=2))
    assert len(phone.storage.objects) == 1
    assert phone.query("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(1,)]
    clock.advance(MINUTE)
    tell_again()
    assert phone.storage.objects == {}
    assert phone.query("SELECT status FROM outbox WHERE kind = 'client.erased'") == [("done",)]


def test_words_of_voice_messages_go_with_their_recordings_and_typed_ones_stay(phone, clock):
    phone.hear(phone.speak("старое"))
    phone.take(text="написанное")
    clock.advance(timedelta(days=20))
    phone.hear(phone.speak("новое"))
    clock.advance(timedelta(days=15))
    # Ids are of the day on which the test runs, and the clock is the test's: make them old as well.
    rules = runpy.run_path(str(ROOT / "functions" / "timer_retention" / "bootstrap.py"))["rules"](RetentionSettings())
    [rule] = [rule for rule in rules if rule.name == "voice_words"]
    phone.change("UPDATE message_log SET id = CAST(overlay(id::text placing '00000000' from 1 for 8) AS uuid)")
    purge = Purge(phone.database, clock, phone.metrics, rules=[rule])

    assert purge() == {"voice_words": 1}
    assert purge() == {"voice_words": 0}
    assert [said for _, said in phone.heard()] == ["", "написанное", "новое"]
    assert "Маникюр" in phone.take(text=ASK)
