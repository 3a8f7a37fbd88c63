"""The way back for what was given up: dead letters to their queue, parked rows to another round of attempts.

    python -m infra.tools.redrive --queue tx       # or mk, reminder, events, inbound, documents
    python -m infra.tools.redrive                  # every queue

Mend the cause first. Nothing is lost and nothing happens twice: a message names a row, and a row that is done stays
done. A dead letter of `documents` names a job and the failure that it tells of: the job begins again unless it moved
on since. `timer-dlq` needs no way back, the next tick does the work; nor does `voice-dlq`: whoever spoke was asked to
write.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from datetime import datetime

from infra.local.processes import LocalCloudError
from infra.tools import surroundings
from salon.messaging.use_cases.dead_letters import INBOUND, redrive_all
from salon.messaging.use_cases.dead_letters import QUEUES as NAMES
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.keys import list_tenants
from salon.platform.queue_messages import InboxRefMessage
from salon.platform.queues import Queue, redrive
from salon.platform.settings import DeadLetterQueueSettings, InboundQueueSettings
from salon.platform.settings_documents import DocumentQueueSettings
from salon.platform.wiring import open_database, outbox_queues
from salon.platform.wiring_light import queue

LIMIT = 10_000
DOCUMENTS = "documents"
CHOICES = (*NAMES, DOCUMENTS)


@dataclass(frozen=True)
class Returned:
    """How much one queue got back.

    Attributes:
        messages: dead letters moved.
        rows: parked rows opened again.
    """

    messages: int
    rows: int


def redrive_queue(name: str, *, dead: Queue, live: Queue, database: Database, now: datetime, limit: int) -> Returned:
    """Move the dead letters of a queue back and open the rows that were parked behind it, tenant by tenant."""
    messages = redrive(dead, live, limit=limit)
    if name == DOCUMENTS:  # nothing is parked behind it: jobs say themselves what they are
        return Returned(messages, 0)
    with database.without_tenant() as session:
        tenants = list_tenants(session)
    rows = 0
    for tenant_id in tenants:
        with database.transaction(tenant_id) as session:
            opened = redrive_all(session, name, now)
        rows += len(opened)
        if name == INBOUND and opened:
            messages_of = [InboxRefMessage(tenant_id=tenant_id, inbox_id=row) for row in opened]
            live.send_many([message.model_dump(mode="json") for message in messages_of])
    return Returned(messages, rows)


def _queues() -> dict[str, tuple[Queue, Queue]]:
    """Queue → its dead letters and itself."""
    dead = DeadLetterQueueSettings.load()
    live = {INBOUND: queue(InboundQueueSettings.load().inbound_queue_url)}
    live |= {name.value: target for name, target in outbox_queues().items()}
    live[DOCUMENTS] = queue(DocumentQueueSettings.load().documents_queue_url)
    return {name: (queue(getattr(dead, f"{name}_dlq_url")), live[name]) for name in CHOICES}


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.redrive", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queue", action="append", choices=CHOICES, help="may be given several times; default: all")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"most dead letters of a queue, default {LIMIT}")
    surroundings.add_options(parser)
    chosen = parser.parse_args(arguments)
    try:
        surroundings.enter(chosen)
        database, queues = open_database(), _queues()
        for name in chosen.queue or CHOICES:
            dead, live = queues[name]
            back = redrive_queue(
                name, dead=dead, live=live, database=database, now=SystemClock().now(), limit=chosen.limit
            )
            print(f"{name:<9} {back.messages} dead letters moved back, {back.rows} parked rows opened")
    except (LocalCloudError, SalonError) as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
