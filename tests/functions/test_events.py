"""Every sample in events/ goes through its function's handler, in the shape in which the cloud sends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.booking.use_cases import hold_slot
from salon.clients.domain import ConsentPurpose
from salon.clients.use_cases import set_consent
from salon.identity.domain import system
from salon.intake.domain import NewUpload
from salon.intake.use_cases.uploads import announce_upload, settle_arrival
from salon.integrations.telegram.fake import FakeTelegram
from salon.messaging.campaigns import use_cases as campaigns
from salon.messaging.campaigns.domain import CampaignDetails, CampaignKind, Wording
from salon.messaging.domain import Channel
from salon.platform.clock import FrozenClock
from support.cloud import Cloud, open_cloud
from support.functions import NOWHERE, ROOT, Blueprint
from support.salon_world import TOKEN, Chat
from support.webhooks import EXTERNAL_IDS, HookAccounts

pytestmark = pytest.mark.database
INBOX_ID = UUID("01900000-0000-7000-8000-0000000001b1")
UPLOAD_ID = UUID("01900000-0000-7000-8000-0000000001d1")
JOB_ID = UUID("01900000-0000-7000-8000-0000000001e1")
OUTBOX_ID = UUID("01900000-0000-7000-8000-0000000001c1")
SAMPLES = sorted((ROOT / "events").rglob("*.*"))


@dataclass
class Stage:
    """The rows that the samples speak of."""

    cloud: Cloud
    chat: Chat
    fake: FakeTelegram

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.chat.database.read(self.chat.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql))]

    def change(self, sql: str, **parameters: object) -> None:
        with self.chat.database.transaction(self.chat.world.tenant_id) as session:
            session.execute(text(sql), parameters)

    def book(self) -> None:
        offers = self.chat.say("Хочу на стрижку к Анне завтра вечером")
        self.chat.send(self.chat.tap(self.chat.buttons(offers)[0]["payload"]))


Check = Callable[[Stage, str], Iterator[None]]


SAMPLE_IDS = {
    "message": ["500000101"],
    "tap": ["500000102"],
    "max": ["mid.00000000000000000000000000000007"],
    "vk": ["0000000000000000000000000000000000000007"],
    "whatsapp": ["wamid.7"],
    "instagram": ["mid-7"],
    "healthz": [],
}


@contextmanager
def http_webhooks(stage: Stage, sample: str) -> Iterator[None]:
    if sample in set(Channel):
        accounts = HookAccounts(stage.chat.database, stage.chat.clock.now())
        channel = Channel(sample)
        own = {"key": f"sample-{sample}", "external_id": EXTERNAL_IDS[channel], "secret": "sample-secret"}
        accounts.add(channel, stage.chat.world.tenant_id, **own)
    yield
    assert [row[0] for row in stage.rows("SELECT external_id FROM inbox")] == SAMPLE_IDS[sample]


@contextmanager
def http_booking(stage: Stage, _sample: str) -> Iterator[None]:
    yield
    assert stage.rows("SELECT role, user_id FROM sessions") == [("user", None)]


@contextmanager
def http_admin(stage: Stage, _sample: str) -> Iterator[None]:
    yield  # the sample has no token: answered, and nothing is kept
    assert stage.rows("SELECT id FROM sessions") == []


@contextmanager
def http_console(stage: Stage, _sample: str) -> Iterator[None]:
    yield  # a page: nothing is kept
    assert stage.rows("SELECT id FROM sessions") == []


@contextmanager
def http_inference(stage: Stage, _sample: str) -> Iterator[None]:
    yield  # as above: no service token
    assert stage.rows("SELECT id FROM sessions") == []


@contextmanager
def queue_inbound(stage: Stage, _sample: str) -> Iterator[None]:
    kept = stage.chat.keep(stage.chat.message(text="что у вас есть?"))
    stage.change("UPDATE inbox SET id = :id WHERE id = :kept", id=INBOX_ID, kept=kept)
    yield
    assert stage.rows("SELECT status FROM inbox") == [("done",)]
    assert "Маникюр" in stage.chat.said()[-1]["text"]
    assert stage.cloud.waiting("TxQueue") == 1


@contextmanager
def queue_outbound(stage: Stage, sample: str) -> Iterator[None]:
    stage.cloud.values["TelegramApiBase"] = stage.fake.start_server()
    person = stage.fake.add_person("Лукерья")
    stage.fake.start(person)
    stage.chat.user_id = person.user_id
    stage.chat.say("что у вас есть?")
    stage.change("UPDATE outbox SET id = :id, queue = :queue WHERE kind = 'message.send'", id=OUTBOX_ID, queue=sample)
    yield
    assert stage.rows("SELECT status, attempts FROM outbox WHERE kind = 'message.send'") == [("done", 1)]
    assert "Маникюр" in stage.fake.sent_to(person)[-1].text
    stage.fake.stop_server()


@contextmanager
def queue_events(stage: Stage, _sample: str) -> Iterator[None]:
    stage.book()
    stage.change("UPDATE outbox SET id = :id WHERE kind = 'booking.confirmed'", id=OUTBOX_ID)
    yield
    assert stage.rows("SELECT status FROM outbox WHERE kind = 'booking.confirmed'") == [("done",)]
    assert ("soon", "planned") in stage.rows("SELECT kind, status FROM reminders")


@contextmanager
def storage_voice(stage: Stage, _sample: str) -> Iterator[None]:
    kept = stage.chat.keep(stage.chat.message(text="это было голосом"))
    stage.change("UPDATE inbox SET id = :id WHERE id = :kept", id=INBOX_ID, kept=kept)
    yield  # the object itself is gone already; listening to one is tests/speech
    assert stage.rows("SELECT inbox_id, status, reason FROM transcripts") == [(INBOX_ID, "failed", "missing")]
    assert stage.cloud.waiting("InboundQueue") == 1


@contextmanager
def http_account(stage: Stage, _sample: str) -> Iterator[None]:
    with stage.chat.database.without_tenant() as session:
        before = set(session.scalars(text("SELECT tenant_id FROM tenant_ids()")))
    yield
    with stage.chat.database.without_tenant() as session:
        [made] = set(session.scalars(text("SELECT tenant_id FROM tenant_ids()"))) - before
    with stage.chat.database.read(made) as session:
        assert session.execute(text("SELECT role, is_active FROM users")).one() == ("owner", True)
        assert session.scalar(text("SELECT count(*) FROM sessions")) == 1


@contextmanager
def storage_documents(stage: Stage, sample: str) -> Iterator[None]:
    """The object itself is gone already; reading one is tests/functions/test_storage_documents."""
    now = stage.chat.clock.now()
    new = NewUpload(file_name="", content_type="image/jpeg", upload_id=UPLOAD_ID)
    with stage.chat.database.transaction(stage.chat.world.tenant_id) as session:
        announce_upload(session, new, actor=system("tests"), now=now)
        settle_arrival(session, UPLOAD_ID, size_bytes=1, content_type="image/jpeg", now=now)
    stage.change("UPDATE jobs SET id = :id", id=JOB_ID)
    yield
    known = stage.rows("SELECT status, reason_code FROM jobs")
    assert known == [("failed", "FILE_MISSING") if sample == "again" else ("queued", None)]


@contextmanager
def timer_slots(stage: Stage, _sample: str) -> Iterator[None]:
    last = "SELECT max(starts_at)::date - current_date FROM slot_instances"
    assert stage.rows(last)[0][0] < 10
    yield
    assert stage.rows(last)[0][0] >= 19


@contextmanager
def timer_holds(stage: Stage, _sample: str) -> Iterator[None]:
    stage.chat.say("привет")
    with stage.chat.database.transaction(stage.chat.world.tenant_id) as session:
        slot = session.scalars(text("SELECT id FROM slot_instances ORDER BY starts_at DESC LIMIT 1")).one()
        client = session.scalars(text("SELECT id FROM clients")).one()
        past = stage.chat.clock.now() - timedelta(minutes=30)
        hold_slot(session, slot_id=slot, client_id=client, channel="telegram", actor=system("tests"), now=past)
    yield
    assert stage.rows("SELECT status FROM bookings") == [("expired",)]


@contextmanager
def timer_reminders(stage: Stage, _sample: str) -> Iterator[None]:
    stage.book()
    for (outbox_id,) in stage.rows("SELECT id FROM outbox WHERE queue = 'events'"):
        stage.chat.facts(stage.chat.world.tenant_id, outbox_id)
    stage.change("UPDATE reminders SET due_at = now() - interval '1 minute' WHERE kind = 'soon'")
    stage.change("UPDATE tenants SET quiet_until_min = quiet_from_min")  # this may run at night
    yield
    assert ("soon", "sent") in stage.rows("SELECT kind, status FROM reminders")
    assert stage.cloud.waiting("ReminderQueue") == 1


@contextmanager
def timer_campaigns(stage: Stage, _sample: str) -> Iterator[None]:
    stage.chat.say("привет")
    stage.change("UPDATE tenants SET quiet_from_min = 0, quiet_until_min = 0")
    now = stage.chat.clock.now()
    with stage.chat.database.transaction(stage.chat.world.tenant_id) as session:
        client = session.scalars(text("SELECT id FROM clients")).one()
        marketing, words = ConsentPurpose.MARKETING, {"ru": Wording(text="Ждём вас!")}
        said = {"is_given": True, "channel": "desk", "wording_version": "test"}
        set_consent(session, client, marketing, **said, actor=system("tests"), now=now)
        news = CampaignDetails(name="Проба", kind=CampaignKind.ONE_OFF, wording=words, send_at=now)
        made = campaigns.create_campaign(session, news, actor=system("tests"), now=now)
        campaigns.start_campaign(session, made.id, actor=system("tests"), now=now)
    yield
    assert stage.rows("SELECT status FROM campaign_messages") == [("sent",)]
    assert stage.cloud.waiting("MkQueue") == 1


@contextmanager
def timer_channels(stage: Stage, _sample: str) -> Iterator[None]:
    stage.cloud.values["TelegramApiBase"] = stage.fake.start_server()
    yield
    [(name, problems, is_checked)] = stage.rows("SELECT name, problems, checked_at IS NOT NULL FROM channel_accounts")
    assert (name, is_checked) == (stage.fake.the_bot().name, True)
    assert [problem["kind"] for problem in problems] == ["no_webhook"]
    stage.fake.stop_server()


@contextmanager
def timer_retention(stage: Stage, _sample: str) -> Iterator[None]:
    stage.chat.say("что у вас есть?")
    stage.chat.say("привет")
    stage.change("UPDATE inbox SET done_at = now() - interval '31 days'")
    stage.change("UPDATE inbox SET id = '01900000-0000-7000-8000-000000000001' WHERE sequence = 1")  # of June 2024
    yield
    assert stage.rows("SELECT sequence FROM inbox") == [(2,)]


@contextmanager
def timer_sweep(stage: Stage, _sample: str) -> Iterator[None]:
    stage.chat.say("что у вас есть?")
    stage.chat.keep(stage.chat.message(text="привет"))
    stage.change("UPDATE inbox SET next_attempt_at = now() - interval '10 minutes'")
    stage.change("UPDATE outbox SET next_attempt_at = now() - interval '10 minutes'")
    yield
    assert (stage.cloud.waiting("InboundQueue"), stage.cloud.waiting("TxQueue")) == (1, 1)


CHECKS = {
    check.__name__: check
    for check in (
        http_webhooks,
        http_booking,
        http_admin,
        http_console,
        http_inference,
        queue_inbound,
        queue_outbound,
        queue_events,
        storage_voice,
        http_account,
        storage_documents,
        timer_slots,
        timer_holds,
        timer_reminders,
        timer_campaigns,
        timer_channels,
        timer_retention,
        timer_sweep,
    )
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_does_what_it_shows(sample: Path, moto, furnished, furnished_url, salons):
    cloud_name, _, what = sample.stem.partition("_")
    assert (sample.suffix, cloud_name in {"aws", "yandex"}) == (".json", True)
    check = CHECKS[sample.parent.name]
    fake = FakeTelegram()
    fake.add_bot(TOKEN)
    with open_cloud(cloud_name, furnished_url, moto) as cloud:
        stage = Stage(cloud, Chat(salons, furnished.first, FrozenClock(furnished.now), NOWHERE), fake)
        with check(stage, what):
            answer = cloud.invoke(sample.parent.name, json.loads(sample.read_text()))

    if sample.parent.name.startswith("http_"):
        assert answer["statusCode"] in ({401} if sample.parent.name in {"http_admin", "http_inference"} else {200, 201})
    elif (sample.parent.name.startswith("queue_") or what == "again") and cloud_name == "aws":
        assert answer == {"batchItemFailures": []}
    else:
        assert answer is None


def test_every_function_has_a_sample_of_each_cloud():
    known = {(sample.parent.name, sample.stem.partition("_")[0]) for sample in SAMPLES}
    assert known == {(function, cloud) for function in Blueprint().functions for cloud in ("aws", "yandex")}
    assert {sample.parent.parent for sample in SAMPLES} == {ROOT / "events"}
