"""What an answer of MAX's means for us (facts §2.7 and §6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salon.integrations.wire import text_of
from salon.messaging.errors import AccountRejected, DeliveryFailed, RecipientGone, RequestRejected, RetryLater

PAUSE_S = 1.0
"""Seconds that a 429 asks for without saying so; whoever repeats makes them more and more (facts §2.7)."""
NOT_READY_PAUSE_S = 8.0
_NOT_READY = ("attachment.not.ready", "file.not.processed")
_BAD_TOKEN = ("verify.token", "deprecated.token")
_GONE = ("chat.denied", "dialog.suspended", "dialog.notfound", "not.found")
_EDIT_VAIN = ("not found", "not.found", "deleted", "edit.invalid", "too old")
_PAYLOAD = "proto.payload"

_OK, _REDIRECTION = 200, 300
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_FORBIDDEN, _NOT_FOUND = 403, 404
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_BAD_GATEWAY = 502
_MEANT_BY_ANYBODY = (401, 413, 415, 429)  # what a front server says with a page in place of JSON, and means
# A success that cannot be read, or a gateway that did not wait for the end: the message may have gone out.
_OPEN_OUTCOME = (200, 504)


@dataclass(frozen=True, slots=True)
class Answer:
    """MAX's answer, read tolerantly.

    Attributes:
        ok: carried out; `result` is what it gave.
        status: the HTTP status; 502 for a page that stands in place of an answer and means nothing.
        code: MAX's word for the error.
        description: the error in MAX's words; shown to developers, never to a client.
        after_s: seconds to wait, where a header asked for them.
        is_page: no JSON came.
    """

    ok: bool
    status: int
    result: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    description: str = ""
    after_s: float | None = None
    is_page: bool = False

    @property
    def is_not_ready(self) -> bool:
        """The file that was uploaded is still being digested: the same call has success a little later."""
        return self.status == _BAD_REQUEST and self._says(_NOT_READY)

    @property
    def is_edit_vain(self) -> bool:
        """There is nothing to edit any more, or it is too late to."""
        return self.status in {_OK, _BAD_REQUEST, _NOT_FOUND} and not self.ok and self._says(_EDIT_VAIN)

    @property
    def is_tap_gone(self) -> bool:
        """The tap was answered before, or too long ago."""
        return self.status == _NOT_FOUND or (self.status == _BAD_REQUEST and self.code != _PAYLOAD)

    def failure(self) -> DeliveryFailed:
        """The error that says what to do about it."""
        said = " ".join(part for part in (self.code, self.description) if part)
        reason = f"MAX answered {self.status}: {said or 'no description'}"
        if self.status == _TOO_MANY_REQUESTS:
            return RetryLater(reason, after_s=PAUSE_S if self.after_s is None else self.after_s, whole_account=True)
        if self.is_not_ready:
            return RetryLater(reason, after_s=NOT_READY_PAUSE_S)
        if self.status == _UNAUTHORIZED or self.code in _BAD_TOKEN:
            return AccountRejected(reason)
        if self.status in {_FORBIDDEN, _NOT_FOUND} and self._says(_GONE):
            return RecipientGone(reason)
        if self.status >= _SERVER_ERROR or (self.is_page and self.status in _OPEN_OUTCOME):
            return RetryLater(reason, maybe_sent=self.status in _OPEN_OUTCOME)
        return RequestRejected(reason)

    def _says(self, phrases: tuple[str, ...]) -> bool:
        said = f"{self.code} {self.description}".lower()
        return any(phrase in said for phrase in phrases)


def read_answer(status: int, body: dict[str, Any] | None, *, retry_after: str = "") -> Answer:
    """The answer in `body`; None stands for what a proxy put in its place.

    Args:
        status: of HTTP.
        body: the JSON object, if it was one.
        retry_after: the header of that name; MAX documents none.
    """
    after_s = float(retry_after[:9]) if retry_after.isascii() and retry_after.isdigit() else None
    if body is None:
        # A page in place of JSON comes from something in between: a firewall's 403 says nothing about the person.
        means_it = status in _MEANT_BY_ANYBODY or status in _OPEN_OUTCOME or status >= _SERVER_ERROR
        return Answer(ok=False, status=status if means_it else _BAD_GATEWAY, after_s=after_s, is_page=True)
    code, said = text_of(body.get("code"), limit=100), text_of(body.get("message"), limit=300)
    is_carried_out = _OK <= status < _REDIRECTION
    if is_carried_out and body.get("success") is not False and not code:
        return Answer(ok=True, status=status, result=body)
    return Answer(ok=False, status=status, code=code, description=said, after_s=after_s)
