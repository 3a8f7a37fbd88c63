"""Names: read again where something of them was lost, and doubted where that does not help."""

import pytest
from tests.support.document_pages import words

from salon.intake.documents.domain import Flag
from salon.intake.documents.parsing.names import bare_name, name_of
from salon.intake.documents.parsing.scripts import has_stray, is_garbled, may_be_latin, may_be_russian, put_right
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word

_PAGE = Page(0, 1500, 1200, ())
_CELL = Cell(40, 30, 900, 110)


def _again(**answers: tuple[str, float]):
    """What a second reading says, by hint."""

    def reread(cells):
        return [answers.get(hint.value, ("", 0.0)) for _, hint in cells]

    return reread


def _read(of: list[Word], **answers: tuple[str, float]):
    found = name_of(of, _CELL, _PAGE, 1, reread=_again(**answers))
    return found.value, found.flags


def test_a_name_whose_first_word_was_lost_is_read_again():
    torn = [*words("ORLEVO 7/34 русый", 240, 40), *words("мл", 40, 80)]

    assert _read(torn, name=("Крем-краска ORLEVO 7/34 русый 100 мл", 0.9)) == (
        "Крем-краска ORLEVO 7/34 русый 100 мл", (),
    )  # fmt: skip
    assert _read(torn) == ("ORLEVO 7/34 русый мл", (Flag.NAME_UNSURE,))


def test_words_that_were_sure_stay_when_the_others_are_read_again():
    first = [*words("Oxcn", 40, 40, 0.1), *words("Quintessa Lab 1 л", 200, 40)]

    assert _read(first, name=("Оксидант Оштезза Lab 1 л", 0.9)) == ("Оксидант Quintessa Lab 1 л", ())


def test_a_second_reading_of_the_neighbours_is_not_taken():
    faint = words("Лак для волос 400 мл", 40, 40, 0.5)

    assert _read(faint, name=("Лак для волос 400 мл 10 x 760.00", 0.9)) == ("Лак для волос 400 мл", (Flag.NAME_UNSURE,))


@pytest.mark.parametrize(
    ("confidence", "latin", "expected"),
    [
        (0.8, ("Quintara", 0.91), ("Топ Quintara 15 мл", ())),
        (0.8, ("|Quintara", 0.91), ("Топ Quintara 15 мл", ())),
        (0.97, ("Owrrapa", 0.9), ("Топ Оштага 15 мл", ())),  # surer as Russian
        (0.8, ("Owrapa", 0.4), ("Топ Оштага 15 мл", (Flag.NAME_UNSURE,))),
    ],
)
def test_a_brand_is_latin_when_that_reading_is_the_surer(confidence, latin, expected):
    name = [*words("Топ", 40, 40), *words("Оштага", 100, 40, confidence), *words("15 мл", 200, 40)]

    assert _read(name, latin=latin) == expected


def test_russian_words_in_latin_letters_are_put_right_or_doubted():
    assert put_right("Axtusatop Brumaire") == "Активатор Brumaire"
    assert put_right("Macxa 500 мл") == "Маска 500 мл"
    assert may_be_russian("Nepyatku")
    assert not any(map(may_be_russian, ("Brumaire", "Prontelle", "Color", "Expert", "Soft", "KOLORIMA")))


def test_words_that_are_no_words():
    assert all(map(is_garbled, ("Ba3a каучуковая", "Ргоще!е", "Гeль", "$4мама", "Jlocton", r"мл \\/")))
    assert not any(map(is_garbled, ("70х200 см", "12х10 мл", "Гель-лак №120", "25 шт/уп", "п/э", "UV/LED 48W", "р.L")))


def test_a_latin_word_before_a_russian_adjective_is_no_brand():
    name = words("Kpacwrens стойкий Lumorelle 90 мл", 40, 40)

    assert _read(name) == ("Kpacwrens стойкий Lumorelle 90 мл", (Flag.NAME_UNSURE,))


def test_words_of_the_trade_are_no_brands():
    assert may_be_latin("Оштага")
    assert not any(map(may_be_latin, ("Клей", "Крем-оксид", "для")))
    assert Hint.LATIN == "latin"


@pytest.mark.parametrize("text", ["Кератин Mirazel war 2", "Мыло Onamupuka 500 мл", "Pacuécka Dezovita с хвостиком"])
def test_latin_words_of_letters_that_russian_ones_are_taken_for_are_doubted(text):
    assert _read(words(text, 40, 40))[1] == (Flag.NAME_UNSURE,)


def test_brands_of_other_letters_are_not_doubted():
    assert _read(words("Маска Prontelle Cream ml", 40, 40))[1] == ()


