"""What comes in with a message: files go to the bucket under ids, a number is sealed, the rest is said in words."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.clients.use_cases import erase_client, read_secrets
from salon.identity.domain import system
from salon.integrations.telegram.fake import FakeTelegram, FaultKind
from salon.messaging.domain import Channel
from salon.messaging.errors import RetryLater
from support.salon_world import TOKEN, Chat

pytestmark = pytest.mark.database
FILES = frozenset({"getFile"})
PHONE = "79000000777"


class Writer(Chat):
    """A person of the fake, whose updates are taken from it as they are."""

    fake: FakeTelegram

    def take(self):
        """The update that the person's last act made; no webhook is set, so it waits with the fake."""
        return json.loads(self.fake.state.undelivered.pop((TOKEN, self.user_id, ""))[-1].event)

    def said_to(self, update):
        return "\n".join(answer["text"] for answer in self.send(update))

    def query(self, sql):
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql))]

    def inbox(self):
        return self.query("SELECT status, attempts FROM inbox ORDER BY sequence")


@pytest.fixture
def writer(then_salons, furnished_then, clock):
    fake = FakeTelegram()
    fake.add_bot(TOKEN)
    person = fake.add_person("Лукерья", "Образцова", phone=PHONE)
    with fake.running() as base_url:
        found = Writer(then_salons, furnished_then.first, clock, base_url, person.user_id)
        found.fake = fake
        yield found
        found.deliver._adapters[Channel.TELEGRAM].close()


@pytest.mark.parametrize(
    ("send", "folder", "answer", "mime"),
    [
        (lambda fake, user: fake.send_voice(user, b"OggS voice"), "voice", "не расслышала", "audio/ogg"),
        (lambda fake, user: fake.send_photo(user, b"JPEG photo"), "photos", "файл получила", "image/jpeg"),
    ],
)
def test_a_file_is_kept_under_ids_and_answered(writer, send, folder, answer, mime):
    send(writer.fake, writer.user_id)
    said = writer.said_to(writer.take())
    [(inbox_id,)] = writer.query("SELECT id FROM inbox")
    if folder == "voice":  # nobody listens to it here
        writer.clock.advance(timedelta(minutes=1))
        writer.drain.drain(writer.world.tenant_id, inbox_id)
        said = writer.said()[-1]["text"]

    assert answer in said
    key = f"{folder}/{writer.world.tenant_id}/{inbox_id}"
    assert writer.query("SELECT media_key FROM message_log WHERE direction = 'in'") == [(key,)]
    assert writer.storage.head(key).content_type == mime
    assert writer.storage.get(key, max_bytes=100) in {b"OggS voice", b"JPEG photo"}


def test_a_photo_with_words_is_answered_by_its_words(writer):
    writer.fake.send_photo(writer.user_id, b"JPEG", caption="что у вас есть?")
    assert "Маникюр" in writer.said_to(writer.take())
    assert writer.query("SELECT count(*) FROM message_log WHERE media_key LIKE 'photos/%'") == [(1,)]


def test_a_file_that_cannot_be_had_now_is_asked_for_again_and_stored_once(writer, clock):
    writer.fake.send_photo(writer.user_id, b"JPEG")
    update = writer.take()
    writer.fake.fail_next(FaultKind.SERVER_ERROR, methods=FILES)
    inbox_id = writer.keep(update)
    with pytest.raises(RetryLater):
        writer.drain.drain(writer.world.tenant_id, inbox_id)
    assert writer.inbox() == [("open", 1)]

    clock.advance(timedelta(seconds=2))
    assert writer.drain.drain(writer.world.tenant_id, inbox_id) == 1
    assert writer.inbox() == [("done", 2)]
    first, second = writer.fake.calls_of("getFile")
    assert first.params["file_id"] == second.params["file_id"] == update["message"]["photo"][-1]["file_id"]


def test_a_file_that_is_stored_already_is_not_fetched_again(writer, clock):
    writer.fake.send_photo(writer.user_id, b"JPEG")
    inbox_id = writer.keep(writer.take())
    handle = writer.drain._handle

    def die(*_):
        raise SystemExit(137)

    writer.drain._handle = die
    with pytest.raises(SystemExit):
        writer.drain.drain(writer.world.tenant_id, inbox_id)
    writer.drain._handle = handle
    clock.advance(timedelta(minutes=2))
    assert writer.drain.drain(writer.world.tenant_id, inbox_id) == 1
    assert len(writer.fake.calls_of("getFile")) == 1


