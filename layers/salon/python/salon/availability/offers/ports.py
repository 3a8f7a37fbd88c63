"""What offers need from the modules to their right."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from salon.platform.db import WriteSession


class RefreshHolds(Protocol):
    """Ends holds that have run out, so that their seats count as free; `booking.use_cases.expire_holds` is one."""

    def __call__(self, session: WriteSession, *, now: datetime) -> object:
        """End them."""
        ...
