"""The conversation that the product is for, through every function, in the shapes of both clouds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.identity.domain import Business, QuietHours
from salon.identity.use_cases.business import change_business
from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram, Person
from salon.messaging.domain import ChannelCredentials
from salon.messaging.domain.reminders import plan_reminders
from salon.platform.db import Database
from salon.platform.texts import texts
from support.cloud import Cloud, gateway, open_cloud
from support.listener import let_a_minute_pass
from support.salon_world import ACTOR, SECRET, TOKEN, SalonWorld

pytestmark = pytest.mark.database
PHONE = "79000000777"


@dataclass
class Talk:
    """A person in front of the whole cloud."""

    cloud: Cloud
    fake: FakeTelegram
    person: Person
    database: Database
    world: SalonWorld

    def settle(self) -> None:
        self.fake.wait_delivered()
        self.cloud.pump()

    def say(self, words: str) -> str:
        """What the bot answers to some words."""
        before = len(self.fake.sent_to(self.person))
        self.fake.say(self.person, words)
        self.settle()
        return "\n".join(message.text for message in self.fake.sent_to(self.person)[before:])

    def tap(self, time: str) -> None:
        """Tap the offer of that time."""
        offered = self.fake.sent_to(self.person)[-1]
        button = next(button for row in offered.buttons for button in row if time in button["text"])
        self.fake.tap(self.person, offered.message_id, button["callback_data"])
        self.settle()

    def rows(self, sql: str) -> list:
        with self.database.read(self.world.tenant_id) as session:
            return list(session.execute(text(sql)))


FAST = '{"chat_rate": {"capacity": 100, "per_second": 100.0}}'


@pytest.fixture(params=["aws", "yandex"])
def talk(request, moto, furnished_url, salons, world):
    fake = FakeTelegram(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_bot(TOKEN)
    person = fake.add_person("Лукерья", "Образцова", phone=PHONE)
    adapter = TelegramAdapter(fake.start_server())
    with open_cloud(request.param, furnished_url, moto, telegram=fake.base_url) as cloud, gateway(cloud) as url:
        credentials = ChannelCredentials(TOKEN, (SECRET,))
        account_key = f"probe-{world.tenant_id.hex[-8:]}"
        adapter.register_webhook(f"{url}/webhooks/telegram/{account_key}", SECRET, credentials)
        with salons.transaction(world.tenant_id) as session:  # she writes faster than any person
            session.execute(text("UPDATE channel_accounts SET config = CAST(:config AS jsonb)"), {"config": FAST})
        yield Talk(cloud, fake, person, salons, world)
        fake.stop_server()
        adapter.close()


BOOKINGS = """
SELECT b.id, b.status, b.starts_at, s.name AS service, t.name AS staff,
       to_char(b.starts_at AT TIME ZONE 'Europe/Moscow', 'HH24:MI') AS at,
       (b.starts_at AT TIME ZONE 'Europe/Moscow')::date - (b.created_at AT TIME ZONE 'Europe/Moscow')::date AS days
