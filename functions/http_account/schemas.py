"""The account API on the wire. Instants are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from salon.identity.accounts.use_cases.entering import SignedIn
from salon.intake.domain import Announced, Job
from salon.platform.storage import UploadForm

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Email = Annotated[str, Field(min_length=3, max_length=254)]
Password = Annotated[str, Field(min_length=1, max_length=200, description="At least 10 characters.")]


class Wire(BaseModel):
    """Base of what comes in: what is not known here is a mistake, and told."""

    model_config = ConfigDict(extra="forbid")


class SignUpIn(Wire):
    """A new business and its owner."""

    business: Name
    name: Name
    email: Email
    password: Password


class LogInIn(Wire):
    """Somebody who has a password."""

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=200)]


class InvitationIn(Wire):
    """Who is to get a password, and by which e-mail they will sign in."""

    user_id: UUID
    email: Email


class InvitationOut(BaseModel):
    """An invitation: hand the token over, it is shown only now."""

    id: UUID
    user_id: UUID
    token: str
    expires_at: datetime


class AcceptIn(Wire):
    """An invitation that is taken, and the password that is chosen."""

    token: str = Field(min_length=1, max_length=200)
    password: Password


class PasswordIn(Wire):
    """Another password."""

    password: Annotated[str, Field(min_length=1, max_length=200, description="The present one.")]
    new_password: Password


class SignedInOut(BaseModel):
    """A session of the console. Its tokens are renewed at `/v1/sessions/renew`."""

    tenant_id: UUID
    user_id: UUID
    role: str
    access_token: str = Field(description="Goes with every request: Authorization: Bearer …")
    access_expires_at: datetime
    renewal_token: str = Field(description="Good for new access tokens until the session ends.")
    session_expires_at: datetime

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """Whoever was let in."""
        issued = signed_in.tokens
        return cls(
            tenant_id=signed_in.tenant_id,
            user_id=signed_in.user.id,
            role=signed_in.user.role.value,
            access_token=issued.access_token,
            access_expires_at=issued.access_expires_at,
            renewal_token=issued.renewal_token,
            session_expires_at=issued.session_expires_at,
        )


class DoneOut(BaseModel):
    """It is done."""

    done: bool = True


class AccountOut(BaseModel):
    """Who asks."""

    tenant_id: UUID
    business: str
    locale: str
    user_id: UUID
    name: str
    email: str | None = Field(description="What they sign in with; null for somebody without a password.")
    role: str
    staff_id: UUID | None
    permissions: list[str]


class UploadIn(Wire):
    """A file that is about to be sent."""

    file_name: str = Field(max_length=255, description="As a person calls it.")
    content_type: str = Field(max_length=100, description="JPEG, PNG, HEIC, WebP, TIFF, PDF or XML.")
    size: int = Field(ge=1, strict=True, description="Bytes.")
    sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="Of the contents: other contents are refused."
    )


class FormOut(BaseModel):
    """Where and how to send the file: multipart/form-data with these fields, unchanged, and `file` as the last one."""

    url: str
    fields: dict[str, str]


class UploadOut(BaseModel):
    """A job waits for the file, or has it."""

    upload_id: UUID
    job_id: UUID
    form: FormOut | None = Field(description="Null where the file came with the request.")
    expires_at: datetime | None = Field(description="Until then the form is good; after it the job has failed.")

    @classmethod
    def of(cls, announced: Announced, form: UploadForm | None) -> Self:
        """An announced file."""
        return cls(
            upload_id=announced.upload_id,
            job_id=announced.job_id,
            form=None if form is None else FormOut(url=form.url, fields=form.fields),
            expires_at=None if form is None else announced.expires_at,
        )


class JobOut(BaseModel):
    """How far a document is."""

    id: UUID
    upload_id: UUID
    file_name: str
    content_type: str
    source: str = Field(description="`form`, `direct` or `messenger`.")
    status: str = Field(description="`queued`, `processing`, `done` or `failed`.")
    stage: str = Field(
        description="`waiting` for the file, `queued`, `fetching`, `reading`, `matching`, `saving`, `finished`."
    )
    progress: int = Field(ge=0, le=100)
    attempts: int
    reason_code: str | None = Field(description="Why it failed.")
    reason: str | None = Field(description="The same in words, for a person.")
    same_as: UUID | None = Field(description="The job of the same file, whose work this one shares.")
    result_id: UUID | None = Field(description="Null as well for whoever may not read it.")
    is_result_closed: bool = Field(description="There is a result, and whoever asks may not read it (any more).")
    elapsed_ms: int
    created_at: datetime
    started_at: datetime | None
    done_at: datetime | None

    @classmethod
    def of(cls, job: Job, reason: str | None, *, is_open: bool) -> Self:
        """A job in words.

        Args:
            job: as it stands.
            reason: why it failed, in words.
            is_open: whether the result, if there is one, may be read by whoever asks.
        """
        own = {"reason", "result_id", "is_result_closed"}
        fields: dict[str, Any] = {name: getattr(job, name) for name in cls.model_fields if name not in own}
        is_closed = job.result_id is not None and not is_open
        result_id = None if is_closed else job.result_id
        return cls.model_validate({**fields, "reason": reason, "result_id": result_id, "is_result_closed": is_closed})


class JobsOut(BaseModel):
    """Some jobs, the latest first."""

    jobs: list[JobOut]
    next_cursor: str | None = Field(description="Gives the following page; null after the last.")


class PageOut(BaseModel):
    """The straightened picture of a page, which the boxes of the document lie in."""

    page: int = Field(description="From 0.")
    url: str
    expires_at: datetime


class ResultOut(BaseModel):
    """What a document says, and what the model makes of its lines."""

    id: UUID
    job_id: UUID
    document: dict[str, Any]
    predictions: list[dict[str, Any]]
    model: str | None
    model_version: str | None
    pages: list[PageOut]
    created_at: datetime
