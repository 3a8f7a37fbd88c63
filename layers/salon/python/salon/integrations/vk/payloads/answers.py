"""What an answer of VK's means for us (facts §3.6 and §6). Errors come with HTTP 200."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salon.integrations.wire import dict_of, list_of, text_of, whole_of
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)

OK = 200
TOO_OFTEN, FLOOD, CAPTCHA, RATE_LIMIT, UNAVAILABLE = 6, 9, 14, 29, 43
# Seconds to wait, and whether every chat of the account has to: VK does not say for how long.
_RETRY: dict[int, tuple[float, bool]] = {
    1: (0.0, False),  # unknown error
    10: (0.0, False),  # internal error
    TOO_OFTEN: (1.0, True),  # more than 20 calls in this second
    FLOOD: (60.0, False),  # the same over and over
    CAPTCHA: (600.0, True),
    RATE_LIMIT: (300.0, True),  # the method's allowance is used up
    UNAVAILABLE: (60.0, True),
}
_ACCOUNT = frozenset({5, 7, 15, 20, 21, 27, 28, 203, 1117})
_RECIPIENT = frozenset({18, 900, 901, 902, 917, 922, 932, 935, 936, 945, 946, 962, 985})
_WINDOW = 950
_BAD_PARAMETER = 100
_NOT_EDITABLE = frozenset({15, 909, 920})  # not ours, too old, of a kind that cannot be
_FEATURE_OFF = 912
_TOO_MANY_SERVERS = 2000

_TOO_LARGE = 413
_TOO_MANY_REQUESTS = 429
_GATEWAY_TIMEOUT = 504
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """VK's answer, read tolerantly. `request_params`, which repeats what was sent, is not kept.

    Attributes:
        result: what the call gave; None for an error.
        code: VK's error, 0 for none, and for what was no answer of VK's at all.
        description: the error in VK's words; shown to developers, never to a client.
        status: the HTTP status.
        retry_after_s: what a `Retry-After` asks for.
    """

    result: Any = None
    code: int = 0
    description: str = ""
    status: int = OK
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return self.status == OK and self.code == 0 and self.result is not None

    @property
    def is_tap_gone(self) -> bool:
        """The tap was answered already, or is more than a minute old."""
        return self.code == _BAD_PARAMETER and "event_id" in self.description

    @property
    def is_edit_vain(self) -> bool:
        """The message is gone, or cannot be edited any more."""
        named = ("cmid" in self.description) or ("message_id" in self.description)
        return self.code in _NOT_EDITABLE or (self.code == _BAD_PARAMETER and named)

    @property
    def is_feature_off(self) -> bool:
        """«Возможности ботов» are switched off in the community."""
        return self.code == _FEATURE_OFF

    def failure(self) -> DeliveryFailed:
        """The error that says what to do about it."""
        if self.code == 0:
            return self._no_answer()
        reason = f"VK answered {self.code}: {self.description or 'no description'}"
        if self.code in _RETRY:
            after_s, whole_account = _RETRY[self.code]
            return RetryLater(reason, after_s=max(after_s, self.retry_after_s), whole_account=whole_account)
        if self.code in _ACCOUNT:
            return AccountRejected(reason)
        if self.code in _RECIPIENT:
            return RecipientGone(reason)
        if self.code == _WINDOW:
            return WindowClosed(reason)
        if self.code == _FEATURE_OFF:
            reason += " (switch on «Возможности ботов» in the community's settings of messages)"
        if self.code == _TOO_MANY_SERVERS:
            reason += " (a community has ten servers at most: delete one that is not used)"
        return RequestRejected(reason)

    def _no_answer(self) -> DeliveryFailed:
        """Something in between answered: a page in place of JSON never condemns anybody."""
        reason = f"HTTP {self.status}, and not an answer of VK's"
        if self.status == _TOO_LARGE:
            return RequestRejected(reason)
        if self.status == _TOO_MANY_REQUESTS:
            return RetryLater(reason, after_s=self.retry_after_s or TOO_OFTEN_S, whole_account=True)
        return RetryLater(reason, after_s=self.retry_after_s, maybe_sent=self.status in {OK, _GATEWAY_TIMEOUT})


TOO_OFTEN_S = _RETRY[TOO_OFTEN][0]


def read_answer(status: int, body: dict[str, Any] | None, *, retry_after: str = "") -> Answer:
    """The answer in `body`; None stands for a page that a proxy put in its place.

    Args:
        status: the HTTP status.
        body: the JSON object that came.
        retry_after: the header; seconds are understood, a date is not.
    """
    after_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6 else 0.0  # noqa: PLR2004 - a day has five digits of seconds
    error = dict_of(body.get("error")) if body is not None else {}
    code = whole_of(error.get("error_code"))
    if code:
        return Answer(code=code, description=_description(error), status=status, retry_after_s=after_s)
    result = body.get("response") if body is not None and status == OK else None
    return Answer(result=result, status=status, retry_after_s=after_s)


def read_sent(answer: Answer) -> Answer:
    """The outcome for the one recipient of `messages.send`, told within the answer's list.

    Returns:
        The same answer with the recipient's row as its result, or the recipient's own error.
    """
    if not answer.ok or not isinstance(answer.result, list):
        return answer
    row = dict_of(next(iter(list_of(answer.result)), None))
    error = dict_of(row.get("error"))
    code = whole_of(error.get("code")) or whole_of(error.get("error_code"))
    if code:
        return Answer(code=code, description=_description(error))
    return Answer(result=row or None)


def _description(error: dict[str, Any]) -> str:
    return text_of(error.get("error_msg"), limit=300) or text_of(error.get("description"), limit=300)
