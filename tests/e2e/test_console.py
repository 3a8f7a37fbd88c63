"""The console in a real browser, on the real functions, a real database and a bucket: from signing up to the stock."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from salon.intake.documents.errors import NothingRead
from support.console_desk import (
    DYE,
    NEEDED,
    PASSWORD,
    Desk,
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


def test_from_signing_up_to_the_stock(desk):
    desk.sign_up()
    read_an_invoice(desk)
    correct_it_by_keyboard_alone(desk.page)
    add_the_first_location(desk)

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
    for width in (1280, 1024, 768, 390):  # nothing lies beyond the edge
        desk.page.set_viewport_size({"width": width, "height": 900})
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
    desk.page.set_viewport_size({"width": 1280, "height": 900})


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


def add_the_first_location(desk: Desk) -> None:
    desk.press("Провести")  # there is nowhere yet to receive it: it leads to the form
    form = desk.page.get_by_role("region", name="Добавьте филиал")
    expect(form.get_by_label("Название")).to_be_focused()
    form.get_by_label("Название").fill("Салон на Лесной")
    expect(form.get_by_label("Часовой пояс")).to_have_value("Europe/Moscow")
    form.get_by_label("Адрес").fill("ул. Лесная, 1")
    desk.page.keyboard.press("Enter")
    expect(form).to_be_hidden()


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


def test_what_is_there_is_moved_by_hand(desk):
    desk.sign_up()
    intake = desk.intake()
    bought = intake.read(paper(line(DYE, "шт", 10, "250.50")))
    intake.accept_all(bought)
    intake.confirm(bought)
    dearer = intake.read(paper(line(DYE, "шт", 10, 400), number="УТ-119"))
    desk.open(f"/invoices/{dearer}")
    desk.sees("было 250,50 ₽ за шт")

    desk.follow("Склад")
    row, dialog = desk.page.get_by_role("row").filter(has_text="Londa"), desk.page.get_by_role("dialog")
    row.get_by_role("button", name="Списать").click()
    how_much = dialog.get_by_label("Сколько, мл")
    how_much.fill("700")
    expect(dialog.get_by_text("Здесь только 600 мл")).to_be_visible()
    how_much.fill("100")
    [item_id] = [one["item_id"] for one in desk.ask("http_admin", "GET", "/admin/v1/stock/on-hand")["items"]]
    gone = {"location_id": str(intake.location_id), "reason": "lost", "lines": [{"item_id": item_id, "quantity": 550}]}
    desk.ask("http_admin", "POST", "/admin/v1/stock/write-offs", gone)
    dialog.get_by_label("Почему").select_option("Другое")
    dialog.get_by_label("Примечание").fill("Пролили")
    desk.page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("Столько уже нет: здесь осталось 50 мл. Проверьте количество.")
    how_much.fill("20")
    desk.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("30 мл")

    place = {"name": "Салон на Лесной", "timezone": "Europe/Moscow"}
    desk.ask("http_admin", "POST", "/admin/v1/locations", place)
    desk.page.reload()
    row.get_by_role("button", name="Переместить").click()
    how_much.fill("10")
    expect(dialog.get_by_label("Куда")).to_have_text("Салон на Лесной")
    desk.page.keyboard.press("Enter")
    expect(row.filter(has_text="Салон на Лесной")).to_contain_text("10 мл")
    expect(row.filter(has_text="20 мл")).to_have_count(1)
    take_both_back(desk)


def take_both_back(desk: Desk) -> None:
    desk.page.get_by_role("link", name="Londa").first.click()
    for name in ("Отменить перемещение", "Отменить списание"):
        desk.page.get_by_role("button", name=name).first.click()
        desk.page.get_by_label("Почему отменяем").fill("По ошибке")
        desk.page.keyboard.press("Enter")
        expect(desk.page.get_by_label("Почему отменяем")).to_be_hidden()
    expect(desk.page.get_by_role("button", name="Отменить списание")).to_have_count(1)  # the other one stands
    expect(desk.page.get_by_text("отменено", exact=True)).to_have_count(3)  # both halves of the transfer
    expect(desk.page.get_by_text("50 мл", exact=True)).to_be_visible()


def test_a_batch_is_entered_and_goods_that_were_counted_since_need_a_word(desk):
    desk.sign_up()
    intake = desk.intake()
    first = intake.read(paper(line(DYE, "шт", 10, "250.50")))
    intake.accept_all(first)
    intake.confirm(first)
    second = intake.read(paper(line(DYE, "шт", 5, "250.50"), number="УТ-119"))
    [item_id] = [one["item_id"] for one in desk.ask("http_admin", "GET", "/admin/v1/stock/on-hand")["items"]]
    place = {"location_id": str(intake.location_id)}
    count = "/admin/v1/stock/counts/" + desk.ask("http_admin", "POST", "/admin/v1/stock/counts", place)["id"]
    desk.ask("http_admin", "POST", f"{count}/entries", {"item_id": item_id, "packs": "9"})
    desk.ask("http_admin", "POST", f"{count}/close", {})
    desk.ask("http_admin", "POST", f"{count}/post", {"reason": "Плановый"})

    desk.open(f"/invoices/{second}")
    desk.press("Указать партию и срок, строка 1")
    desk.page.get_by_label("Партия, строка 1").fill("A-17")
    desk.page.get_by_label("Годен до, строка 1").fill("2027-03-01")
    desk.page.keyboard.press("Tab")
    desk.sees("Всё сохранено")
    desk.press("Провести")
    desk.sees("а накладная не новее")
    desk.press("Провести")  # without the tick nothing happens
    tick = desk.page.get_by_label("Когда считали, этого товара ещё не было")
    expect(tick).to_be_focused()
    tick.check()
    desk.press("Провести")
    desk.sees("Остатки на складе обновились")
    desk.open(f"/stock/{item_id}")
    expect(desk.page.get_by_role("list", name="Партии")).to_contain_text("партия A-17, годен до 1 марта 2027")

    desk.open(f"/counts/{count.rpartition('/')[2]}")
    desk.press("Отменить пересчёт")
    desk.page.get_by_label("Почему отменяем пересчёт").fill("Ошиблись")
    desk.press("Да, отменить")
    expect(desk.page.get_by_text("Отменён")).to_be_visible()


def test_a_reversed_invoice_is_begun_anew_and_a_long_list_goes_on(desk):
    desk.sign_up()
    intake = desk.intake()
    bought = intake.read(paper(line(DYE, "шт", 10, "250.50")))
    intake.accept_all(bought)
    intake.confirm(bought)
    desk.open(f"/invoices/{bought}")
    desk.press("Отменить приход")
    desk.press("Да, отменить")
    desk.press("Завести черновик заново")
    desk.sees("Ждёт проверки")
    assert desk.page.url != f"{desk.url}/console/invoices/{bought}"

    for n in range(50):
        intake.read(paper(line(DYE, "шт", 1, 100), number=f"Д-{n}"))
    desk.follow("Накладные")
    listed = desk.page.get_by_role("main").get_by_role("listitem")
    expect(listed).to_have_count(50)
    desk.press("Показать ещё")
    expect(listed).to_have_count(51)
    expect(desk.page.get_by_role("button", name="Показать ещё")).to_be_hidden()


def test_somebody_is_invited_and_chooses_a_password(desk):
    desk.sign_up()
    desk.follow("Сотрудники")
    desk.page.get_by_label("Имя").fill("Вера Пробная")
    desk.press("Добавить")
    desk.page.get_by_label("Почта, с которой будут входить").fill("vera@example.org")
    desk.press("Получить ссылку")
    link = desk.page.get_by_label("Ссылка-приглашение").input_value()
    desk.leave()

    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.page.goto(link)
    desk.page.get_by_label("Пароль").fill(PASSWORD)
    desk.press("Принять приглашение")
    desk.sees("Загрузить документ")
    token = link.partition("#")[2]
    assert token
    assert not [url for url in asked if token in url.partition("#")[0]]  # it goes in a body, and into nobody's log
    assert desk.page.url == f"{desk.url}/console/upload"
    desk.open("/users")
    desk.sees("На это у вас нет прав")  # the front desk lets nobody in
    expect(desk.page.get_by_role("link", name="Сотрудники")).to_have_count(0)

    desk.leave()
    desk.page.goto(link)
    desk.page.get_by_label("Пароль").fill(PASSWORD)
    desk.press("Принять приглашение")
    expect(desk.page.get_by_role("alert")).to_contain_text("уже не действует")


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
    desk.leave()
    desk.open("/signup")
    desk.page.get_by_label("Как называется салон").fill("Другой")
    desk.page.get_by_label("Ваше имя").fill("Ольга")
    desk.page.get_by_label("Почта").fill("olga@example.org")
    desk.page.get_by_label("Пароль").fill(PASSWORD)
    desk.press("Зарегистрироваться")
    expect(desk.page.get_by_role("alert")).to_contain_text("уже зарегистрировались")
