"""The lexicon: its parts fit together."""

import pytest

from salon.understanding.domain import Intent
from salon.understanding.errors import LexiconNotFound
from salon.understanding.grammar.vocabulary import CLASSES
from salon.understanding.repository import load_lexicon


def test_a_missing_lexicon_is_named(tmp_path):
    with pytest.raises(LexiconNotFound, match="lacks"):
        load_lexicon(tmp_path)


def test_the_lexicon_uses_known_classes_and_intents():
    lexicon = load_lexicon()
    assert load_lexicon() is lexicon
    assert set(lexicon.calendar["words"]) <= set(CLASSES)
    assert {name for _, name, _ in lexicon.calendar["phrases"]} <= set(CLASSES)
    assert set(lexicon.intents["intents"]) == {intent.value for intent in Intent} - {"other"}
    assert set(lexicon.services["modifiers"]) <= set(lexicon.services["concepts"])
