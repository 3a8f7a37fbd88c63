"""Where the shared data are found, and what people read."""

from __future__ import annotations

import re

import pytest
from fluent.syntax import FluentParser, ast

from salon.platform.shared_data import SharedDataMissing, shared_path
from salon.platform.texts import TextMissing, TextUnusable, check_changes, texts, tones, wordings


def test_data_packed_with_the_layer_go_first(tmp_path):
    code = tmp_path / "python" / "salon" / "platform" / "shared_data.py"
    shared = tmp_path / "shared" / "texts"
    shared.mkdir(parents=True)
    assert shared_path("texts", code) == shared

    packed = tmp_path / "python" / "salon_data" / "lexicon"
    packed.mkdir(parents=True)
    assert shared_path("lexicon", code) == packed

    with pytest.raises(SharedDataMissing, match="models"):
        shared_path("models", code)


def test_plural_forms_and_arguments():
    said = texts("ru")

    assert said.say("duration-hours", hours=1, minutes=0) == "1 ч"
    assert said.say("duration-hours", hours=1, minutes=30) == "1 ч 30 мин"


def test_what_is_missing_is_named():
    with pytest.raises(TextMissing, match="no-such-text"):
        texts("ru").say("no-such-text")
    with pytest.raises(TextMissing, match="price-from"):
        texts("ru").say("price-from")


def test_a_locale_we_do_not_have_speaks_russian():
    assert texts("tt").say("menu-book") == "Записаться"


def test_every_text_in_the_code_is_in_the_files():
    source = shared_path("texts").parents[1] / "layers" / "salon" / "python" / "salon" / "messaging"
    used = set()
    for file in source.rglob("*.py"):
        code = file.read_text("utf-8")
        used |= set(re.findall(r"""(?:say|_label)\((?:talk, )?"([a-z-]+)\"""", code))
    files = (shared_path("texts") / "ru").glob("*.ftl")
    known = set(re.findall(r"^([a-z-]+) =", "".join(file.read_text("utf-8") for file in files), flags=re.MULTILINE))

    assert len(used) > 30
    assert used <= known


def named_in(locale):
    source = "".join(file.read_text("utf-8") for file in sorted((shared_path("texts") / locale).glob("*.ftl")))
    entries = [entry for entry in FluentParser().parse(source).body if not isinstance(entry, ast.BaseComment)]
    assert not [entry for entry in entries if isinstance(entry, ast.Junk)]
    found = {}
    for entry in entries:
        assert entry.id.name not in found, f"{entry.id.name} is said twice"
        found[entry.id.name] = set(re.findall(r"\{ *\$([a-z-]+)", source[entry.span.start : entry.span.end]))
    return found


def test_english_says_all_that_russian_says_and_asks_for_nothing_else():
    russian, english = named_in("ru"), named_in("en")

    assert english.keys() == russian.keys()
    assert {name: asked - russian[name] for name, asked in english.items() if asked - russian[name]} == {}


@pytest.mark.parametrize("file", sorted(shared_path("texts").glob("*/tones/*.ftl")), ids=lambda file: file.stem)
def test_a_tone_says_known_texts_with_what_they_are_given(file):
    known = named_in(file.parents[1].name)
    for entry in FluentParser().parse(file.read_text("utf-8")).body:
        if not isinstance(entry, ast.BaseComment):
            assert set(re.findall(r"\{ *\$([a-z-]+)", texts_of(file, entry))) <= known[entry.id.name]


def texts_of(file, entry):
    return file.read_text("utf-8")[entry.span.start : entry.span.end]


class TestOwnWording:
    def test_a_salon_says_a_text_its_own_way(self):
        changes = check_changes("ru", {"thanks": "На здоровье!", "price-from": "всего от { $price }"})
        said = texts("ru", changes=changes)

        assert said.say("thanks") == "На здоровье!"
        assert said.say("price-from", price="1 ₽") == "всего от 1 ₽"
        assert said.say("menu-book") == texts("ru").say("menu-book")
        assert texts("ru").say("thanks") != "На здоровье!"

    def test_a_tone_is_over_the_files_and_under_the_salons_own(self):
        assert texts("ru", tone="friendly").say("greeting-short").startswith("Привет")
        own = texts("ru", tone="friendly", changes=(("greeting-short", "Да?"),))
        assert own.say("greeting-short") == "Да?"
        assert texts("ru", tone="no-such-tone").say("greeting-short") == texts("ru").say("greeting-short")
        assert tones()[0] == "plain"

    @pytest.mark.parametrize(
        ("text_id", "wording"),
        [
            ("no-such-text", "x"),
            ("thanks", "{ $price }"),  # not given to this text
            ("thanks", "{ booked }"),
            ("thanks", "{ ouch"),
            ("thanks", "{ NUMBER($price) }"),
            ("thanks", ".attribute = x"),
            ("thanks", "   "),
            ("thanks", "я" * 1501),
        ],
    )
    def test_what_could_not_be_said_is_refused(self, text_id, wording):
        with pytest.raises(TextUnusable, match=text_id):
            check_changes("ru", {text_id: wording})

    def test_a_wording_cannot_begin_another_text(self):
        changes = check_changes("ru", {"thanks": "Да\nbooked = обманула"})
        assert texts("ru", changes=changes).say("thanks") == "Да\nbooked = обманула"
        with pytest.raises(TextMissing):
            texts("ru", changes=changes).say("booked")

    def test_every_text_can_be_read_before_it_is_changed(self):
        known = wordings("ru")
        assert known["offer-button"] == "{ $day }, { $time } · { $staff }"
        assert wordings("en").keys() == known.keys()
