"""Where the lexicon is found, and that its parts fit together."""

import pytest

from salon.understanding.domain import Intent
from salon.understanding.errors import LexiconNotFound
from salon.understanding.grammar.tokens import CLASSES
from salon.understanding.repository import find_lexicon, load_lexicon


def test_the_copy_beside_the_layer_wins(tmp_path):
    code = tmp_path / "python" / "salon" / "understanding" / "repository.py"
    shared = tmp_path / "shared" / "lexicon"
    (shared / "ru").mkdir(parents=True)
    assert find_lexicon(code) == shared
    beside = tmp_path / "python" / "salon_data" / "lexicon"
    (beside / "ru").mkdir(parents=True)
    assert find_lexicon(code) == beside


def test_a_missing_lexicon_is_named(tmp_path):
    with pytest.raises(LexiconNotFound):
        find_lexicon(tmp_path / "python" / "salon" / "understanding" / "repository.py")
    with pytest.raises(LexiconNotFound, match="lacks"):
        load_lexicon(tmp_path)


def test_the_lexicon_uses_known_classes_and_intents():
    lexicon = load_lexicon()
    assert load_lexicon() is lexicon
    assert set(lexicon.calendar["words"]) <= set(CLASSES)
    assert {name for _, name, _ in lexicon.calendar["phrases"]} <= set(CLASSES)
    assert set(lexicon.intents["intents"]) == {intent.value for intent in Intent} - {"other"}
    assert set(lexicon.services["modifiers"]) <= set(lexicon.services["concepts"])
