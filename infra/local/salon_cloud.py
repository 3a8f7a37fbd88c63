"""The salon's own local cloud: the cloud, a migrated database with a demo salon, and the fakes of five messengers.

Nothing of the product knows that a messenger is a fake: only the base URL differs.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pg8000.exceptions import InterfaceError
from sqlalchemy.exc import DBAPIError

from infra.local import demo_people, demo_salon, demo_stock
from infra.local.cloud import LocalCloud
from infra.local.demo_channels import PARAMETERS, DemoChannels
from infra.local.localstack.server import PROJECT, REGION
from infra.local.simulator.desk import Desk, Invoice
from infra.migrations import database as migrations
from salon.integrations.fakes.driving import Messenger
from salon.integrations.telegram.adapter import DEFAULT_BASE_URL, TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram, Person
from salon.inventory.drafts import use_cases as drafts
from salon.inventory.drafts.domain.drafts import DraftStatus
from salon.messaging.domain import Channel, ChannelCredentials
from salon.platform.clock import SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.errors import SalonError
from salon.platform.settings import DatabaseSettings
from salon.platform.shared_data import shared_path

DATABASE = "salon"
ACCOUNT_KEY = "demo"
TICK = {
    "version": "0",
    "id": "00000000-0000-7000-8000-000000000001",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2026-01-01T00:00:00Z",
    "region": REGION,
    "resources": [],
    "detail": {},
}
"""What a timer function is invoked with, in the AWS shape."""

SPEECH = "storage_voice"
SPEECH_PYTHON = PROJECT / ".venv-speech" / "bin" / "python"
"""What the container image of storage_voice holds, for a machine without Docker; made by `make setup`."""

DOCUMENTS = "storage_documents"
"""Its packages are in `.venv` as well, and Tesseract's languages are Debian's: it needs no environment of its own."""

DOCUMENTS = "storage_documents"
FUNCTIONS_USED_FIRST = ("http_webhooks", "queue_inbound", "queue_outbound", "queue_events")
_STATUS = {
    DraftStatus.DRAFT: "ждёт проверки",
    DraftStatus.CONFIRMED: "проведена",
    DraftStatus.REVERSED: "отменена",
    DraftStatus.DISCARDED: "отклонена",
}
PEOPLE = (
    ("Вера", "Пробная", "79000000101"),
    ("Алина", "Примерова", "79000000102"),
    ("Тимур", "Образцов", "79000000103"),
)
"""Invented people who write to the salon in the simulator."""


@dataclass(frozen=True, slots=True)
class RealBot:
    """A bot of one's own, at Telegram itself, instead of the simulator.

    Attributes:
        token: from @BotFather.
        public_url: an https address that leads to the local API, a tunnel's for example; without a slash at the end.
        api_base: the Bot API.
    """

    token: str = field(repr=False)
    public_url: str
    api_base: str = DEFAULT_BASE_URL


class SalonCloud:
    """Everything that the demo needs, on one state folder.

    Attributes:
        cloud: the local cloud.
        fake: the Telegram fake; its `say`, `tap` … are the client's side.
        salon: the demo salon, once it is loaded.
        people: those who work there.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        http_port: int = 0,
        telegram_port: int = 0,
        database_url: str | None = None,
        durable: bool = True,
        parameters: Mapping[str, str] | None = None,
        prewarm: bool = True,
        real_bot: RealBot | None = None,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self._kept = _keep_secrets(state_dir / "secrets.json")
        self._telegram_port = telegram_port
        self._given_database_url = database_url
        self._overrides = dict(parameters or {})
        self._real_bot = real_bot
        self._progress = progress
        self.salon: demo_salon.DemoSalon | None = None
        self.people: demo_people.DemoPeople | None = None
        self.fake = FakeTelegram(state_file=state_dir / "telegram.json", webhook_base_delay_s=0.5)
        self.bot = self.fake.add_bot(self._kept["token"], username="beryozka_salon_bot", name="Салон «Берёзка»")
        tokens = {channel.value: str(self._kept[f"{channel}_token"]) for channel in PARAMETERS}
        self.channels = DemoChannels(state_dir, tokens, str(self._kept["app_secret"]))
        self._running = contextlib.ExitStack()
        self.cloud = LocalCloud(
            state_dir,
            http_port=http_port,
            database_url=database_url,
            durable=durable,
            interpreters={SPEECH: SPEECH_PYTHON},
            instances={SPEECH: 1, DOCUMENTS: 1},  # each takes every core as it is, and half a gigabyte
            prewarm=FUNCTIONS_USED_FIRST if prewarm else (),
            before_deploy=self._furnish,
            after_deploy=self._connect,
            progress=progress,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the fakes and the cloud; whatever had started is stopped again when something does not."""
        self._base_url = self.fake.start_server(self._telegram_port)
        self._running.callback(self.fake.stop_server)
        try:
            self._running.enter_context(self.channels.running())
            self.cloud.start()
        except BaseException:
            self._running.close()
            raise
        return self

    @property
    def fakes(self) -> dict[str, Messenger]:
        """Every messenger, by channel."""
        return {
            Channel.TELEGRAM.value: self.fake,
            **{channel.value: fake for channel, fake in self.channels.fakes.items()},
        }

    def stop(self) -> None:
        """Stop everything; safe to call twice."""
        with self._running:
            self.cloud.stop()

    def database(self) -> Database:
        """The database as the application role sees it, without a relay: for checks and for filling it."""
        settings = DatabaseSettings.load({"DATABASE_URL": self.app_url()})
        return Database(settings, engine=make_engine(settings, pool_size=2), master=lambda: self._master)

    def app_url(self) -> str:
        """The database for the application role."""
        return migrations.app_url(self.admin_url(), self._kept["app_password"])

    def admin_url(self) -> str:
        """The database for its owner."""
        return self._given_database_url or self.cloud.database_url(DATABASE)

    @property
    def desk_person(self) -> Person:
        """The front desk in Telegram: what this person photographs is read as an invoice."""
        return demo_people.person_of(self.fake, demo_people.DESK)

    @property
    def owner_person(self) -> Person:
        """The owner in Telegram, who is told what runs out."""
        return demo_people.person_of(self.fake, demo_people.OWNER)

    @property
    def console_url(self) -> str:
        """The console, without a slash at the end."""
        return f"{self.cloud.http_url}/console"

    @property
    def invoice_photo(self) -> Path:
        """A photographed invoice whose goods the demo salon knows, but for one."""
        return shared_path("demo") / "invoice.jpg"

    def desk(self) -> Desk | None:
        """The front desk for the simulator; None where a real bot answers, which no fake person writes to."""
        if self._real_bot is not None:
            return None
        return Desk(
            channel=Channel.TELEGRAM.value,
            user_id=self.desk_person.user_id,
            name=demo_people.DESK.name,
            sample=self.invoice_photo,
            console=self.console_url,
            latest=self._latest_invoice,
        )

    def sweep(self) -> None:
        """Run the safety net now instead of within a minute."""
        self.cloud.invoke("timer_sweep", TICK)

    def tick(self, timer: str) -> None:
        """Run a timer function now."""
        self.cloud.invoke(timer, TICK)

    @property
    def _token(self) -> str:
        return self._real_bot.token if self._real_bot else str(self._kept["token"])

    @property
    def _api_base(self) -> str:
        return self._real_bot.api_base if self._real_bot else self._base_url

    @property
    def _master(self) -> MasterKeys:
        return MasterKeys.parse(self._kept["master_keys"])

    def _furnish(self, cloud: LocalCloud) -> Mapping[str, str]:
        """Migrate and fill the database while LocalStack loads; the template's parameters."""
        if self._given_database_url is None:
            _create_database(cloud.database_url())
        self._progress("preparing the database")
        migrations.prepare(self.admin_url(), self._kept["app_password"])
        migrations.migrate(self.admin_url())
        database = self.database()
        try:
            self.salon = demo_salon.load(
                database,
                now=SystemClock().now(),
                telegram_token=self._token,
                webhook_secrets=[self._kept["webhook_secret"]],
                account_key=ACCOUNT_KEY,
            )
            demo_stock.load(database, self.salon, now=SystemClock().now())
            self.people = demo_people.load(
                database,
                tenant_id=self.salon.tenant_id,
                jwt_secrets=self._kept["jwt_secrets"],
                password=self._kept["owner_password"],
                now=SystemClock().now(),
            )
        finally:
            database.engine.dispose()
        if not self.fake.state.people:
            for first_name, last_name, phone in PEOPLE:
                self.fake.add_person(first_name, last_name, phone=phone)
        self.channels.add_people(PEOPLE)
        return {
            "DatabaseUrl": self.app_url(),
            "MasterKeys": self._kept["master_keys"],
            "JwtSecrets": self._kept["jwt_secrets"],
            "TelegramApiBase": self._api_base,
            "PublicUrl": self._public_url(cloud),
            **self.channels.parameters(),
            "SlotHorizonDays": "30",
            "SpeechThreads": "1",  # the demonstration model is small: more threads only get in each other's way
            **self._overrides,
        }

    def _connect(self, cloud: LocalCloud) -> None:
        """Tell the messenger where our webhook is, as an administrator would, and sweep up what an end left open."""
        public_url = self._public_url(cloud)
        with contextlib.closing(TelegramAdapter(self._api_base)) as telegram:
            telegram.register_webhook(
                f"{public_url}/webhooks/telegram/{ACCOUNT_KEY}",
                self._kept["webhook_secret"],
                ChannelCredentials(token=self._token),
            )
        database = self.database()
        try:
            if self.salon is not None:
                self.channels.connect(database, self.salon.tenant_id, cloud.http_url, self._api_base)
            if self.salon is not None and self.people is not None and self._real_bot is None:
                wanted = {self.people.owner_id: self.owner_person, self.people.desk_id: self.desk_person}
                demo_people.bind(database, self.salon.tenant_id, self.salon.account_id, self.fake, wanted)
        finally:
            database.engine.dispose()
        self.sweep()

    def _latest_invoice(self) -> Invoice | None:
        if self.salon is None:
            return None
        database = self.database()
        try:
            with database.read(self.salon.tenant_id) as session:
                found = drafts.list_invoices(session, limit=1)
        except (SalonError, DBAPIError, InterfaceError):  # it is starting again: the page asks once more
            return None
        finally:
            database.engine.dispose()
        if not found:
            return None
        return Invoice(str(found[0].id), f"Накладная {found[0].number}: {_STATUS[found[0].status]}")

    def _public_url(self, cloud: LocalCloud) -> str:
        return self._real_bot.public_url if self._real_bot else cloud.http_url


def _create_database(server_url: str) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(migrations.with_driver(server_url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            known = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE})
            if not known:
                connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    finally:
        engine.dispose()


def _keep_secrets(file: Path) -> dict[str, Any]:
    """The demo's own secrets: made once, kept readable by their owner only; what a newer release needs is added."""
    kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    made = {
        "master_keys": MasterKeys.generate("demo1"),
        "jwt_secrets": MasterKeys.generate("demo1"),  # of the same form, another key
        "app_password": secrets.token_urlsafe(24),
        "owner_password": secrets.token_urlsafe(9),
        "webhook_secret": secrets.token_urlsafe(24),
        "app_secret": secrets.token_hex(16),
        **{f"{channel}_token": f"demo-{channel}-{secrets.token_urlsafe(24)}" for channel in PARAMETERS},
        "token": f"{secrets.randbelow(900_000_000) + 100_000_000}:{secrets.token_urlsafe(26)}",
    }
    if kept.keys() >= made.keys():
        return kept
    file.touch(mode=0o600)
    file.write_text(json.dumps({**made, **kept}, indent=1))
    return {**made, **kept}
