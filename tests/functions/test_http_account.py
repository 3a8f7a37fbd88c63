"""http_account as the gateways call it: sign up and in, hand a document in, watch its job; and whoever attacks it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from salon.identity.access import Role, UserDetails
from salon.identity.accounts.use_cases.passwords import MEMORY_KIB
from salon.identity.use_cases import create_user
from salon.intake.documents.errors import DocumentEncrypted
from salon.platform.clock import FrozenClock
from salon.platform.db import Database
from salon.platform.queues import MemoryQueue
from salon.platform.storage import S3Storage
from support.cloud import Answer, Cloud, open_cloud
from support.console import sign_in
from support.factories import ACTOR
from support.intake_line import PHOTO, IntakeLine

pytestmark = pytest.mark.database
GENEROUS = {f"{name}PerMinute": "100000" for name in ("Reads", "Changes", "Sessions", "Console", "Logins")}
BEHIND = {"TrustedProxies": "1"}  # so that a request may say where it comes from
PASSWORD = "верная лошадь и скрепка"
SALON = {"business": "Салон «Выдумка»", "name": "Ольга Пробная"}


@dataclass
class Door:
    """The account API, before anybody is let in."""

    cloud: Cloud
    database: Database
    address: str = ""

    def at(self, address: str) -> Door:
        """The same door for somebody elsewhere."""
        return replace(self, address=address)

    def ask(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
            if method != "GET":
                sent.setdefault("Idempotency-Key", str(uuid4()))
        if self.address:
            sent["X-Forwarded-For"] = self.address
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self.cloud.request("http_account", method, f"/v1{path}", body=content, headers=sent)

    def sign_up(self, email: str = "olga@example.org", password: str = PASSWORD) -> dict[str, Any]:
        answer = self.ask("POST", "/signup", {**SALON, "email": email, "password": password})
        assert answer.status == 201, answer.body
        return answer.json()

    def refused(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> tuple[int, str]:
        answer = self.ask(method, path, body, token, **headers)
        return answer.status, answer.json()["code"]

    def rows(self, tenant_id: str, sql: str) -> list[tuple[Any, ...]]:
        with self.database.read(UUID(tenant_id)) as session:
            return [tuple(row) for row in session.execute(text(sql))]

    def read_documents(self, tenant_id: str, failure: BaseException | None = None) -> IntakeLine:
        """What the bucket's trigger sets off, with a reader that always reads the same."""
        bucket = self.cloud.values["MediaBucket"]
        line = IntakeLine(self.database, UUID(tenant_id), FrozenClock(datetime.now(UTC)), queue=MemoryQueue())
        line.storage = S3Storage(self.cloud.s3, bucket)
        line.reader.failures = [failure] if failure is not None else []
        for item in line.storage.list(f"documents/{tenant_id}/"):
            line.worker.arrived(UUID(tenant_id), UUID(item.key.rpartition("/")[2]))
        return line


@pytest.fixture(params=["aws", "yandex"])
def door(request, moto, furnished, furnished_url, salons):
    with open_cloud(request.param, furnished_url, moto, **GENEROUS) as cloud:
        yield Door(cloud, salons)


@pytest.fixture
def aws(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, **GENEROUS, **BEHIND) as cloud:
        yield Door(cloud, salons)


def test_from_signing_up_to_a_result(door):
    owner = door.sign_up()
    tenant_id, token = owner["tenant_id"], owner["access_token"]
    account = door.ask("GET", "/account", token=token).json()
    assert (account["business"], account["email"], account["role"]) == (SALON["business"], "olga@example.org", "owner")
    assert "stock.adjust" in account["permissions"]

    asked = {"file_name": "Накладная 15.jpg", "content_type": "image/jpeg", "size": len(PHOTO)}
    accepted = door.ask("POST", "/uploads", {**asked, "sha256": hashlib.sha256(PHOTO).hexdigest()}, token)
    assert accepted.status == 202
    upload = accepted.json()
    assert upload["form"]["fields"]["key"] == f"documents/{tenant_id}/{upload['upload_id']}"
    job_path = f"/jobs/{upload['job_id']}"
    waiting = door.ask("GET", job_path, token=token).json()
    assert (waiting["status"], waiting["stage"], waiting["file_name"]) == ("queued", "waiting", "Накладная 15.jpg")

    sent = httpx.post(upload["form"]["url"], data=upload["form"]["fields"], files={"file": PHOTO})
    assert sent.status_code in {200, 204}
    door.read_documents(tenant_id)

    job = door.ask("GET", job_path, token=token).json()
    assert (job["status"], job["progress"], job["attempts"], job["reason"]) == ("done", 100, 1, None)
    result = door.ask("GET", f"/results/{job['result_id']}", token=token).json()
    assert [line["qty"] for line in result["document"]["items"]] == [2, 2]
    assert (result["model"], len(result["pages"])) == ("stock_item", 1)
    assert httpx.get(result["pages"][0]["url"]).content.startswith(b"\xff\xd8\xff")
    listed = door.ask("GET", "/jobs?limit=1", token=token).json()
    assert ([one["id"] for one in listed["jobs"]], listed["next_cursor"]) == ([job["id"]], None)


