"""JSON as the APIs take it."""

from __future__ import annotations

import json
import re
from typing import Any


def strict_json(text: str | bytes) -> Any:
    """JSON as RFC 8259 has it, without what PostgreSQL cannot store (NUL, lone surrogates); anything else is 422.

    Raises:
        json.JSONDecodeError: for all of it, nesting and numbers beyond all measure included.
    """
    source = text.decode() if isinstance(text, bytes) else text
    try:
        value = json.loads(source, parse_constant=_no_constant)
        if _ESCAPED.search(source):
            _refuse_unstorable(json.dumps(value, ensure_ascii=False))
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):
        raise json.JSONDecodeError("Not acceptable JSON", "", 0) from None
    return value


_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _refuse_unstorable(text: str) -> None:
    text.encode()  # raises at a lone surrogate
    if _NUL.search(text):
        raise ValueError("NUL")


def _no_constant(name: str) -> None:
    raise ValueError(name)
