"""What an answer of the Graph API means for us (facts §4.6, §5.6, §6). Which code says what, each channel knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from salon.integrations.wire import dict_of, list_of, text_of, whole_of
from salon.messaging.domain import FailureClass
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)

_OK = 200
_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_BAD_GATEWAY = 502
_MEANT_BY_ANYBODY = (200, 413, 429)  # too large and too many are refused by the front server, with a page
_OPEN_OUTCOME = (200, 504)  # a success that cannot be read, a gateway that did not wait: it may have gone out
_USAGE_HEADER = "x-business-use-case-usage"
_LONGEST_WAIT_S = 86_400.0
NO_CODE = -1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a code.

    Attributes:
        after_s: seconds to wait, for RETRY, unless Meta says how many.
        is_least: even when Meta says fewer.
        whole_account: the account has to wait, not this chat alone.
        about: in our words, where Meta's say little.
    """

    failure: FailureClass
    after_s: float = 0.0
    whole_account: bool = False
    about: str = ""
    is_least: bool = False


RETRY = Verdict(FailureClass.RETRY)
RECIPIENT = Verdict(FailureClass.RECIPIENT)
WINDOW = Verdict(FailureClass.WINDOW)
REQUEST = Verdict(FailureClass.REQUEST)
ACCOUNT = Verdict(FailureClass.ACCOUNT)
POLICY = Verdict(FailureClass.ACCOUNT, about="policy: Meta has restricted the account")


@dataclass(frozen=True, slots=True)
class GraphError:
    """An `error` object, of an answer or of a status.

    Attributes:
        code: decides; `NO_CODE` where there is none, because 0 is one.
        subcode: 0 where there is none.
    """

    code: int
    subcode: int = 0
    message: str = ""
    is_transient: bool = False


Judge = Callable[[GraphError], Verdict | None]


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """The Graph API's answer, read tolerantly.

    Attributes:
        status: the HTTP status; 502 where something in between answered with a page.
        content: the object that came.
        error: the refusal; also of an answer that cannot be read.
        retry_after_s: seconds that Meta asks us to wait, 0 when it does not.
    """

    status: int
    content: dict[str, Any] = field(default_factory=dict, repr=False)
    error: GraphError | None = None
    retry_after_s: float = 0.0

    def failure(self, judge: Judge) -> DeliveryFailed:
        """The error that says what to do about it."""
        error = self.error or GraphError(NO_CODE, message="the answer cannot be read")
        verdict = self.verdict(judge)
        code = f"{error.code}/{error.subcode}" if error.subcode else str(error.code)
        reason = f"Meta answered {self.status}, code {code}: {error.message or 'no description'}"
        if verdict.about:
            reason = f"{reason} ({verdict.about})"
        match verdict.failure:
            case FailureClass.RETRY:
                asked = max(self.retry_after_s, verdict.after_s) if verdict.is_least else self.retry_after_s
                return RetryLater(
                    reason,
                    after_s=asked or verdict.after_s,
                    whole_account=verdict.whole_account,
                    maybe_sent=self.status in _OPEN_OUTCOME,
                )
            case FailureClass.RECIPIENT:
                return RecipientGone(reason)
            case FailureClass.WINDOW:
                return WindowClosed(reason)
            case FailureClass.ACCOUNT:
                return AccountRejected(reason)
            case FailureClass.REQUEST:
                return RequestRejected(reason)

    def verdict(self, judge: Judge) -> Verdict:
        """What to do: by the code where it is known, else by the HTTP status."""
        known = judge(self.error) if self.error else None
        if self.error and self.error.is_transient and (known is None or known.failure is not FailureClass.RETRY):
            return RETRY
        if known is not None:
            return known
        if self.status == _TOO_MANY_REQUESTS:
            return Verdict(FailureClass.RETRY, 1.0, whole_account=True)
        if self.status >= _SERVER_ERROR or self.status in _OPEN_OUTCOME:
            return RETRY
        return ACCOUNT if self.status == _UNAUTHORIZED else REQUEST


def read_answer(status: int, headers: Mapping[str, str], content: dict[str, Any] | None, *, token: str) -> GraphAnswer:
    """The answer in `content`; None stands for what something in between put in its place.

    Args:
        status: the HTTP status.
        headers: with lower-case names.
        content: the JSON object, or None.
        token: is taken out of what Meta says, which repeats a token that it finds malformed.
    """
    waiting = _asked_to_wait(headers)
    if content is None:
        # A firewall's page says nothing about us or the person.
        seen = status if status in _MEANT_BY_ANYBODY or status >= _SERVER_ERROR else _BAD_GATEWAY
        return GraphAnswer(
            seen, error=GraphError(NO_CODE, message="not an answer of the Graph API"), retry_after_s=waiting
        )
    if status == _OK and "error" not in content:
        return GraphAnswer(status, content)
    error = read_error(content.get("error"))
    if token:
        error = GraphError(error.code, error.subcode, error.message.replace(token, "…"), error.is_transient)
    return GraphAnswer(status, content, error, waiting)


def read_error(value: object) -> GraphError:
    """An `error` object, or one of a status's `errors`."""
    error = dict_of(value)
    details = text_of(dict_of(error.get("error_data")).get("details"), limit=200)
    said = text_of(error.get("message"), limit=300) or text_of(error.get("title"), limit=300)
    code = whole_of(error.get("code"))
    return GraphError(
        code=NO_CODE if code is None else code,
        subcode=whole_of(error.get("error_subcode")) or 0,
        message=f"{said}: {details}" if details and details not in said else said,
        is_transient=error.get("is_transient") is True,
    )


def _asked_to_wait(headers: Mapping[str, str]) -> float:
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return min(float(after), _LONGEST_WAIT_S)
    try:
        usage = dict_of(json.loads(headers.get(_USAGE_HEADER, "{}")))
    except (ValueError, RecursionError):
        return 0.0
    minutes = [
        whole_of(dict_of(row).get("estimated_time_to_regain_access")) or 0
        for rows in usage.values()
        for row in list_of(rows)
    ]
    return min(max(minutes, default=0) * 60.0, _LONGEST_WAIT_S)
