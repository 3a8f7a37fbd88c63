"""A request as a dialect reads it, and what it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from salon.integrations.fakes.faults import Part


@dataclass(slots=True)
class Answer:
    """What a provider answers; `value` is the JSON that it was made of, for the record."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    value: Any = None

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        """An answer of JSON; underscores in the headers' names are hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), headers=named, value=value)

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/plain") -> Answer:
        """An answer of text."""
        return cls(status, text.encode(), content_type)


class ApiRefusal(Exception):
    """A dialect refuses a call while it carries it out."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"refused with {answer.status}")
        self.answer = answer


@dataclass(slots=True)
class Request:
    """A request to the fake; header names in lower case, the path unquoted and without its query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def bearer(self) -> str:
        """The token of an `Authorization: Bearer …`."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def params(self) -> dict[str, Any]:
        """The query, and above it the body when it is JSON or a form; `parts` has a form's files.

        Raises:
            ValueError, RecursionError: the body is not what its type says.
        """
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            value = json.loads(self.body or b"{}")
            if not isinstance(value, dict):
                raise ValueError("object expected")
            return {**self.query, **value}
        if kind.startswith("multipart/form-data"):
            return {**self.query, **{name: part for name, part in self._form() if isinstance(part, str)}}
        return {**self.query, **dict(parse_qsl(self.body.decode(), keep_blank_values=True))}

    def parts(self) -> dict[str, Part]:
        """The files of a multipart form, by field."""
        if not self.headers.get("content-type", "").startswith("multipart/form-data"):
            return {}
        return {name: part for name, part in self._form() if isinstance(part, Part)}

    def _form(self) -> list[tuple[str, str | Part]]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        found: list[tuple[str, str | Part]] = []
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True) or b""
            data = content if isinstance(content, bytes) else b""
            file_name = part.get_filename()
            found.append((name, data.decode() if file_name is None else Part(file_name, part.get_content_type(), data)))
        return found
