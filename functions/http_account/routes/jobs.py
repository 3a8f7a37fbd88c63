"""Watching jobs, and what came of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from schemas import JobOut, JobsOut, PageOut, ResultOut

from routes.counter import Counter
from salon.identity.access import Permission
from salon.identity.edge import Api, ReadCall, WriteCall, changes, reads
from salon.intake.documents.codec import to_json
from salon.intake.domain import Job, preview_key, shows_result
from salon.intake.errors import JobHasNoFile, JobNotFailed, JobNotFound, JobSuperseded, ResultClosed, ResultNotFound
from salon.intake.use_cases import jobs as intake
from salon.intake.use_cases.wording import reason_in_words
from salon.platform import correlation
from salon.platform.http import ApiResolver
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor


def add_jobs(resolver: ApiResolver, api: Api, counter: Counter) -> None:
    """Jobs and results."""
    _add_watching(resolver, api)

    @resolver.post(
        "/v1/jobs/<job_id>/retry",
        status_code=HTTPStatus.ACCEPTED,
        summary="Try a failed job again",
        tags=["documents"],
        responses=changes(JobNotFound, JobNotFailed, JobHasNoFile, JobSuperseded, status=HTTPStatus.ACCEPTED),
    )
    def post_retry(job_id: UUID) -> JobOut:
        with correlation.bind(job_id=job_id):
            with api.write(Permission.DOCUMENTS_UPLOAD) as call:
                tried = intake.retry_job(call.session, job_id, actor=call.actor, now=call.now)
                tenant_id, answer = (
                    call.principal.tenant_id,
                    call.answer(_out(call, intake.get_job(call.session, job_id))),
                )
            counter.nudge(tenant_id, tried)  # after the commit; when the queue is down, the sweep does it
            return answer

    @resolver.get(
        "/v1/results/<result_id>",
        summary="What a document says",
        description=(
            "With its prices: for whoever may see money, and for a day after the job's end for whoever handed it in."
        ),
        tags=["documents"],
        responses=reads(ResultNotFound, ResultClosed),
    )
    def get_result(result_id: UUID) -> ResultOut:
        with api.read(Permission.DOCUMENTS_UPLOAD) as call:
            may_see_money = call.principal.may(Permission.MONEY_READ)
            found = intake.show_result(
                call.session, result_id, actor=call.actor, may_see_money=may_see_money, now=call.now
            )
            seconds = counter.preview_url_s
            until = call.now + timedelta(seconds=seconds)
            bucket = counter.storage()
            pages = [
                PageOut(
                    page=page,
                    url=bucket.presigned_get(
                        preview_key(call.principal.tenant_id, found.job_id, page), expires_s=seconds
                    ),
                    expires_at=until,
                )
                for page in range(found.page_count)
            ]
            return ResultOut(
                id=found.id,
                job_id=found.job_id,
                document=to_json(found.document),
                predictions=found.predictions,
                model=found.model,
                model_version=found.model_version,
                pages=pages,
                created_at=found.created_at,
            )


def _add_watching(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/v1/jobs", summary="The latest jobs", tags=["documents"], responses=reads(CursorInvalid))
    def get_jobs(
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> JobsOut:
        with api.read(Permission.DOCUMENTS_UPLOAD) as call:
            before = decode_cursor(cursor, datetime)[1] if cursor else None
            found = intake.list_jobs(call.session, before_id=before, limit=limit + 1)
            page, last = found[:limit], found[limit - 1] if len(found) > limit else None
            return JobsOut(
                jobs=[_out(call, job) for job in page],
                next_cursor=None if last is None else encode_cursor(last.created_at, last.id),
            )

    @resolver.get("/v1/jobs/<job_id>", summary="How far a job is", tags=["documents"], responses=reads(JobNotFound))
    def get_job(job_id: UUID) -> JobOut:
        with correlation.bind(job_id=job_id), api.read(Permission.DOCUMENTS_UPLOAD) as call:
            return _out(call, intake.get_job(call.session, job_id))


def _out(call: ReadCall | WriteCall, job: Job) -> JobOut:
    may_see_money = call.principal.may(Permission.MONEY_READ)
    is_open = shows_result([job], call.actor, may_see_money=may_see_money, now=call.now)
    return JobOut.of(job, reason_in_words(job.reason_code), is_open=is_open)
