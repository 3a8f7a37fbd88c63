"""What was given up, and another try for it: rows of the inbox and the outbox, by ids and words of ours only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query

from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.messaging.use_cases import dead_letters
from salon.messaging.use_cases.dead_letters import DeadLetter
from salon.platform.errors import NotFound
from salon.platform.http import ApiResolver
from salon.platform.pagination import MAX_CURSOR_CHARS, CursorInvalid, decode_cursor, encode_cursor
from staff_api.common import Count, Done, Page

ALL = "/admin/v1/dead-letters"
ONE = f"{ALL}/<row_id>"
QueueName = Literal["inbound", "tx", "mk", "reminder", "events"]


def add_dead_letter_routes(resolver: ApiResolver, api: Api) -> None:
    """`/dead-letters`."""

    @resolver.get(ALL, tags=["operations"], responses=reads(CursorInvalid))
    def list_dead_letters(
        queue: Annotated[QueueName | None, Query()] = None,
        cursor: Annotated[
            str | None, Query(max_length=MAX_CURSOR_CHARS, description="`next_cursor` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[DeadLetter]:
        before = decode_cursor(cursor, datetime) if cursor is not None else None
        with api.read(Permission.OPERATIONS) as call:
            found = dead_letters.list_dead_letters(call.session, limit=limit + 1, before=before, queue=queue)
            shown = found[:limit]
            return Page(
                items=shown,
                next_cursor=encode_cursor(shown[-1].parked_at, shown[-1].id) if len(found) > limit else None,
            )

    @resolver.post(f"{ONE}/redrive", tags=["operations"], responses=changes(NotFound))
    def redrive_one(row_id: UUID) -> Done:
        with api.write(Permission.OPERATIONS) as call:
            dead_letters.redrive_row(call.session, row_id, call.now)
            return call.answer(Done())

    @resolver.post(f"{ALL}/redrive", tags=["operations"], responses=changes())
    def redrive_all(queue: Annotated[QueueName, Query()]) -> Count:
        with api.write(Permission.OPERATIONS) as call:
            return call.answer(Count(count=len(dead_letters.redrive_all(call.session, queue, call.now))))