def test_a_small_file_is_the_request_itself(door):
    owner = door.sign_up()
    token, name = owner["access_token"], "%D0%A7%D0%B5%D0%BA.png"
    photo = {"Content-Type": "image/png", "X-File-Name": name, "Idempotency-Key": "one"}
    first = door.ask("POST", "/uploads", PHOTO, token, **photo)
    again = door.ask("POST", "/uploads", PHOTO, token, **photo)
    assert (first.status, first.json()["form"], again.json()) == (202, None, first.json())
    second = door.ask("POST", "/uploads", PHOTO, token, **{**photo, "Idempotency-Key": "two"}).json()
    door.read_documents(owner["tenant_id"])
    jobs = {one["id"]: one for one in door.ask("GET", "/jobs", token=token).json()["jobs"]}
    assert len(jobs) == 2  # the repeat is the same request; the second request is another upload of the same file
    one, two = jobs[first.json()["job_id"]], jobs[second["job_id"]]
    assert (one["file_name"], one["source"], one["status"]) == ("Чек.png", "direct", "done")
    assert (two["same_as"] or one["same_as"]) in {one["id"], two["id"]}
    assert one["result_id"] == two["result_id"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"file_name": "a", "content_type": "image/svg+xml", "size": 9}, {}, 400, "FILE_TYPE_NOT_TAKEN"),
        ({"file_name": "a", "content_type": "image/png", "size": 20_000_001}, {}, 400, "FILE_TOO_LARGE"),
        ({"file_name": "a", "content_type": "image/png"}, {}, 422, "VALIDATION_FAILED"),
        ({"file_name": "a", "content_type": "image/png", "size": 1, "key": "x"}, {}, 422, "VALIDATION_FAILED"),
        (b"{", {}, 422, "VALIDATION_FAILED"),
        (b"\xff\xd8" + bytes(3_000_000), {"Content-Type": "image/jpeg"}, 413, "BODY_TOO_LARGE"),
        (b"", {"Content-Type": "image/jpeg"}, 400, "FILE_EMPTY"),
        (b"PK", {"Content-Type": "application/zip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_what_is_not_taken(aws, body, headers, status, code):
    token = aws.sign_up()["access_token"]
    assert aws.refused("POST", "/uploads", body, token, **headers) == (status, code)


def test_a_failed_job_says_why_and_is_tried_again(aws):
    owner = aws.sign_up()
    token = owner["access_token"]
    made = aws.ask("POST", "/uploads", PHOTO, token, **{"Content-Type": "application/pdf"}).json()
    aws.read_documents(owner["tenant_id"], DocumentEncrypted())
    path = f"/jobs/{made['job_id']}"
    job = aws.ask("GET", path, token=token).json()
    assert (job["status"], job["reason_code"]) == ("failed", "DOCUMENT_ENCRYPTED")
    assert "паролем" in job["reason"]

    tried = aws.ask("POST", f"{path}/retry", token=token)
    assert (tried.status, tried.json()["status"]) == (202, "queued")
    assert aws.cloud.waiting("DocumentsQueue") == 1
    assert aws.refused("POST", f"{path}/retry", token=token) == (409, "JOB_NOT_FAILED")
    assert aws.refused("POST", f"/jobs/{uuid4()}/retry", token=token) == (404, "JOB_NOT_FOUND")


def test_nobody_sees_another_salons_documents(aws):
    ours, theirs = aws.sign_up(), aws.sign_up("other@example.org")
    made = aws.ask("POST", "/uploads", PHOTO, ours["access_token"], **{"Content-Type": "image/png"}).json()
    aws.read_documents(ours["tenant_id"])
    result = aws.ask("GET", f"/jobs/{made['job_id']}", token=ours["access_token"]).json()["result_id"]
    other = theirs["access_token"]
    assert aws.refused("GET", f"/jobs/{made['job_id']}", token=other) == (404, "JOB_NOT_FOUND")
    assert aws.refused("POST", f"/jobs/{made['job_id']}/retry", token=other) == (404, "JOB_NOT_FOUND")
    assert aws.refused("GET", f"/results/{result}", token=other) == (404, "RESULT_NOT_FOUND")
    assert aws.ask("GET", "/jobs", token=other).json()["jobs"] == []
    # Their own copy of the same file is read for them, and not shared.
    aws.ask("POST", "/uploads", PHOTO, other, **{"Content-Type": "image/png"})
    aws.read_documents(theirs["tenant_id"])
    [job] = aws.ask("GET", "/jobs", token=other).json()["jobs"]
    assert (job["same_as"], job["result_id"] != result) == (None, True)


def test_prices_are_read_by_whoever_handed_the_document_in_for_a_day_and_by_whoever_sees_money(aws, furnished, salons):
    tenant_id = furnished.first.tenant_id
    owner, desk, colleague = (
        sign_in(aws.cloud, salons, tenant_id, role).token for role in (Role.OWNER, Role.FRONTDESK, Role.FRONTDESK)
    )
    made = aws.ask("POST", "/uploads", PHOTO, desk, **{"Content-Type": "image/png"}).json()
    aws.read_documents(str(tenant_id))
    job_path = f"/jobs/{made['job_id']}"

    def shown(token: str) -> tuple[int, object, bool]:
        job = aws.ask("GET", job_path, token=token).json()
        return aws.ask("GET", result_path, token=token).status, job["result_id"], job["is_result_closed"]

    result_id = aws.ask("GET", job_path, token=owner).json()["result_id"]
    result_path = f"/results/{result_id}"
    assert shown(desk) == (200, result_id, False)
    assert shown(colleague) == (403, None, True)
    assert aws.refused("GET", result_path, token=colleague) == (403, "RESULT_CLOSED")
    listed = aws.ask("GET", "/jobs?limit=1", token=colleague).json()["jobs"]
    assert [(one["id"], one["result_id"]) for one in listed] == [(made["job_id"], None)]

    # Whoever has the same file has seen what stands in it.
    twin = aws.ask("POST", "/uploads", PHOTO, colleague, **{"Content-Type": "image/png"}).json()
    aws.read_documents(str(tenant_id))
    assert aws.ask("GET", f"/jobs/{twin['job_id']}", token=colleague).json()["result_id"] == result_id
    assert aws.ask("GET", result_path, token=colleague).status == 200

    with salons.transaction(tenant_id) as session:
        session.execute(text("UPDATE jobs SET done_at = done_at - interval '24 hours'"))
    assert shown(desk) == shown(colleague) == (403, None, True)
    assert shown(owner) == (200, result_id, False)


def test_a_stylist_hands_nothing_in(aws, furnished, salons):
    world = furnished.first
    stylist = sign_in(aws.cloud, salons, world.tenant_id, Role.STYLIST, staff_id=next(iter(world.staff.values())))
    desk = sign_in(aws.cloud, salons, world.tenant_id, Role.FRONTDESK)
    assert aws.refused("GET", "/jobs", token=stylist.token) == (403, "PERMISSION_DENIED")
    assert aws.refused("POST", "/uploads", PHOTO, stylist.token, **{"Content-Type": "image/png"}) == (
        403,
        "PERMISSION_DENIED",
    )
    assert aws.ask("GET", "/jobs", token=desk.token).status == 200
    assert aws.refused("GET", "/jobs") == (401, "TOKEN_MISSING")


def test_signing_in_out_and_changing_the_password(aws):
    first = aws.sign_up("Olga@Example.org")
    entered = aws.ask("POST", "/login", {"email": " olga@example.ORG ", "password": PASSWORD})
    assert (entered.status, entered.json()["tenant_id"]) == (201, first["tenant_id"])
    token = entered.json()["access_token"]
    new = {"password": PASSWORD, "new_password": "совсем другой пароль"}
    assert aws.refused("POST", "/account/password", {**new, "password": "не тот"}, token) == (401, "LOGIN_REFUSED")
    assert aws.refused("POST", "/account/password", {**new, "new_password": "короткий"}, token) == (
        400,
        "PASSWORD_UNSUITABLE",
    )
    assert aws.ask("POST", "/account/password", new, token).status == 200
    assert aws.ask("GET", "/account", token=token).status == 200
    assert aws.refused("GET", "/account", token=first["access_token"]) == (401, "SESSION_REVOKED")
    assert aws.refused("POST", "/login", {"email": "olga@example.org", "password": PASSWORD})[0] == 401
    assert aws.ask("POST", "/login", {"email": "olga@example.org", "password": new["new_password"]}).status == 201

    assert aws.ask("POST", "/logout", token=token).status == 200
    assert aws.refused("GET", "/account", token=token) == (401, "SESSION_REVOKED")
    stored = aws.rows(first["tenant_id"], "SELECT password_hash, email, email_index FROM user_credentials")[0]
    assert stored[0].startswith(f"$argon2id$v=19$m={MEMORY_KIB},")
    assert b"olga" not in bytes(stored[1]).lower()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "123456789"}, "PASSWORD_UNSUITABLE"),
        ({"password": "aaaaaaaaaaaaa"}, "PASSWORD_UNSUITABLE"),
        ({"password": "OLGA@example.org"}, "PASSWORD_UNSUITABLE"),
        ({"email": "olga@example"}, "EMAIL_INVALID"),
        ({"email": "olga@exam\u0000ple.org"}, "VALIDATION_FAILED"),
        ({"email": "olga @example.org"}, "EMAIL_INVALID"),
        ({"business": "  "}, "VALIDATION_FAILED"),
        ({"business": "\u200b\u202e"}, "INVALID"),
        ({"name": "\u3164\u2060"}, "INVALID"),
    ],
)
def test_what_nobody_signs_up_with(aws, change, code):
    body = {**SALON, "email": "olga@example.org", "password": PASSWORD, **change}
    assert aws.refused("POST", "/signup", body)[1] == code


