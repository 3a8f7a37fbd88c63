"""Where the shared data are found, and what people read."""

from __future__ import annotations

import re

import pytest

from salon.platform.shared_data import SharedDataMissing, shared_path
from salon.platform.texts import TextMissing, texts


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
