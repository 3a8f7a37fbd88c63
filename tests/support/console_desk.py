"""A person at the console in a real browser, the API behind it, and what stands in for the reading of papers."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from salon.intake.documents.domain import Box, Flag, LineRead, PageInfo, Read, ReadResult, RecognisedDocument
from salon.intake.domain import JobLimits
from salon.intake.inference.domain import Category, LinePrediction
from salon.intake.use_cases.nudging import JobNudge
from salon.intake.use_cases.processing import ProcessDocument
from salon.inventory.drafts.use_cases import draft_from_result
from salon.inventory.items.domain import BaseUnit
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.queues import MemoryQueue
from salon.platform.storage import S3Storage
from support.cloud import Cloud, moto, open_cloud
from support.front_door import front_door
from support.functions import ROOT
from support.furnished import furnished, furnished_url, salons
from support.intake_line import invoice
from support.invoices import InvoiceDesk

__all__ = ["furnished", "furnished_url", "moto", "salons"]

_CHROMIUM = Path("/usr/bin/chromium")
_BUILT = ROOT / "functions" / "http_console" / "dist" / "index.html"
NEEDED = [
    pytest.mark.database,
    pytest.mark.skipif(not _CHROMIUM.exists(), reason="needs Debian's Chromium: apt-get install chromium"),
    pytest.mark.skipif(not _BUILT.exists(), reason="needs the built console: infra/tools/web.sh"),
]
"""The marks of a module whose tests open the console."""
GENEROUS = {f"{name}PerMinute": "100000" for name in ("Reads", "Changes", "Sessions", "Console", "Logins")}
DYE = "Крем-краска Londa 6/0 60 мл"
PASSWORD = "верная лошадь и скрепка"
WAIT_MS = 20_000  # for a machine that does much else; what is there is not waited for


def photograph() -> bytes:
    """A picture that a browser can show."""
    made = io.BytesIO()
    Image.new("RGB", (800, 1_000), "#f4f1e8").save(made, "JPEG")
    return made.getvalue()


def document(lines: int = 3) -> RecognisedDocument:
    """An invoice as it is read: the second line's quantity was worked out, so somebody has to look at it."""
    read = invoice(lines)
    boxed = tuple(_boxed(line) for line in read.lines)
    doubtful = replace(boxed[1], qty=replace(boxed[1].qty, confidence=0.5, flags=(Flag.DERIVED_QUANTITY,)))
    return replace(read, date=Read(date(2026, 3, 10)), lines=(boxed[0], doubtful, *boxed[2:]))


def _boxed(line: LineRead) -> LineRead:
    top = 0.2 + line.n * 0.03
    return replace(
        line,
        name=replace(line.name, box=Box(0, 0.1, top, 0.5, top + 0.02)),
        qty=replace(line.qty, box=Box(0, 0.6, top, 0.65, top + 0.02)),
    )


def predictions(read: RecognisedDocument) -> list[LinePrediction]:
    """A tube of 60 ml, each of another shade."""
    return [
        LinePrediction(
            item_name=f"Краска {line.n}",
            brand=None,
            category=Category.HAIR_DYE,
            base_unit=BaseUnit.MILLILITRE,
            pack_quantity=Decimal(60),
            packs_per_unit=1,
            is_pack_sure=True,
            confidence=0.9,
            model="stock_item",
            version="1",
        )
        for line in read.lines
    ]


@dataclass
class Reader:
    """Reads everything as the same invoice, or fails as it was told to."""

    failures: list[Exception] = field(default_factory=list)

    def __call__(self, _data: bytes, *, tell: Callable[[int], None]) -> ReadResult:
        tell(50)
        if self.failures:
            raise self.failures.pop(0)
        return ReadResult(replace(document(), pages=(PageInfo(800, 1_000),)), (photograph(),))


@dataclass
class Desk:
    """A person at the console, and what stands behind it."""

    page: Page
    url: str
    cloud: Cloud
    database: Database
    reader: Reader = field(default_factory=Reader)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note what the page complains of: errors of its own, and what its policy forbids."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if "Policy" in said.text else None)

    def open(self, path: str = "/") -> None:
        self.page.goto(f"{self.url}/console{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sign_up(self, email: str = "olga@example.org") -> None:
        self.open()
        self.follow("Зарегистрировать салон")
        self.page.get_by_label("Как называется салон").fill("Салон «Выдумка»")
        self.page.get_by_label("Ваше имя").fill("Ольга Пробная")
        self.page.get_by_label("Почта").fill(email)
        self.page.get_by_label("Пароль").fill(PASSWORD)
        self.press("Зарегистрироваться")
        self.sees("Загрузить документ")

    def leave(self) -> None:
        self.press("Выйти")
        self.sees("Вход для салона")  # only then is the session over

    def upload(self, *files: dict[str, Any]) -> None:
        self.page.locator("input[multiple]").set_input_files(list(files))

    @property
    def token(self) -> str:
        kept = self.page.evaluate("sessionStorage.getItem('salon.session')")
        return str(json.loads(kept)["accessToken"])

    def ask(self, function: str, method: str, path: str, body: object = None) -> Any:
        """What somebody else does with the same account."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": path}
        answer = self.cloud.request(function, method, path, body=json.dumps(body).encode(), headers=headers)
        assert answer.status < 300, answer.body.decode()
        return answer.json()

    def intake(self) -> InvoiceDesk:
        """Documents of this salon that somebody else has handed in, and a location."""
        tenant_id = UUID(self.ask("http_admin", "GET", "/admin/v1/me")["tenant_id"])
        return InvoiceDesk(self.database, tenant_id, datetime.now(UTC))

    def work(self) -> None:
        """What the bucket's trigger sets off, with a reader that always reads the same."""
        storage = S3Storage(self.cloud.s3, self.cloud.values["MediaBucket"])
        nudge = JobNudge(MemoryQueue(), MemoryQueue())
        worker = ProcessDocument(
            self.database,
            SystemClock(),
            MemoryMetrics(),
            storage=storage,
            read=self.reader,
            predict=predictions,
            sink=draft_from_result,
            nudge=nudge,
            limits=JobLimits(),
        )
        for item in storage.list("documents/"):
            _, tenant_id, upload_id = item.key.split("/")
            worker.arrived(UUID(tenant_id), UUID(upload_id))


def a_file(name: str = "накладная.jpg", content: bytes | None = None) -> dict[str, Any]:
    return {"name": name, "mimeType": "", "buffer": content or photograph()}


_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts/truetype/dejavu</dir>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""
"""A font of wide letters, the same on every machine: what fits in it fits in most that a phone has."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("fonts")
    fonts = folder / "fonts.conf"
    fonts.write_text(_FONTS.format(folder=folder))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(_CHROMIUM), args=["--no-sandbox"], env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
        )
        yield browser
        browser.close()


@pytest.fixture
def desk(browser, moto, furnished_url, salons) -> Iterator[Desk]:
    with open_cloud("aws", furnished_url, moto, **GENEROUS) as cloud, front_door(cloud) as url:
        context = browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        expect.set_options(timeout=WAIT_MS)
        desk = Desk(page, url, cloud, salons)
        desk.listen()
        yield desk
        context.close()
        assert desk.complaints == []
