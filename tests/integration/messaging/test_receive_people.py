"""What comes in where people of the salon are: a conversation that one of them has taken, and chats of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.domain import Attachment, AttachmentKind, Channel, EventKind
from salon.messaging.people import use_cases as people
from salon.messaging.repository import list_messages
from support.inbound_line import CHAT
from support.listener import VOICE, Listener
from support.salon_world import ACTOR
from support.staff_desk import ANNA, Desk

pytestmark = pytest.mark.database


@pytest.fixture
def desk(salon):
    found = Desk(salon, Channel.WHATSAPP)
    found.bind_anna()
    return found


SPOKEN = [
    (EventKind.MESSAGE, {"text": "а можно на завтра?"}, "а можно на завтра?"),
    (EventKind.START, {"start_param": "ref_42"}, "/start ref_42"),
    (EventKind.CALLBACK, {"payload": "m:b", "text": "Записаться"}, "(нажимает кнопку «Записаться»)"),
    (EventKind.EDIT, {"text": "на послезавтра"}, "(исправляет) на послезавтра"),
    (EventKind.MESSAGE, {"attachments": (Attachment(AttachmentKind.LOCATION),)}, "(присылает точку на карте)"),
    (EventKind.MESSAGE, {"attachments": (Attachment(AttachmentKind.VOICE, transcript="я тут"),)}, "я тут"),
]


@pytest.mark.parametrize(("kind", "content", "relayed"), SPOKEN)
def test_who_talks_with_a_human_is_not_answered_by_the_assistant(desk, kind, content, relayed):
    desk.take(text="привет")
    desk.hand_over()
    before, told, logged = desk.said_to(), len(desk.said_to("anna")), len(desk.heard())

    desk.take(kind, **content)

    assert desk.said_to() == before
    assert relayed in "\n".join(desk.said_to("anna")[told:])
    assert len(desk.heard()) == logged + 1


def test_a_tap_is_told_by_what_the_button_says(desk):
    desk.take(text="привет")
    desk.change(
        "UPDATE message_log SET status = 'sent', provider_message_id = 'menu'"
        " WHERE direction = 'out' AND conversation_id = :id",
        id=desk.conversation().id,
    )
    with desk.database.read(desk.world.tenant_id) as session:
        [body] = [body for way, _, body in list_messages(session, desk.conversation().id) if way == "out"]
    button = body["buttons"][0][0]
    desk.hand_over()

    desk.take(EventKind.CALLBACK, payload=button["payload"], message_id="menu")

    assert f"«{button['text']}»" in desk.said_to("anna")[-1]


def test_a_picture_and_a_number_reach_the_human_and_the_number_is_the_clients(desk):
    desk.take(text="привет")
    desk.hand_over()
    before = desk.said_to()
    desk.take(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),))
    desk.take(attachments=(Attachment(AttachmentKind.CONTACT, phone="+79000000777", is_own_contact=True),))

    assert desk.said_to() == before
    keys = desk.query("SELECT media_key FROM message_log WHERE media_key IS NOT NULL")
    assert [key.split("/")[0] for (key,) in keys] == ["photos"]
    found = "SELECT c.phone_last4, c.is_phone_verified FROM clients c JOIN conversations v ON v.client_id = c.id"
    assert desk.query(f"{found} WHERE v.chat_id = :chat", chat=CHAT) == [("0777", True)]


def test_recordings_between_a_client_and_a_human_go_on_at_once_and_nobody_writes_them_down(desk):
    desk.take(text="привет")
    desk.hand_over()
    before = desk.said_to()
    desk.take(attachments=(VOICE,))
    desk.take(attachments=(VOICE,), **ANNA)

    assert desk.said_to()[: len(before)] == before
    keys = desk.query("SELECT media_key FROM message_log WHERE media_key IS NOT NULL ORDER BY id")
    assert [key.split("/")[0] for (key,) in keys] == ["voice", "voice"]
    assert len(desk.said_to()) == len(before) + 1  # hers went out to the client, without words
    assert desk.query("SELECT status FROM transcripts") == [("skipped",), ("skipped",)]


def test_a_recording_that_was_waited_for_when_a_human_came_goes_to_the_human_with_its_words(desk):
    desk.take(text="привет")
    inbox_id = desk.keep(desk.event(attachments=(VOICE,)))
    desk.work(inbox_id)
    desk.hand_over()
    before, told = desk.said_to(), len(desk.said_to("anna"))
    listener = Listener(desk.database, desk.world.tenant_id, desk.clock, desk.storage)

    listener.arrive(inbox_id)
    desk.work(inbox_id)

    assert desk.said_to() == before
    assert "bytes" in "\n".join(desk.said_to("anna")[told:])


def test_a_human_who_answers_outside_keeps_the_assistant_silent_for_an_hour(desk, clock):
    desk.take(text="привет")
    desk.take(EventKind.ECHO, message_id="by hand", text="Это Анна, отвечу сама", is_by_human=True)
    before = desk.said_to()
    desk.take(text="спасибо")
    assert desk.said_to() == before

    clock.advance(timedelta(minutes=61))
    desk.take(text="что у вас есть?")
    assert "Маникюр" in desk.said_to()[-1]


PAPERS = [
    (Attachment(AttachmentKind.IMAGE, "f1"), "documents", "Документ получила"),
    (Attachment(AttachmentKind.FILE, "f1", mime="application/pdf", name="счёт.pdf"), "documents", "Документ получила"),
    (Attachment(AttachmentKind.VOICE, "f1", mime="audio/ogg"), "voice", ""),
]


@pytest.mark.parametrize(("paper", "folder", "answer"), PAPERS)
def test_what_the_salons_own_people_hand_in_is_a_document(desk, paper, folder, answer):
    inbox_id = desk.keep(desk.event(attachments=(paper,), text="накладная" if folder == "documents" else "", **ANNA))
    desk.work(inbox_id)
    assert answer in desk.said_to("anna")[-1]
    assert desk.storage.head(f"{folder}/{desk.world.tenant_id}/{inbox_id}")

    client = desk.keep(desk.event(attachments=(paper,)))
    desk.work(client)
    assert not list(desk.storage.list(f"documents/{desk.world.tenant_id}/{client}"))


def test_a_document_that_was_taken_back_stays_handed_in(desk):
    paper = desk.event(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),), **ANNA)
    inbox_id = desk.keep(paper)
    desk.work(inbox_id)
    desk.take(EventKind.DELETED, reply_to=paper.message_id, **ANNA)
    assert desk.storage.head(f"documents/{desk.world.tenant_id}/{inbox_id}")
    assert desk.query("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(0,)]


def test_somebody_who_left_the_salon_hands_in_nothing(desk):
    with desk.database.transaction(desk.world.tenant_id) as session:
        session.execute(text("UPDATE users SET is_active = FALSE"))
    inbox_id = desk.keep(desk.event(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),), **ANNA))
    desk.work(inbox_id)
    assert desk.storage.head(f"photos/{desk.world.tenant_id}/{inbox_id}")


def test_what_somebody_of_the_salon_writes_goes_to_their_client(desk):
    desk.take(text="привет")
    desk.hand_over()

    desk.take(text="Здравствуйте, я Анна", **ANNA)
    desk.take(attachments=(Attachment(AttachmentKind.IMAGE, "f1"),), text="вот цвет", **ANNA)
    desk.take(EventKind.EDIT, text="Здравствуйте, я Аня", message_id="message-event-3", **ANNA)
    desk.take(EventKind.START, start_param="promo", **ANNA)

    assert desk.said_to()[-2:] == ["Здравствуйте, я Анна", "вот цвет"]
    assert desk.query("SELECT count(*) FROM message_log WHERE media_key LIKE 'documents/%'") == [(0,)]


def test_a_code_binds_a_chat_however_it_is_told(desk, clock):
    with desk.database.transaction(desk.world.tenant_id) as session:
        first, now = people.issue_binding_code(session, desk.anna.id, actor=ACTOR, now=clock.now()), clock.now()
    desk.take(EventKind.START, start_param=f"bind_{first.code}", user_id="phone", chat_id="phone")
    with desk.database.transaction(desk.world.tenant_id) as session:
        second = people.issue_binding_code(session, desk.anna.id, actor=ACTOR, now=now)
    desk.take(text=f"/bind {second.code}", user_id="tablet", chat_id="tablet")
    desk.take(text="/bind ABCD-1234", user_id="thief", chat_id="thief")

    with desk.database.read(desk.world.tenant_id) as session:
        assert len(people.list_contacts(session, desk.anna.id)) == 3
        assert people.find_staff(session, desk.conversation("phone").id).user_id == desk.anna.id
        assert people.find_staff(session, desk.conversation("thief").id) is None
