"""The runtime's context of one call, with the same fields on both clouds (facts/yandex.md §1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from salon.platform.ids import new_id

DEFAULT_REMAINING_MS = 30_000
ENOUGH_MS = 12_000
"""What one piece of work takes at most: a call of a provider that times out after 10 s, and two transactions. Only a
file that is uploaded may take longer; should the runtime kill that, the row's lease outlasts the function."""


@dataclass(frozen=True, slots=True)
class InvocationContext:
    """The runtime's context with the same fields on both clouds.

    Attributes:
        iam_token: Yandex's short-lived token of the function's service account; never logged.
    """

    aws_request_id: str
    function_name: str
    function_version: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    log_group_name: str
    log_stream_name: str
    iam_token: str | None = field(default=None, repr=False)
    remaining: Callable[[], int] = field(default=lambda: DEFAULT_REMAINING_MS, repr=False)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the runtime ends this call."""
        return int(self.remaining())

    @classmethod
    def of(cls, context: object) -> InvocationContext:
        """Wrap what the runtime gave; whatever it lacks gets a harmless value."""
        if isinstance(context, cls):
            return context
        request_id = getattr(context, "aws_request_id", None) or getattr(context, "request_id", None)
        name = str(getattr(context, "function_name", None) or "unknown")
        token = getattr(context, "token", None)
        try:
            memory = int(getattr(context, "memory_limit_in_mb", None) or 0)
        except (TypeError, ValueError):
            memory = 0
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        return cls(
            aws_request_id=str(request_id or new_id()),
            function_name=name,
            function_version=str(getattr(context, "function_version", None) or "$LATEST"),
            memory_limit_in_mb=memory,
            invoked_function_arn=str(getattr(context, "invoked_function_arn", None) or name),
            log_group_name=str(getattr(context, "log_group_name", None) or ""),
            log_stream_name=str(getattr(context, "log_stream_name", None) or ""),
            iam_token=str(token["access_token"]) if isinstance(token, Mapping) and "access_token" in token else None,
            remaining=remaining if callable(remaining) else lambda: DEFAULT_REMAINING_MS,
        )


invocation_var: ContextVar[InvocationContext | None] = ContextVar("salon_invocation", default=None)


def has_time() -> bool:
    """Whether the call at hand lasts long enough to begin one more piece of work; outside an entry point it does."""
    invocation = invocation_var.get()
    return invocation is None or invocation.get_remaining_time_in_millis() >= ENOUGH_MS


def current_invocation() -> InvocationContext | None:
    """The context of the call at hand; None outside an entry point."""
    return invocation_var.get()