def test_a_taken_email_is_told_at_signing_up_and_nothing_is_made(aws):
    aws.sign_up()
    with aws.database.without_tenant() as session:
        before = session.scalar(text("SELECT count(*) FROM tenant_ids()"))
    body = {**SALON, "email": "OLGA@example.org", "password": "что-то другое совсем"}
    assert aws.refused("POST", "/signup", body) == (409, "EMAIL_TAKEN")
    with aws.database.without_tenant() as session:
        assert session.scalar(text("SELECT count(*) FROM tenant_ids()")) == before


def test_wrong_passwords_lock_an_account_for_their_address_and_say_the_same_as_to_nobody(aws):
    owner = aws.sign_up()
    right = {"email": "olga@example.org", "password": PASSWORD}
    strange = aws.at("198.51.100.7")
    answers = [strange.ask("POST", "/login", {**right, "password": f"не тот {n}"}) for n in range(10)]
    locked = strange.ask("POST", "/login", right)
    unknown = strange.ask("POST", "/login", {**right, "email": "nobody@example.org"})
    odd = strange.ask("POST", "/login", {**right, "email": "not an e-mail"})
    told = [{**answer.json(), "request_id": ""} for answer in (*answers, locked, unknown, odd)]
    assert all(one == told[0] for one in told)
    assert (told[0]["status"], told[0]["code"]) == (401, "LOGIN_REFUSED")
    assert aws.ask("GET", "/account", token=owner["access_token"]).status == 200  # whoever is in stays in
    # The owner gets in, from where they always do and from somewhere new; nothing of it helps the stranger.
    assert aws.ask("POST", "/login", right).status == 201
    assert aws.at("203.0.113.9").ask("POST", "/login", right).status == 201
    assert strange.ask("POST", "/login", right).status == 401
    stored = aws.rows(owner["tenant_id"], "SELECT place_index FROM login_places")
    assert len(stored) == 3
    assert not any("198.51" in index or len(index) != 64 for (index,) in stored)

    with aws.database.transaction(UUID(owner["tenant_id"])) as session:
        session.execute(text("UPDATE login_places SET locked_until = locked_until - interval '16 minutes'"))
    assert strange.ask("POST", "/login", right).status == 201
    assert aws.rows(owner["tenant_id"], "SELECT DISTINCT failed_attempts FROM login_places") == [(0,)]