FROM bookings b JOIN services s ON s.id = b.service_id JOIN staff t ON t.id = b.staff_id
"""
REMINDERS = "SELECT kind, due_at, starts_at, status, created_at FROM reminders ORDER BY due_at"


def expected_reminders(reminders, starts_at):
    booked_at = next(row.created_at for row in reminders if row.starts_at == starts_at)
    planned = plan_reminders(starts_at, booked_at=booked_at, timezone="Europe/Moscow", quiet=QuietHours())
    return [(item.kind, item.due_at) for item in sorted(planned, key=lambda item: item.due_at)]


def test_the_whole_conversation(talk, capsys):
    offers = talk.say("Хочу на стрижку к Анне завтра в 17:00")
    assert "Стрижка: вот что свободно завтра" in offers
    offered = talk.fake.sent_to(talk.person)[-1]
    assert 2 <= len(offered.button_texts) <= 5

    talk.tap("17:00")

    confirmation = talk.fake.sent_to(talk.person)[-1].text
    assert re.search(r"Записала вас! Стрижка — завтра, \d+ \w+, в 17:00", confirmation)
    assert "ул. Пробная, 1" in confirmation
    assert "2\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}₽" in confirmation
    [booked] = talk.rows(BOOKINGS)
    assert (booked.status, booked.service, booked.staff, booked.at, booked.days) == (
        "confirmed",
        "Стрижка",
        "Анна",
        "17:00",
        1,
    )
    reminders = talk.rows(REMINDERS)
    assert [(row.kind, row.due_at) for row in reminders] == expected_reminders(reminders, booked.starts_at)
    assert {row.status for row in reminders} == {"planned"}

    assert re.search(r"Перенесла. Стрижка — завтра, \d+ \w+, в 18:00", talk.say("перенеси на час позже"))
    [moved] = talk.rows(BOOKINGS)
    assert (moved.id, moved.status, moved.at) == (booked.id, "confirmed", "18:00")
    reminders = talk.rows(REMINDERS)
    planned = [(row.kind, row.due_at) for row in reminders if row.status == "planned"]
    assert planned == expected_reminders(reminders, moved.starts_at)
    assert {row.status for row in reminders if row.starts_at == booked.starts_at} == {"cancelled"}

    assert "Отменила запись: Стрижка — завтра" in talk.say("отмени")
    assert [row.status for row in talk.rows(BOOKINGS)] == ["cancelled"]
    assert {row.status for row in talk.rows(REMINDERS)} == {"cancelled"}
    assert talk.rows("SELECT 1 FROM busy_intervals") == []

    assert "Маникюр — 1 ч 30 мин" in talk.say("что у вас есть?")
    assert "Не совсем поняла" in talk.say("абырвалг зюзя")
    assert "+7 900 000-00-01" in talk.say("кхм пыщь")

    check_rows(talk)
    check_secrecy(talk, capsys.readouterr().out)


def check_rows(talk):
    inbox = talk.rows("SELECT id, status, attempts, correlation_id FROM inbox ORDER BY sequence")
    assert [(row.status, row.attempts) for row in inbox] == [("done", 1)] * 7
    outbox = talk.rows("SELECT status, attempts, correlation_id, queue, kind FROM outbox")
    assert {(row.status, row.attempts) for row in outbox} == {("done", 1)}
    facts = sorted(row.kind for row in outbox if row.kind.startswith("booking."))
    assert {"booking.cancelled", "booking.confirmed", "booking.rescheduled"} <= set(facts)
    assert len(facts) == len(set(facts))

    log = talk.rows("SELECT direction, kind, status, inbox_id, correlation_id FROM message_log ORDER BY id")
    incoming = [row for row in log if row.direction == "in"]
    assert [row.inbox_id for row in incoming] == [row.id for row in inbox]
    assert {row.status for row in log if row.direction == "out"} == {"sent"}
    sent = sum(1 for row in log if row.direction == "out" and row.kind == "message")
    assert len(talk.fake.calls_of("sendMessage")) == sent == len(talk.fake.sent_to(talk.person))
    assert len([row for row in outbox if row.queue == "tx"]) == sum(row.direction == "out" for row in log)

    for row in inbox:  # one id from the request to the answer
        assert row.correlation_id
        assert [entry.inbox_id for entry in incoming if entry.correlation_id == row.correlation_id] == [row.id]
        assert any(entry.direction == "out" for entry in log if entry.correlation_id == row.correlation_id)
        assert any(entry.correlation_id == row.correlation_id for entry in outbox)

    actions = [row.action for row in talk.rows("SELECT action FROM audit_log WHERE actor_kind = 'client' ORDER BY at")]
    assert [action for action in actions if action.startswith("booking.")] == [
        "booking.created",
        "booking.confirmed",
        "booking.rescheduled",
        "booking.cancelled",
    ]
    for queue in talk.cloud.blueprint.queues:
        assert talk.cloud.waiting(queue) == 0, queue
    assert talk.cloud.errors == []


def check_secrecy(talk, output):
    """Queue bodies, object keys and logs carry ids only (DESIGN law 3)."""
    objects = talk.cloud.s3.list_objects_v2(Bucket=talk.cloud.values["MediaBucket"]).get("Contents", [])
    for place in (output, *talk.cloud.bodies, *(item["Key"] for item in objects)):
        for personal in ("Лукерья", "Образцова", PHONE, "Анне", "абырвалг", SECRET, TOKEN):
            assert personal not in place
    for body in talk.cloud.bodies:
        assert UUID(re.search(r'"(?:inbox|outbox)_id":"([0-9a-f-]+)"', body).group(1))


def test_the_request_id_of_the_gateway_ties_everything_together(talk):
    body = (
        '{"update_id":7,"message":{"message_id":1,"date":1773214200,"text":"что у вас есть?",'
        f'"from":{{"id":{talk.person.user_id},"is_bot":false,"first_name":"Лукерья"}},'
        f'"chat":{{"id":{talk.person.user_id},"type":"private"}}}}}}'
    )
    talk.fake.start(talk.person)
    talk.settle()
    answer = talk.cloud.http(
        "POST",
        f"/webhooks/telegram/probe-{talk.world.tenant_id.hex[-8:]}",
        body=body.encode(),
        headers={"X-Telegram-Bot-Api-Secret-Token": SECRET, "X-Request-Id": "request-from-outside-7"},
    )
    talk.settle()

    assert (answer.status, answer.headers["X-Request-Id"]) == (200, "request-from-outside-7")
    counts = talk.rows(
        "SELECT (SELECT count(*) FROM inbox WHERE correlation_id = 'request-from-outside-7') AS inbox,"
        " (SELECT count(*) FROM outbox WHERE correlation_id = 'request-from-outside-7' AND status = 'done') AS outbox,"
        " (SELECT count(*) FROM message_log WHERE correlation_id = 'request-from-outside-7') AS log"
    )
    assert [tuple(row) for row in counts] == [(1, 3, 2)]  # the answer, and a fact for each of the two messages


def test_a_voice_message_lies_in_the_bucket_under_ids(talk, capsys):
    talk.fake.send_voice(talk.person, b"OggS what was said")
    talk.settle()

    [(inbox_id,)] = [tuple(row) for row in talk.rows("SELECT id FROM inbox")]
    key = f"voice/{talk.world.tenant_id}/{inbox_id}"
    stored = talk.cloud.s3.get_object(Bucket=talk.cloud.values["MediaBucket"], Key=key)
    assert (stored["Body"].read(), stored["ContentType"]) == (b"OggS what was said", "audio/ogg")
    assert [tuple(row) for row in talk.rows("SELECT status, media_key FROM transcripts")] == [("pending", key)]
    assert talk.fake.sent_to(talk.person) == []

    let_a_minute_pass(talk.database, talk.world.tenant_id)  # nobody listens here
    talk.cloud.tick("timer_sweep")
    talk.settle()
    assert [row.media_key for row in talk.rows("SELECT media_key FROM message_log WHERE direction = 'in'")] == [key]
    assert talk.fake.sent_to(talk.person)[-1].text.startswith(texts().say("voice-unclear"))
    check_secrecy(talk, capsys.readouterr().out)


def test_a_reminder_goes_its_whole_way(talk):
    assert talk.say("Хочу на стрижку к Анне завтра в 17:00")
    talk.tap("17:00")
    with talk.database.transaction(talk.world.tenant_id) as session:
        session.execute(text("UPDATE reminders SET due_at = now() - interval '1 minute' WHERE kind = 'soon'"))
        session.execute(text("UPDATE tenants SET quiet_until_min = quiet_from_min"))  # this may run at night
    before = len(talk.fake.sent_to(talk.person))

    for _ in range(2):
        for timer in talk.cloud.blueprint.timers():
            talk.cloud.tick(timer)
        talk.cloud.pump()

    assert len(talk.fake.sent_to(talk.person)) == before + 1
    assert "17:00" in talk.fake.sent_to(talk.person)[-1].text
    assert [row.status for row in talk.rows(REMINDERS) if row.kind == "soon"] == ["sent"]
    assert talk.cloud.errors == []


def test_what_one_cancels_is_offered_to_whoever_waits(talk):
    with talk.database.transaction(talk.world.tenant_id) as session:
        change_business(
            session, Business("Проба", quiet_hours=QuietHours(0, 0)), actor=ACTOR, now=datetime.now(UTC)
        )  # fillers are silent at night, and this test runs at any hour
    talk.say("Хочу на стрижку к Анне завтра в 17:00")
    talk.tap("17:00")
    other = replace(talk, person=talk.fake.add_person("Майя", "Пробная", phone="79000000778"))
    assert "свободного времени нет" in other.say("Хочу на стрижку к Анне завтра в 17:00")
    other.tap("лист ожидания")
    assert "Записала вас в лист ожидания" in other.fake.sent_to(other.person)[-1].text

    talk.say("отмени")
    other.settle()

    assert "Освободилось время: Стрижка — завтра" in other.fake.sent_to(other.person)[-1].text
    other.tap("Беру")
    assert "Записала вас! Стрижка — завтра" in other.fake.sent_to(other.person)[-1].text
    assert sorted(row.status for row in talk.rows(BOOKINGS)) == ["cancelled", "confirmed"]
    assert talk.cloud.errors == []


def test_two_wishes_and_slips_of_a_transcript(talk):
    offers = talk.say("сколько стоит стрижка и запишите на стришку к ане завтра в пять вечера")
    assert "2\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}₽" in offers
    assert "Стрижка: вот что свободно завтра" in offers
    talk.tap("17:00")

    assert "Перенести или отменить?" in talk.say("не смогу завтра")
    talk.tap("Отменить")
    assert [row.status for row in talk.rows(BOOKINGS)] == ["cancelled"]
    assert talk.cloud.errors == []
