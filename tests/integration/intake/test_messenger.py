"""A document that somebody of the salon sends in a messenger takes the same road; its sender hears how it ends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from salon.intake.documents.errors import DocumentEncrypted
from salon.intake.events import JobDone, JobFailed
from salon.intake.use_cases.uploads import expire_upload
from salon.messaging.domain import Attachment, AttachmentKind, Channel
from salon.messaging.people.use_cases.documents import tell_of_documents
from support.intake_line import IntakeLine
from support.salon_world import make_salon
from support.staff_desk import ANNA, Desk

pytestmark = pytest.mark.database
PHOTO = Attachment(AttachmentKind.IMAGE, "f1")
PDF = Attachment(AttachmentKind.FILE, "f1", mime="application/pdf", name="счёт.pdf")
FACTS = {kind.name: kind for kind in (JobDone, JobFailed)}


@pytest.fixture
def desk(database, tenant_id, clock):
    world = make_salon(database, tenant_id, clock)
    found = Desk(SimpleNamespace(database=database, world=world, clock=clock), Channel.WHATSAPP)
    found.bind_anna()
    return found


@pytest.fixture
def line(desk):
    found = IntakeLine(desk.database, desk.world.tenant_id, desk.clock)
    found.storage.objects = desk.storage.objects  # the same bucket
    return found


def send(desk, paper=PHOTO):
    inbox_id = desk.keep(desk.event(attachments=(paper,), **ANNA))
    desk.work(inbox_id)
    return inbox_id


def tell(desk, line, name):
    """Let the messenger's side hear every fact of a name; what was said to Anna for it."""
    before = len(desk.said_to("anna"))
    on_job_settled = tell_of_documents("https://salon.example/")
    with desk.database.transaction(desk.world.tenant_id) as session:
        for payload in line.facts(name):
            on_job_settled(session, FACTS[name].model_validate(payload), desk.clock.now())
    return desk.said_to("anna")[before:]


def test_a_photo_is_read_and_its_sender_hears_how_many_lines(desk, line):
    upload_id = send(desk, PDF)
    assert "Документ получила" in desk.said_to("anna")[-1]
    uploads = desk.query("SELECT source, status, content_type, actor_kind, actor_id FROM uploads")
    assert uploads == [("messenger", "expected", "application/pdf", "user", str(desk.anna.id))]

    line.worker.arrived(desk.world.tenant_id, upload_id)
    [job] = desk.query("SELECT id FROM jobs")
    assert line.job(job[0]).file_name == "счёт.pdf"
    [said] = tell(desk, line, "job.done")
    assert "2 строки" in said
    assert said.endswith(f"\nhttps://salon.example/console/jobs/{job[0]}")


def test_a_refused_one_is_told_with_the_reason(desk, line):
    upload_id = send(desk)
    line.reader.failures = [DocumentEncrypted()]
    line.worker.arrived(desk.world.tenant_id, upload_id)
    [said] = tell(desk, line, "job.failed")
    assert "паролем" in said


def test_the_same_photo_again_is_told_to_be_the_same(desk, line):
    for _ in range(2):
        line.worker.arrived(desk.world.tenant_id, send(desk))
    first, second = tell(desk, line, "job.done")
    assert "2 строки" in first
    assert "уже есть" in second
    assert desk.query("SELECT count(*) FROM results") == [(1,)]


def test_somebody_who_left_the_salon_hears_nothing_more(desk, line):
    upload_id = send(desk)
    desk.change("UPDATE users SET is_active = FALSE")
    line.worker.arrived(desk.world.tenant_id, upload_id)
    assert tell(desk, line, "job.done") == []


def test_what_was_never_stored_is_not_told_of_again(desk, line):
    upload_id = send(desk)
    with desk.database.transaction(desk.world.tenant_id) as session:
        late = desk.clock.now().replace(year=2027)
        assert expire_upload(session, upload_id, now=late)
    assert tell(desk, line, "job.failed") == []


def test_a_clients_photo_is_no_document(desk):
    desk.take(attachments=(PHOTO,))
    assert desk.query("SELECT count(*) FROM uploads") == [(0,)]