def test_a_wrong_present_password_locks_the_session_and_not_the_way_in(aws):
    token = aws.sign_up()["access_token"]
    change = {"password": PASSWORD, "new_password": "совсем другой пароль"}
    for n in range(10):
        refused = aws.at(f"198.51.100.{n}").refused(
            "POST", "/account/password", {**change, "password": "не тот"}, token
        )
        assert refused == (401, "LOGIN_REFUSED")
    assert aws.at("203.0.113.9").refused("POST", "/account/password", change, token) == (401, "LOGIN_REFUSED")
    entered = aws.ask("POST", "/login", {"email": "olga@example.org", "password": PASSWORD})
    assert entered.status == 201
    assert aws.ask("POST", "/account/password", change, entered.json()["access_token"]).status == 200


def test_attempts_are_limited_by_address(moto, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, **BEHIND) as cloud:
        door = Door(cloud, salons)
        door.sign_up()
        emails = [f"n{n}@example.org" for n in range(12)]
        tries = [door.ask("POST", "/login", {"email": email, "password": PASSWORD}).status for email in emails]
        assert Counter(tries) == {401: 10, 429: 2}
        right = {"email": "olga@example.org", "password": PASSWORD}
        assert door.ask("POST", "/login", right).status == 429
        assert door.at("203.0.113.9").ask("POST", "/login", right).status == 201


