"""A file from what somebody uploaded; problems are told by their place in it, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from salon.availability.salon_file.errors import SalonFileInvalid
from salon.availability.salon_file.schemas import SalonFile


def read_salon_file(content: str | bytes | Mapping[str, Any]) -> SalonFile:
    """The file of these bytes or values.

    Raises:
        SalonFileInvalid: naming each place that is wrong.
    """
    data: Any = content
    if isinstance(content, str | bytes):
        try:
            data = json.loads(content)
        except ValueError as error:  # bytes that are no text are a ValueError too
            raise SalonFileInvalid([f"This is not JSON: {error}."]) from error
    try:
        return SalonFile.model_validate(data)
    except ValidationError as error:
        problems = [f"{place(data, one['loc'])}: {_message(one['msg'])}" for one in error.errors(include_url=False)]
        raise SalonFileInvalid(problems) from error


def place(data: Any, location: Sequence[int | str]) -> str:
    """A place in words: «staff 4 «Анна», shifts 2, from».

    Args:
        data: the file as JSON values.
        location: keys and indices from the outside in.
    """
    words: list[str] = []
    for step in location:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list | tuple) and step < len(data) else None
            words[-1:] = [f"{words[-1] if words else ''} {step + 1}{_called(data)}".strip()]
        else:
            data = data.get(step) if isinstance(data, Mapping) else None
            if step != "[key]":
                words.append(step.replace("_", " "))
    return ", ".join(words) or "the file"


def _called(thing: Any) -> str:
    name = (thing.get("key") or thing.get("name")) if isinstance(thing, Mapping) else None
    return f" «{name}»" if isinstance(name, str) else ""


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
