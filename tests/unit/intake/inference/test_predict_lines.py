"""Lines of documents to items: what the published model and the grammar make of them, and what they leave open."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salon.intake.inference import MODEL, RULES, SURE, BaseUnit, Category, LineText, predict_lines
from salon.intake.inference.domain import SCHEMA
from salon.platform.inference.domain import Prediction
from salon.platform.inference.errors import ModelFailed
from salon.platform.inference.in_process import InProcessInference
from salon.platform.inference.registry import Registry
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_DOUBT, MODEL_FAILED, MemoryMetrics
from support.small_model import write_model


class Oracle:
    """A port that says what it is told to, and remembers how many lines it was asked at once."""

    def __init__(self, label="gloves", confidence=0.9, error=None):
        self.label, self.confidence, self.error, self.asked = label, confidence, error, []

    def predict(self, model, inputs, *, version=None, schema=None):
        assert (model, schema, version) == (MODEL, SCHEMA, None)
        self.asked.append(len(inputs))
        if self.error:
            raise self.error
        return tuple(Prediction(self.label, self.confidence, MODEL, "7") for _ in inputs)

    def models(self):
        return ()


@pytest.fixture(scope="module")
def port():
    return InProcessInference(Registry())


@pytest.mark.parametrize(
    ("name", "unit", "category", "item_name", "brand"),
    [
        ("Крем-краска для волос Velmora 8/1 светло-русый 60 мл", "шт", Category.HAIR_DYE,
         "Крем-краска для волос Velmora 8/1 светло-русый", "Velmora"),
        ("кр-ка д/волос LUMETTA 9-36, 60ml", "шт", Category.HAIR_DYE, "Крем-краска для волос LUMETTA 9-36", "LUMETTA"),
        ("окс. эмульсия 3% Velmora 1000 мл", "шт", Category.OXIDANT, "Окислительная эмульсия 3% Velmora", "Velmora"),
        ("ПУДРА ОБЕСЦВЕЧИВАЮЩАЯ NORDIVA 500 Г", "шт", Category.BLEACH, "Пудра обесцвечивающая NORDIVA", "NORDIVA"),
        ("арт. 12-345 Шaмпунь «Лунара» 0,25 л", "шт", Category.SHAMPOO, "Шампунь «Лунара»", "Лунара"),
        ("Перч. нитр. р.М уп. 100 шт", "уп", Category.GLOVES, "Перчатки нитриловые размер M", None),
        ("Гель-лак Velmora №128 8 мл", "шт", Category.GEL_POLISH, "Гель-лак Velmora №128", "Velmora"),
        ("Сахарная паста мягкая 0,8 кг", "шт", Category.DEPILATION, "Сахарная паста мягкая", None),
        ("Простыни одноразовые 70*200 (20 шт/уп)", "уп", Category.DISPOSABLES, "Простыни одноразовые 70х200", None),
        ("Ножницы прямые Sorvella Professional 5.5", "шт", Category.TOOLS, "Ножницы прямые Sorvella Professional 5.5",
         "Sorvella"),
        ("ГЕЛЬ-ЛАК «КОШАЧИЙ ГЛАЗ» Велмора тёмный 10 мл", "шт", Category.GEL_POLISH,
         "Гель-лак «кошачий глаз» велмора тёмный", None),
        ("Гель-лак «Кошачий глаз» Velmora 10 мл", "шт", Category.GEL_POLISH, "Гель-лак «Кошачий глаз» Velmora",
         "Velmora"),
        # as a bad photograph is read
        ("| Kpeм-кpаскa для волоc Velmora 8/1 бО мл _", "wt", Category.HAIR_DYE, "Крем-краска для волос Velmora 8/1",
         "Velmora"),
        ("Пepчатkи нитpиловые р-р L 1ОО шт .", "yn", Category.GLOVES, "Перчатки нитриловые размер L", None),
    ],
)  # fmt: skip
def test_a_line_becomes_an_item(port, *, name, unit, category, item_name, brand):
    found = predict_lines(port, [LineText(name, unit)])[0]
    assert (found.category, found.brand, found.model) == (category, brand, MODEL)
    assert found.item_name == item_name
    assert SURE <= found.confidence <= 1
    assert found.version.isdigit()


def test_a_box_is_so_many_packs_in_base_units(port):
    found = predict_lines(port, [LineText("Крем-краска Velmora 8/1 12х60 мл", "кор")])[0]
    assert (found.base_unit, found.pack_quantity, found.packs_per_unit) == (BaseUnit.MILLILITRE, Decimal(60), 12)
    assert found.quantity_per_unit == Decimal(720)


@pytest.mark.parametrize("name", ["бурколва треди", "Xx 12", "— — —", "", "Ф", "12345", "йцукен фывапр"])
def test_what_it_does_not_know_is_other_and_no_certainty(port, name):
    found = predict_lines(port, [LineText(name)])[0]
    assert found.category is Category.OTHER
    assert found.quantity_per_unit is None or not found.is_pack_sure


def test_a_guess_below_the_threshold_is_no_answer():
    """Category and what hangs on it: for the doubtful, «№50» stays a number and not a count."""
    doubtful, certain = (
        predict_lines(Oracle(confidence=confidence), [LineText("Изделия №50", "уп")])[0]
        for confidence in (SURE - 0.01, SURE)
    )
    assert (doubtful.category, doubtful.confidence, doubtful.pack_quantity) == (Category.OTHER, SURE - 0.01, None)
    assert (certain.category, certain.confidence, certain.pack_quantity) == (Category.GLOVES, SURE, 50)
    assert predict_lines(Oracle(label="of tomorrow"), [LineText("Изделия")])[0].confidence == 0


def test_a_failed_model_leaves_the_grammar_and_says_so():
    metrics = MemoryMetrics()
    found = predict_lines(Oracle(error=ModelFailed("broken")), [LineText("Крем 60 мл", "шт")], metrics=metrics)[0]
    assert (found.category, found.confidence, found.version) == (Category.OTHER, 0.0, RULES)
    assert (found.item_name, found.pack_quantity, found.is_pack_sure) == ("Крем", Decimal(60), True)
    assert [one.name for one in metrics.recorded] == [MODEL_FAILED]


def test_lines_are_asked_about_in_portions_and_answered_in_order():
    oracle, metrics = Oracle(confidence=SURE / 2), MemoryMetrics()
    found = predict_lines(oracle, [LineText(f"Крем {n} мл") for n in range(1, 41)], metrics=metrics)
    assert [one.pack_quantity for one in found] == list(range(1, 41))
    assert sum(oracle.asked) == 40
    assert max(oracle.asked) < 32
    counted = [one.name for one in metrics.recorded]
    assert counted.count(MODEL_CONFIDENCE) == counted.count(MODEL_DOUBT) == 40
    assert predict_lines(oracle, []) == ()


def test_a_brand_of_the_salons_own_list_is_found_in_any_alphabet():
    found = predict_lines(Oracle(), [LineText("Краска (КАМОН), 60 мл")], known_brands=["Другая", "KAMOH"])[0]
    assert found.brand == "KAMOH"


def test_the_setting_pins_the_version_that_answers(tmp_path):
    schema = {"name": SCHEMA.name, "version": SCHEMA.version}
    for version in ("1", "2"):
        write_model(tmp_path, MODEL, version, feature_schema=schema)
    pinned = InProcessInference(Registry(tmp_path, pinned={MODEL: "1"}))
    newest = InProcessInference(Registry(tmp_path))
    assert [predict_lines(port, [LineText("Крем")])[0].version for port in (pinned, newest)] == ["1", "2"]


def test_another_schema_is_refused_not_guessed(tmp_path):
    write_model(tmp_path, MODEL, "1", feature_schema={"name": SCHEMA.name, "version": SCHEMA.version + 1})
    found = predict_lines(InProcessInference(Registry(tmp_path)), [LineText("Крем")])[0]
    assert (found.version, found.confidence) == (RULES, 0.0)
