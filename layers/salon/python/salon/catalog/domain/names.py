"""What every thing of the catalogue has: a name, and texts about it.

The lengths are those of a salon's file, so that whatever is stored goes out as a file and comes in elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from salon.platform.errors import Invalid
from salon.platform.names import is_visible

MAX_NAME_CHARS = 200
MAX_TEXT_CHARS = 1_000
MAX_PHONE_CHARS = 50
MAX_GRADE_CHARS = 100
MAX_KEY_CHARS = 220  # what the parts of a file call each other: a name, and what tells it from another
MAX_SYNONYMS = 50


def require_name(name: str) -> None:
    """Refuse a name of which nothing can be seen, and one that is too long.

    Raises:
        Invalid: it is one.
    """
    if not is_visible(name):
        raise Invalid("A name is needed.")
    require_short(name)


def require_short(*texts: str, most: int = MAX_NAME_CHARS) -> None:
    """Refuse texts of more than `most` characters.

    Raises:
        Invalid: one of them is longer.
    """
    if any(len(text) > most for text in texts):
        raise Invalid(f"At most {most} characters.")


def require_grade(grade: str | None) -> None:
    """Refuse a grade that is given and empty, or too long; None is no grade.

    Raises:
        Invalid: it is one.
    """
    if grade is not None and not 1 <= len(grade) <= MAX_GRADE_CHARS:
        raise Invalid(f"A grade has 1 to {MAX_GRADE_CHARS} characters.")


def require_synonyms(synonyms: Sequence[str]) -> None:
    """Refuse too many other words, and empty or too long ones.

    Raises:
        Invalid: there are such.
    """
    if len(synonyms) > MAX_SYNONYMS:
        raise Invalid(f"At most {MAX_SYNONYMS} synonyms.")
    for word in synonyms:
        require_name(word)
