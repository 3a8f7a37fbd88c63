"""Whether a name can be seen. Every check of a name asks here: `strip` takes off blanks alone.

Zero-width characters, directions of writing, joiners and fillers leave nothing on the page: a supplier called by them
could not be chosen, and two of them could not be told apart.
"""

from __future__ import annotations

import unicodedata

# Letters and symbols by their category, and blank all the same: Hangul's fillers and Braille's empty cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_visible(name: str) -> bool:
    """Whether anything of it is seen: a letter, a digit, punctuation or a sign.

    Blanks (Z), controls, formats, surrogates and unassigned characters (C), and marks that stand on nothing (M) are
    not; the categories are those of Unicode Standard Annex 44, §5.7.1.
    """
    return any(unicodedata.category(sign)[0] not in "ZCM" and sign not in _BLANK for sign in name)
