"""What every thing of the catalogue has: a name."""

from __future__ import annotations

from salon.platform.errors import Invalid


def require_name(name: str) -> None:
    """Refuse a name of nothing but blanks.

    Raises:
        Invalid: it is one.
    """
    if not name.strip():
        raise Invalid("A name is needed.")
