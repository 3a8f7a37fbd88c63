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

from infra.local import demo_salon
from infra.local.cloud import LocalCloud
from infra.local.demo_channels import PARAMETERS, DemoChannels
from infra.local.localstack.server import PROJECT, REGION
from infra.migrations import database as migrations
from salon.integrations.fakes.driving import Messenger
from salon.integrations.telegram.adapter import DEFAULT_BASE_URL, TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram
from salon.messaging.domain import Channel, ChannelCredentials
from salon.platform.clock import SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.settings import DatabaseSettings

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

FUNCTIONS_USED_FIRST = ("http_webhooks", "queue_inbound", "queue_outbound", "queue_events")
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
            instances={SPEECH: 1},  # torch takes every core as it is, and half a gigabyte
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
        finally:
            database.engine.dispose()
        self.sweep()

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
