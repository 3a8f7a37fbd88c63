"""What proves that Latin letters were meant as Russian in this salon: its services, its staff, known concepts."""

from collections.abc import Callable
from functools import lru_cache

from salon.understanding.catalogue_index import index_of
from salon.understanding.concepts import MIN_STEM, concept_of, sound_of, sounding_concept, stem_of
from salon.understanding.domain import Catalogue
from salon.understanding.repository import Lexicon
from salon.understanding.staff import staff_words

_MIN_WORD = 3


@lru_cache(maxsize=64)
def salon_words(catalogue: Catalogue, lexicon: Lexicon) -> Callable[[str], bool]:
    """Return the test whether a word is one of the salon's, or of any salon's."""
    names = staff_words(catalogue, lexicon)
    stems = frozenset(sound for _, sound in index_of(catalogue, lexicon).plain)
    plain = tuple(sound for _, sound in index_of(catalogue, lexicon).plain if len(sound) >= MIN_STEM)

    def is_word(word: str) -> bool:
        if word in names or sound_of(stem_of(word)) in stems:
            return True
        if len(word) < _MIN_WORD:
            return False
        if concept_of(word, lexicon) is not None:
            return True
        return len(word) >= MIN_STEM and (
            sound_of(word).startswith(plain) or sounding_concept(word, lexicon) is not None
        )

    return is_word