def test_a_file_that_has_expired_or_is_too_large_is_said_in_words(writer):
    writer.fake.send_voice(writer.user_id)
    writer.fake.expire_files()
    assert "мессенджер его уже удалил" in writer.said_to(writer.take())

    writer.fake.send_photo(writer.user_id, bytes(1_000_001))
    assert "Файл слишком большой. Пришлите, пожалуйста, поменьше (до 1 МБ)" in writer.said_to(writer.take())

    assert [status for status, _ in writer.inbox()] == ["done", "done"]
    assert writer.query("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(0,)]


def test_a_photo_under_a_revoked_token_goes_on_without_its_file(writer):
    writer.fake.send_photo(writer.user_id, b"JPEG", caption="что у вас есть?")
    writer.fake.fail_next(FaultKind.UNAUTHORIZED, times=None, methods=FILES)
    assert "Маникюр" in writer.said_to(writer.take())
    writer.fake.send_voice(writer.user_id)
    assert "Файл сейчас не открывается" in writer.said_to(writer.take())

    assert writer.inbox() == [("done", 1), ("done", 1)]
    assert writer.query("SELECT status FROM channel_accounts") == [("rejected",)]
    assert writer.query("SELECT actor_id FROM audit_log WHERE action = 'channel_account.rejected'") == [
        ("queue_inbound",)
    ]


def test_a_shared_number_is_sealed_and_somebody_elses_is_not_taken(writer):
    writer.fake.start(writer.user_id)
    assert "Салон «Проба»" in writer.said_to(writer.take())
    writer.fake.send_contact(writer.user_id, phone="79000000999", own=False)
    assert "чужой номер" in writer.said_to(writer.take())
    [(client_id, last4)] = writer.query("SELECT id, phone_last4 FROM clients")
    assert last4 is None
    writer.fake.send_contact(writer.user_id)
    assert "номер записала" in writer.said_to(writer.take())

    with writer.database.read(writer.world.tenant_id) as session:
        assert read_secrets(session, client_id).phone == f"+{PHONE}"
    stored = writer.query("SELECT phone FROM clients") + writer.query("SELECT body FROM message_log")
    stored += writer.query("SELECT payload FROM inbox")
    assert all(PHONE.encode() not in bytes(value) for (value,) in stored)


def test_what_needs_no_answer_gets_none_and_blocking_is_noted(writer):
    message = writer.fake.say(writer.user_id, "привет")
    writer.said_to(writer.take())
    writer.fake.edit(writer.user_id, message.message_id, "привет ")
    assert writer.said_to(writer.take()) == ""
    writer.fake.send_location(writer.user_id, 55.75, 37.61)
    assert "Спасибо, вижу точку на карте" in writer.said_to(writer.take())
    assert "ул. Пробная, 1" in writer.said()[-1]["text"]
    writer.fake.block(writer.user_id)
    assert writer.said_to(writer.take()) == ""
    assert writer.query("SELECT is_blocked FROM channel_contacts") == [(True,)]
    writer.fake.unblock(writer.user_id)
    assert writer.said_to(writer.take()) == ""
    assert writer.query("SELECT is_blocked FROM channel_contacts") == [(False,)]


def test_somebody_who_was_erased_and_writes_again_is_a_new_client(writer, clock):
    writer.say("привет")
    [(client_id,)] = writer.query("SELECT id FROM clients")
    with writer.database.transaction(writer.world.tenant_id) as session:
        erase_client(session, client_id, actor=system("tests"), now=clock.now())

    inbox_id = writer.keep(writer.message(text="что у вас есть?"))
    assert writer.drain.drain(writer.world.tenant_id, inbox_id) == 1

    assert len(writer.query("SELECT id FROM clients")) == 2
    assert writer.query(
        "SELECT count(*) FROM message_log WHERE client_id <> (SELECT min(id::text)::uuid FROM clients)"
    )[0] == (2,)
