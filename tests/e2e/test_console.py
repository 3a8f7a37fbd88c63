"""The console in a real browser, on the real functions, a real database and a bucket: from signing up to the stock."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from salon.intake.documents.domain import Box, Flag, LineRead, PageInfo, Read, ReadResult, RecognisedDocument
from salon.intake.documents.errors import NothingRead
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
from support.front_door import front_door
from support.functions import ROOT, Cloud, furnished, furnished_url, moto, open_cloud, salons
from support.intake_line import invoice

__all__ = ["furnished", "furnished_url", "moto", "salons"]

CHROMIUM = Path("/usr/bin/chromium")
BUILT = ROOT / "functions" / "http_console" / "dist" / "index.html"
pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's Chromium: apt-get install chromium"),
    pytest.mark.skipif(not BUILT.exists(), reason="needs the built console: infra/tools/web.sh"),
]
GENEROUS = {
    f"{name}PerMinute": "100000" for name in ("Reads", "Changes", "Sessions", "Console", "Logins", "AccountLogins")
}
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

    def add_location(self) -> None:
        place = {"name": "Салон на Лесной", "address": "ул. Лесная, 1", "phone": "+79000000001"}
        self.ask("http_admin", "POST", "/admin/v1/locations", {**place, "timezone": "Europe/Moscow"})

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
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


def test_from_signing_up_to_the_stock(desk):
    desk.sign_up()
    desk.add_location()
    read_an_invoice(desk)
    correct_it_by_keyboard_alone(desk.page)

    desk.page.reload()  # nothing is lost
    expect(desk.page.get_by_label("Кол-во, строка 2")).to_have_value("3")
    desk.page.get_by_label("Кол-во, строка 1").focus()
    desk.page.keyboard.press("Control+Enter")
    desk.sees("Остатки на складе обновились")

    desk.follow("Склад")
    row = desk.page.get_by_role("row").filter(has_text="Краска 2")
    expect(row).to_contain_text("180 мл")
    expect(row).to_contain_text("301,50")
    count_it_blindly(desk)


def read_an_invoice(desk: Desk) -> None:
    desk.upload(a_file(), a_file("смета.docx", b"no document"))
    desk.sees("Такой файл не прочитать")
    desk.follow("Подробнее")
    desk.sees("накладная.jpg")
    desk.sees("Попытка")
    desk.work()
    desk.sees("Документ прочитан")

    desk.follow("Что прочитано")
    desk.sees("ООО «Выдуманное»")
    desk.sees("Количество вычислено из суммы и цены")
    desk.sees("Суммы строк сходятся с итогом")
    desk.page.go_back()

    desk.follow("Проверить и провести")
    desk.sees("Осталось: 3 строки")
    expect(desk.page.get_by_role("img", name="Страница 1")).to_have_js_property("naturalWidth", 800)


def correct_it_by_keyboard_alone(page: Page) -> None:
    page.get_by_label("1. Название в документе, строка 1").focus()
    for field_name in ("Кол-во", "Ед.", "Цена, ₽", "Сумма, ₽", "Товар на складе"):
        page.keyboard.press("Enter")
        expect(page.get_by_label(f"{field_name}, строка 1")).to_be_focused()
    for n in (1, 2, 3):
        item = page.get_by_label(f"Товар на складе, строка {n}")
        item.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(item).to_have_value(f"Краска {n}")
    page.get_by_label("Кол-во, строка 2").fill("3")
    page.get_by_label("Сумма, ₽, строка 2").fill("301,50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("расходится на 100,50 ₽")).to_be_visible()
    page.keyboard.press("Control+Enter")  # not yet: it leads to what is open
    expect(page.get_by_role("button", name="Проверено")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Итого, ₽").fill("703,50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("сходится", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Провести", exact=True)).to_be_enabled()
    expect(page.get_by_text("Всё сохранено")).to_be_visible()


def count_it_blindly(desk: Desk) -> None:
    desk.follow("Пересчёт")
    desk.press("Начать")
    packs = desk.page.get_by_label("Упаковок: Краска 2")
    expect(packs).to_be_visible()
    expect(desk.page.get_by_text("180")).to_have_count(0)  # nothing says how much there should be
    packs.fill("2")
    desk.page.keyboard.press("Enter")
    desk.sees("записано")
    desk.press("Закрыть и сверить")
    expect(desk.page.get_by_role("row").filter(has_text="Краска 2")).to_contain_text("−60 мл")


def test_a_failed_reading_says_why_and_is_tried_again(desk):
    desk.sign_up()
    desk.upload(a_file())
    desk.follow("Подробнее")
    desk.reader.failures = [NothingRead()]
    desk.sees("Попытка")
    desk.work()
    desk.sees("Прочитать не получилось")
    desk.sees("Снимите документ целиком")
    desk.press("Попробовать ещё раз")
    expect(desk.page.get_by_text("Прочитать не получилось")).to_be_hidden()
    desk.work()
    desk.sees("Документ прочитан")


def test_whoever_is_signed_out_comes_back_to_where_they_were(desk):
    desk.sign_up()
    desk.open("/stock?view=low")
    desk.sees("Всего хватает")
    desk.ask("http_account", "POST", "/v1/logout")
    desk.follow("Накладные")
    desk.sees("Сеанс закончился")
    desk.page.get_by_label("Почта").fill("olga@example.org")
    desk.page.get_by_label("Пароль").fill("не тот пароль")
    desk.press("Войти")
    desk.sees("Почта или пароль не подошли")
    desk.page.get_by_label("Пароль").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    desk.sees("Все накладные проверены")
    assert desk.page.url == f"{desk.url}/console/invoices"


def test_a_second_salon_of_the_same_mail_is_refused_in_words(desk):
    desk.sign_up()
    desk.press("Выйти")
    desk.open("/signup")
    desk.page.get_by_label("Как называется салон").fill("Другой")
    desk.page.get_by_label("Ваше имя").fill("Ольга")
    desk.page.get_by_label("Почта").fill("olga@example.org")
    desk.page.get_by_label("Пароль").fill(PASSWORD)
    desk.press("Зарегистрироваться")
    expect(desk.page.get_by_role("alert")).to_contain_text("уже зарегистрировались")
