"""What one call is known by: the ids that tie its log lines, its queue messages and its answers together.

Held in a ContextVar, so that nobody passes it from hand to hand. Ids only; never personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from salon.platform.ids import new_id

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True, slots=True)
class Correlation:
    """The ids of the call at hand.

    Attributes:
        correlation_id: the same in everything that one request from outside set off.
        tenant_id: whose data the call works on, once known.
        job_id: the job that is worked on, or asked about.
    """

    correlation_id: str
    tenant_id: str | None = None
    job_id: str | None = None


_current: ContextVar[Correlation | None] = ContextVar("salon_correlation", default=None)


def current() -> Correlation | None:
    """The ids of the call at hand; None outside any call."""
    return _current.get()


def accepted_or_new(offered: object) -> str:
    """`offered` when it is a well-formed id, else a new one.

    An id from outside ends up in our logs, messages and answers: 8 to 64 of letters, digits, dot, dash, underscore.
    """
    if isinstance(offered, str) and _WELL_FORMED.fullmatch(offered):
        return offered
    return str(new_id())


@contextmanager
def bind(
    *,
    correlation_id: str | UUID | None = None,
    tenant_id: str | UUID | None = None,
    job_id: str | UUID | None = None,
) -> Iterator[Correlation]:
    """Set the ids for the block. What is not given is inherited from around it; a missing correlation id is made.

    Args:
        correlation_id: an id from outside is checked; one that is not well-formed is replaced by a new one.
        tenant_id: the tenant, as soon as it is known.
        job_id: the job, while it is worked on or asked about.
    """
    around = _current.get()
    if correlation_id is not None:
        used = accepted_or_new(str(correlation_id))
    else:
        used = around.correlation_id if around else accepted_or_new(None)
    tenant, job = (around.tenant_id, around.job_id) if around else (None, None)
    bound = Correlation(
        used,
        str(tenant_id) if tenant_id is not None else tenant,
        str(job_id) if job_id is not None else job,
    )
    token = _current.set(bound)
    try:
        yield bound
    finally:
        _current.reset(token)


def current_id() -> str | None:
    """The correlation id of the call at hand, as it is stored on rows; None outside any call."""
    around = _current.get()
    return around.correlation_id if around else None
