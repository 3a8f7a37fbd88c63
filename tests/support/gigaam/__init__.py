"""Toy models with GigaAM's interface; `make.py` made them, and knows more of them."""

from pathlib import Path

FOLDER = Path(__file__).parent
LETTERS = " авзикмнртю"


def bin_of(letter: str) -> int:
    """The mel bin that a letter is heard in."""
    return 8 + 5 * LETTERS.index(letter)
