"""Who works in the salon, and the console on a phone, in a real browser."""

import pytest
from playwright.sync_api import expect

from support.console_desk import (
    DYE,
    NEEDED,
    PASSWORD,
    a_file,
    browser,
    desk,
    furnished,
    furnished_url,
    moto,
    salons,
)
from support.invoices import document as paper
from support.invoices import line

__all__ = ["browser", "desk", "furnished", "furnished_url", "moto", "salons"]

pytestmark = NEEDED
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def elsewhere(browser):
    """A page on somebody else's phone."""
    context = browser.new_context(locale="ru-RU", viewport=PHONE)
    yield context.new_page()
    context.close()


def test_whoever_has_left_loses_access_at_once_and_may_get_it_back(desk, elsewhere):
    desk.sign_up()
    desk.follow("Сотрудники")
    desk.page.get_by_label("Имя").fill("Вера Пробная")
    desk.press("Добавить")
    desk.page.get_by_label("Почта, с которой будут входить").fill("vera@example.org")
    desk.press("Получить ссылку")
    elsewhere.goto(desk.page.get_by_label("Ссылка-приглашение").input_value())
    elsewhere.get_by_label("Пароль").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Принять приглашение").click()
    expect(elsewhere.get_by_text("Загрузить документ").first).to_be_visible()

    working = desk.page.get_by_role("region", name="Работают", exact=True)
    former = desk.page.get_by_role("region", name="Больше не работают")
    expect(desk.page.get_by_role("button", name="Закрыть доступ: Ольга Пробная")).to_have_count(0)  # oneself
    desk.press("Закрыть доступ: Вера Пробная")
    desk.press("Не сейчас")
    desk.press("Закрыть доступ: Вера Пробная")
    desk.press("Да, закрыть")
    expect(former).to_contain_text("доступ закрыт")
    expect(working).not_to_contain_text("Вера")

    elsewhere.get_by_role("button", name="Меню").click()
    elsewhere.get_by_role("link", name="Склад").click()
    expect(elsewhere.get_by_text("Сеанс закончился")).to_be_visible()
    elsewhere.get_by_label("Почта").fill("vera@example.org")
    elsewhere.get_by_label("Пароль").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Войти").click()
    expect(elsewhere.get_by_text("Почта или пароль не подошли")).to_be_visible()

    desk.press("Вернуть доступ: Вера Пробная")
    expect(working).to_contain_text("Вера Пробная")
    elsewhere.get_by_role("button", name="Войти").click()
    expect(elsewhere.get_by_role("button", name="Меню")).to_be_visible()


def test_on_a_phone_the_menu_unfolds_and_leads_everywhere(desk):
    desk.page.set_viewport_size(PHONE)
    desk.sign_up()
    menu, places = desk.page.get_by_role("button", name="Меню"), desk.page.get_by_role("navigation", name="Разделы")
    for place in ("Накладные", "Склад", "Пересчёт", "Сотрудники", "Загрузить"):
        expect(places).to_be_hidden()
        menu.click()
        expect(menu).to_have_attribute("aria-expanded", "true")
        link = places.get_by_role("link", name=place, exact=True)
        box = link.bounding_box()
        assert box["height"] >= 44  # a thumb's breadth
        assert box["x"] + box["width"] <= PHONE["width"]
        link.click()
        expect(menu).to_have_text(f"Меню {place}")
        expect(menu).to_have_attribute("aria-expanded", "false")
    for fold in (lambda: desk.page.keyboard.press("Escape"), lambda: desk.page.mouse.click(200, 800)):
        menu.click()
        expect(places).to_be_visible()
        fold()
        expect(places).to_be_hidden()
    desk.page.set_viewport_size({"width": 768, "height": 900})
    expect(menu).to_be_hidden()
    expect(places).to_be_visible()


def test_on_a_phone_no_page_is_wider_than_the_screen(desk):
    desk.page.set_viewport_size(PHONE)
    desk.sign_up()
    intake, unbroken = desk.intake(), "Шампунь" + "о" * 60
    bought = intake.read(paper(line(DYE, "шт", 10, "250.50"), line(unbroken, "фл", 2, 900)))
    intake.accept_all(bought)
    intake.confirm(bought)
    draft = intake.read(paper(line(DYE, "шт", 10, 400), line(unbroken, "фл", 2, 900), number="УТ-" + "1" * 40))
    items = [one["item_id"] for one in desk.ask("http_admin", "GET", "/admin/v1/stock/on-hand")["items"]]
    count = desk.ask("http_admin", "POST", "/admin/v1/stock/counts", {"location_id": str(intake.location_id)})["id"]
    desk.ask("http_admin", "POST", "/admin/v1/users", {"name": "В" * 60, "role": "frontdesk"})
    desk.upload(a_file("накладная-" + "7" * 60 + ".jpg"))
    desk.follow("Подробнее")
    desk.sees("Попытка")
    job = desk.page.url.partition("/console")[2]
    desk.work()
    desk.follow("Что прочитано")
    desk.sees("ООО «Выдуманное»")
    result = desk.page.url.partition("/console")[2]

    invoices, stock = [f"/invoices/{one}" for one in (draft, bought)], [f"/stock/{one}" for one in items]
    paths = ["/upload", job, result, "/invoices", *invoices, "/stock", *stock, "/counts", f"/counts/{count}", "/users"]
    wide = {path: too_wide(desk, path) for path in [*paths, "/nowhere"]}
    desk.leave()
    wide |= {path: too_wide(desk, path) for path in ("/signin", "/signup", "/invitation#x")}
    assert {path: beyond for path, beyond in wide.items() if beyond} == {}


def too_wide(desk, path):
    """By how much a page is wider than the phone, pixels, once all of it has come."""
    desk.open(path)
    expect(desk.page.get_by_text("Загружаем…")).to_have_count(0)
    desk.page.wait_for_load_state("networkidle")
    return max(0, desk.page.evaluate("document.documentElement.scrollWidth") - PHONE["width"])
