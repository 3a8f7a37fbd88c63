"""Handing a document in: by a form that leads into the bucket, or in the request itself. Nothing is read here."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from pydantic import ValidationError
from schemas import UploadIn, UploadOut

from routes.counter import Counter
from salon.identity.access import Permission
from salon.identity.edge import Api, changes
from salon.intake.domain import FILE_TYPES, NewUpload, UploadSource, check_file
from salon.intake.errors import FileEmpty, FileTooLarge, FileTypeNotTaken
from salon.intake.use_cases.uploads import announce_upload
from salon.platform.http import ApiResolver
from salon.platform.http_events import BodyTooLarge
from salon.platform.http_json import strict_json
from salon.platform.http_request import current_request

JSON = "application/json"
MAX_JSON_BYTES = 20_000
NAME_HEADER = "x-file-name"
MAX_NAME_CHARS = 255
_BODY: dict[str, Any] = {
    "x-request-body": {
        "description": "What is said of a file that a form is wanted for; or the file itself, if it is small.",
        "content": {
            JSON: {"schema": UploadIn.model_json_schema()},
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILE_TYPES},
        },
    },
    "x-headers": {"X-File-Name": "Of a file in the request itself: its name, percent-encoded UTF-8."},
}


def add_uploads(resolver: ApiResolver, api: Api, counter: Counter) -> None:
    """The one way in."""
    lasts = timedelta(minutes=counter.settings.upload_form_minutes)

    @resolver.post(
        "/v1/uploads",
        status_code=HTTPStatus.ACCEPTED,
        summary="Hand a document in",
        description=(
            "Answers at once with a job. As JSON: a form by which the file goes straight into the bucket, good for one"
            " file of that type and at most that size. Or the file itself as the body, of its own content type, if it"
            " is small. The same file twice is one job."
        ),
        tags=["documents"],
        responses=changes(FileTypeNotTaken, FileTooLarge, FileEmpty, status=HTTPStatus.ACCEPTED),
        openapi_extensions=_BODY,
    )
    def post_upload() -> UploadOut:
        kind = current_request().headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in FILE_TYPES:
            return take_file(kind)
        if kind not in {"", JSON}:
            raise RequestUnsupportedContentType(f"{JSON}, or one of the file types", [])
        return expect_file(_announced(current_request().body))

    def expect_file(body: UploadIn) -> UploadOut:
        with api.write(Permission.DOCUMENTS_UPLOAD) as call:
            check_file(body.content_type, body.size, max_bytes=counter.settings.upload_max_bytes)
            new = NewUpload(
                file_name=body.file_name,
                content_type=body.content_type,
                size_bytes=body.size,
                sha256=body.sha256,
                source=UploadSource.FORM,
            )
            announced = announce_upload(call.session, new, actor=call.actor, now=call.now, lasts=lasts)
            form = counter.storage().presigned_post(
                announced.key,
                content_type=body.content_type,
                max_bytes=body.size,
                expires_s=round(lasts.total_seconds()),
            )
            return call.answer(UploadOut.of(announced, form))

    def take_file(kind: str) -> UploadOut:
        request = current_request()
        with api.write(Permission.DOCUMENTS_UPLOAD) as call:
            if not request.body:
                raise FileEmpty
            check_file(kind, len(request.body), max_bytes=counter.settings.upload_direct_max_bytes)
            name = unquote(request.headers.get(NAME_HEADER, ""))[:MAX_NAME_CHARS].replace("\x00", "")
            new = NewUpload(file_name=name, content_type=kind, size_bytes=len(request.body), source=UploadSource.DIRECT)
            announced = announce_upload(call.session, new, actor=call.actor, now=call.now, lasts=lasts)
            # Before the commit: a file that cannot be stored is answered with a fault, and a repeat tries again. Should
            # the arrival be told before the commit, whoever notes it waits for this transaction's row.
            counter.storage().put(announced.key, request.body, content_type=kind)
            return call.answer(UploadOut.of(announced, None))


def _announced(body: bytes) -> UploadIn:
    """The body as it was validated anywhere else."""
    if len(body) > MAX_JSON_BYTES:
        raise BodyTooLarge(f"What is said of a file has at most {MAX_JSON_BYTES} bytes.")
    try:
        return UploadIn.model_validate(strict_json(body))
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    except ValueError:
        wrong = {"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error"}
        raise RequestValidationError([wrong]) from None