def test_a_name_of_which_only_the_unit_was_read_is_read_again():
    assert _read(words("мл", 40, 40), name=("Ботокс для волос Oridella 500 мл", 0.94)) == (
        "Ботокс для волос Oridella 500 мл", (),
    )  # fmt: skip


def test_an_odd_second_reading_is_nearer_than_hardly_any_and_stays_doubted():
    assert _read(words("Е ОИ Не спрей", 40, 40, 0.4), name=("Антисептик кожный Могае!е спрей", 0.92)) == (
        "Антисептик кожный Могае!е спрей", (Flag.NAME_UNSURE,),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "Перчатки латексные onyap.L 100 шт",  # «опудр.»
        "Воротнички бумажные 5 pyn.no 100 шт",
        "Expert 300 мл Сахарная паста 800 г",  # the end of the name before
        "и холодный 90 мл",  # of a name that began on the page before
        "Воск горячий Не11ит1 гранулы 1 кг",
        "XS, розовые Перчатки нитриловые 50 пар",
        "Фен мата Turbo 2200 Вт",
    ],
)
def test_what_no_name_looks_like_is_doubted(name):
    confidence = 0.78 if "мата" in name else 0.95

    assert _read(words(name, 40, 40, confidence))[1] == (Flag.NAME_UNSURE,)


def test_a_brand_of_small_russian_letters_is_read_again_as_latin():
    name = [*words("Краситель стойкий", 40, 40), *words("тамойпа", 260, 40, 0.9), *words("60 мл", 360, 40)]

    assert _read(name, latin=("Tavolina", 0.95)) == ("Краситель стойкий Tavolina 60 мл", ())
    assert _read(name, latin=("Tamovina", 0.5)) == ("Краситель стойкий тамойпа 60 мл", ())


def test_a_code_of_the_supplier_before_a_name_is_no_part_of_it():
    assert _read(words("3072 Бахилы 50 пар", 40, 40))[0] == "Бахилы 50 пар"
    assert _read(words("12 Бахилы 50 пар", 40, 40))[0] == "12 Бахилы 50 пар"
    assert _read(words("BS78416|Шампунь технический 5 л", 40, 40))[0] == "Шампунь технический 5 л"


@pytest.mark.parametrize(
    ("confidence", "latin", "expected"),
    [
        (0.9, ("Poccihka", 0.6), ("Пудра Росинка 30 г", ())),  # hardly Latin, and rather Russian
        (0.9, ("Poccihka", 0.82), ("Пудра Росинка 30 г", (Flag.NAME_UNSURE,))),
        (0.926, ("Nailory", 0.92), ("Пудра Nailory 30 г", (Flag.NAME_UNSURE,))),  # one is as sure as the other
    ],
)
def test_a_word_that_is_hardly_latin_is_russian_and_one_that_may_be_either_is_doubted(confidence, latin, expected):
    name = [*words("Пудра", 40, 40), *words("Росинка", 120, 40, confidence), *words("30 г", 240, 40)]

    assert _read(name, latin=latin) == expected


def test_what_stands_between_a_code_and_a_name_or_beside_it_is_no_part_of_the_name():
    assert bare_name("BS78416|Шампунь технический 5 л", 1) == "Шампунь технический 5 л"
    assert bare_name("— Пудра осветляющая", 1) == "Пудра осветляющая"
    assert bare_name("'Маска с кератином \\/ 500 мл", 1) == "Маска с кератином 500 мл"
    assert bare_name("Кисть / годен до 05.2028", 1) == "Кисть / годен до 05.2028"


def test_letters_by_themselves_are_doubted_and_brands_of_two_humps_are_not():
    assert all(map(has_stray, ("Лак «Вербена р Лаб»", "Воск 1 кг, новая y паковка")))
    assert not any(map(has_stray, ("Лак (10 vol) 1 л", "Маска с кератином и маслом", "Вода 5 л", "Изгиб С, 0.07")))
    assert is_garbled("Клей aS для ресниц")
    assert is_garbled("Праймер Ре11&Со 14мл")
    assert is_garbled("Пудра Гай ге! до 9 тонов")
    assert not is_garbled("Праймер Pell&Co 14мл")
    assert not is_garbled("Шампунь МастерЛакс 1 л")


def test_a_name_does_not_begin_with_the_end_of_another():
    words_of = words("тонов (пакет 30г) Клей для ресниц", 40, 40)

    assert _read(words_of)[1] == (Flag.NAME_UNSURE,)
    assert _read(words("крем для ресниц 30 г", 40, 40))[1] == ()