@pytest.mark.parametrize("email", ["olga@example.org", "nobody@example.org"])
def test_many_strangers_are_slowed_at_one_account_and_its_owner_is_not(moto, furnished_url, salons, email):
    with open_cloud("aws", furnished_url, moto, **GENEROUS, **BEHIND, AccountLoginsPerHour="12") as cloud:
        door = Door(cloud, salons)
        door.sign_up()
        tries = [
            door.at(f"198.51.100.{n}").ask("POST", "/login", {"email": email, "password": "не тот"}) for n in range(14)
        ]
        assert Counter(one.status for one in tries) == {401: 12, 429: 2}
        assert 200 < int(tries[-1].headers["Retry-After"]) <= 300
        right = {"email": "olga@example.org", "password": PASSWORD}
        assert door.ask("POST", "/login", right).status == 201  # where they have been in before
        elsewhere = door.at("203.0.113.9").ask("POST", "/login", right).status
        assert elsewhere == (429 if email == right["email"] else 201)


def test_an_invitation_gives_a_password_once(aws):
    owner = aws.sign_up()
    token, tenant_id = owner["access_token"], owner["tenant_id"]
    with aws.database.transaction(UUID(tenant_id)) as session:
        details = UserDetails(name="Инга", role=Role.FRONTDESK)
        user = create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=datetime.now(UTC))
    invitation = {"user_id": str(user.id), "email": "inga@example.org"}
    void = aws.ask("POST", "/invitations", invitation, token).json()
    made = aws.ask("POST", "/invitations", invitation, token)
    assert made.status == 201
    accept = {"token": made.json()["token"], "password": "пароль для Инги"}
    assert aws.refused("POST", "/invitations/accept", {**accept, "token": void["token"]}) == (400, "INVITATION_INVALID")
    assert aws.refused("POST", "/invitations/accept", {**accept, "token": "nonsense"}) == (400, "INVITATION_INVALID")
    assert aws.refused("POST", "/invitations/accept", {**accept, "password": "1"})[1] == "PASSWORD_UNSUITABLE"
    taken = aws.ask("POST", "/invitations/accept", accept)
    assert (taken.status, taken.json()["role"]) == (201, "frontdesk")
    assert aws.refused("POST", "/invitations/accept", accept) == (400, "INVITATION_INVALID")
    entered = aws.ask("POST", "/login", {"email": "inga@example.org", "password": accept["password"]})
    assert entered.json()["user_id"] == str(user.id)

    # Forgotten: another invitation, another password, and every session of before is over.
    again = aws.ask("POST", "/invitations", invitation, token).json()["token"]
    changed = aws.ask("POST", "/invitations/accept", {"token": again, "password": "новый пароль Инги"})
    assert changed.status == 201
    assert aws.refused("GET", "/account", token=entered.json()["access_token"])[1] == "SESSION_REVOKED"
    assert aws.refused("POST", "/login", {"email": "inga@example.org", "password": accept["password"]})[0] == 401
    # The front desk invites nobody, and nobody's e-mail is taken by being invited.
    assert aws.refused("POST", "/invitations", invitation, changed.json()["access_token"])[1] == "PERMISSION_DENIED"
    aws.ask("POST", "/invitations", {**invitation, "email": "stranger@example.org"}, token)
    assert aws.sign_up("stranger@example.org")["role"] == "owner"


def test_an_invitation_runs_out(aws):
    owner = aws.sign_up()
    made = aws.ask(
        "POST", "/invitations", {"user_id": owner["user_id"], "email": "a@example.org"}, owner["access_token"]
    ).json()
    assert datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC) > timedelta(days=2)
    with aws.database.transaction(UUID(owner["tenant_id"])) as session:
        session.execute(text("UPDATE invitations SET expires_at = now() - interval '1 second'"))
    accept = {"token": made["token"], "password": "новый пароль"}
    assert aws.refused("POST", "/invitations/accept", accept) == (400, "INVITATION_INVALID")
