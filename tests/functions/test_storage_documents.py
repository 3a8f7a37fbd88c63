"""storage_documents as both clouds call it, with the real reader: what comes of a УПД, of a photo, of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from salon.identity.domain import system
from salon.intake import repository
from salon.intake.documents.domain import SourceKind
from salon.intake.domain import Announced, Job, NewUpload
from salon.intake.use_cases.jobs import retry_job
from salon.intake.use_cases.uploads import announce_upload
from salon.platform.db import Database
from support.cloud import Cloud, open_cloud
from support.cloud_events import s3_event
from support.documents.papers import make_paper
from support.documents.writing import RENDITIONS
from support.functions import ROOT

pytestmark = [pytest.mark.database, pytest.mark.timeout(180)]
ACTOR = system("tests")
PHOTO = ROOT / "shared" / "demo" / "invoice.jpg"


@dataclass
class Bench:
    """The function, its bucket, and one salon."""

    cloud: Cloud
    database: Database
    tenant_id: UUID

    def hand_in(self, data: bytes, content_type: str = "application/xml") -> Announced:
        with self.database.transaction(self.tenant_id) as session:
            new = NewUpload(file_name="УПД", content_type=content_type)
            announced = announce_upload(session, new, actor=ACTOR, now=datetime.now(UTC))
        self.cloud.s3.put_object(
            Bucket=self.cloud.values["MediaBucket"], Key=announced.key, Body=data, ContentType=content_type
        )
        return announced

    def arrive(self, key: str) -> Any:
        event = s3_event(key, bucket=self.cloud.values["MediaBucket"])
        return self.cloud.invoke("storage_documents", self.cloud.shaped(event))

    def job(self, announced: Announced) -> Job:
        with self.database.read(self.tenant_id) as session:
            return repository.get_job(session, announced.job_id)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.read(self.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql))]


@pytest.fixture(params=["aws", "yandex"])
def bench(request, moto, furnished, furnished_url, salons):
    with open_cloud(request.param, furnished_url, moto) as cloud:
        yield Bench(cloud, salons, furnished.first.tenant_id)


def upd() -> tuple[bytes, int]:
    """A УПД as XML, and how many lines it has."""
    paper = make_paper("upd", 11, lines=(3, 5))
    return RENDITIONS["xml"](paper, 11)["xml"], len(paper.content.lines)


def test_an_upd_becomes_a_result_and_a_draft(bench):
    data, lines = upd()
    announced = bench.hand_in(data)
    assert bench.arrive(announced.key) is None
    job = bench.job(announced)
    assert (job.status, job.reason_code) == ("done", None)
    with bench.database.read(bench.tenant_id) as session:
        result = repository.get_result(session, job.result_id)
    assert (result.document.source, len(result.document.lines)) == (SourceKind.XML, lines)
    assert (len(result.predictions), result.model) == (lines, "stock_item")
    assert bench.rows("SELECT job_id, result_id, status FROM invoice_drafts") == [(job.id, job.result_id, "draft")]
    bench.arrive(announced.key)
    assert bench.rows("SELECT count(*) FROM invoice_drafts") == [(1,)]
    assert bench.cloud.waiting("EventsQueue") >= 1


def test_what_is_no_document_is_refused_and_comes_back_by_the_queue_when_asked_for(bench):
    announced = bench.hand_in(b"PK\x03\x04 an archive", "application/pdf")
    bench.arrive(announced.key)
    assert (bench.job(announced).status, bench.job(announced).reason_code) == ("failed", "NOT_A_DOCUMENT")
    data, _ = upd()
    key, bucket = announced.key, bench.cloud.values["MediaBucket"]
    with bench.database.transaction(bench.tenant_id) as session:
        retry_job(session, announced.job_id, actor=ACTOR, now=datetime.now(UTC))
        session.execute(text("UPDATE jobs SET sha256 = NULL"))
    bench.cloud.s3.put_object(Bucket=bucket, Key=key, Body=data)
    bench.cloud.tick("timer_sweep")
    assert bench.cloud.waiting("DocumentsQueue") == 0  # it is due for less than the sweep waits
    with bench.database.transaction(bench.tenant_id) as session:
        session.execute(text("UPDATE jobs SET next_attempt_at = now() - interval '1 minute'"))
    bench.cloud.tick("timer_sweep")
    assert bench.cloud.waiting("DocumentsQueue") == 1
    bench.cloud._deliver("DocumentsQueue", "storage_documents")
    assert (bench.job(announced).status, bench.cloud.waiting("DocumentsQueue")) == ("done", 0)


def test_a_photo_is_read_and_its_page_is_shown(bench):
    announced = bench.hand_in(PHOTO.read_bytes(), "image/jpeg")
    bench.arrive(announced.key)
    job = bench.job(announced)
    assert (job.status, job.reason_code) == ("done", None)
    bucket = bench.cloud.values["MediaBucket"]
    shown = bench.cloud.s3.get_object(Bucket=bucket, Key=f"previews/{bench.tenant_id}/{job.id}/0.jpg")["Body"].read()
    with bench.database.read(bench.tenant_id) as session:
        result = repository.get_result(session, job.result_id)
    page = result.document.pages[0]
    assert Image.open(BytesIO(shown)).size == (page.width, page.height)
    assert len(result.document.lines) == 6


def test_objects_of_nobodys_are_left_alone(bench):
    for key in ("documents/readme.txt", f"documents/{bench.tenant_id}/x", f"documents/{bench.tenant_id}/../a"):
        assert bench.arrive(key) is None
    assert bench.rows("SELECT count(*) FROM jobs") == [(0,)]
