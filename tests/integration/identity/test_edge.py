"""The edge lets in whom it should, as often as it may, and carries a request out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.identity.access import Role
from salon.identity.use_cases import deactivate_user
from salon.identity.use_cases.sessions import end_session
from salon.platform.metrics import API_CONFLICT
from salon.platform.settings import ApiSettings
from support.fixtures import make_tenant

from .conftest import ACTOR

pytestmark = pytest.mark.database


class TestWhoIsLetIn:
    def test_nobody_without_a_token_of_ours(self, edge):
        good = edge.visitor()
        header, payload, signature = good.access_token.split(".")
        assert edge.get(good.access_token).status == 200
        assert (edge.get().status, edge.get().code) == (401, "TOKEN_MISSING")
        for token in (
            "nonsense",
            f"{header}.{payload}.",
            f"{header}.{payload}.{signature[:-4]}AAAA",
            good.renewal_token,
        ):
            assert (edge.get(token).status, edge.get(token).code) == (401, "TOKEN_INVALID")

    def test_nobody_whose_time_is_over(self, edge):
        tokens = edge.visitor()
        edge.clock.advance(timedelta(minutes=16))
        assert edge.get(tokens.access_token).code == "TOKEN_EXPIRED"

    def test_nobody_whose_session_was_ended(self, edge):
        tokens = edge.visitor()
        session_id = edge.tokens.verify(tokens.access_token, now=edge.clock.now()).session_id
        with edge.database.transaction(edge.tenant_id) as session:
            assert end_session(session, session_id, actor=ACTOR, now=edge.clock.now())
        assert (edge.get(tokens.access_token).status, edge.get(tokens.access_token).code) == (401, "SESSION_REVOKED")

    def test_no_user_who_was_deactivated(self, edge):
        edge.user(Role.OWNER)
        user_id, tokens = edge.user(Role.MANAGER)
        assert edge.get(tokens.access_token).status == 200
        with edge.database.transaction(edge.tenant_id) as session:
            deactivate_user(session, user_id, actor=ACTOR, actor_role=Role.ADMIN, now=edge.clock.now())
        assert edge.get(tokens.access_token).code == "SESSION_REVOKED"

    def test_nobody_whose_role_does_not_allow_it(self, edge):
        _, tokens = edge.user(Role.STYLIST)
        assert (edge.get(tokens.access_token).status, edge.get(tokens.access_token).code) == (403, "PERMISSION_DENIED")
        assert edge.post("x", token=tokens.access_token).status == 403
        assert edge.notes() == {}

    def test_a_token_of_one_tenant_opens_nothing_of_another(self, edge, clock):
        edge.post("ours", token=edge.visitor().access_token)
        edge.tenant_id = make_tenant(edge.database, clock.now(), "Другой салон")
        assert edge.get(edge.visitor().access_token).body == {"text": "none", "number": 0}


class TestOnce:
    def test_a_repeat_gets_the_first_answer_and_does_nothing(self, edge):
        token = edge.visitor().access_token
        first, second = edge.post("one", token=token), edge.post("one", token=token)

        assert (first.status, first.body) == (201, {"text": "one", "number": 1})
        assert (second.status, second.body) == (first.status, first.body)
        assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
        assert edge.post("one", token=token, key="key-2").body["number"] == 2

    def test_a_key_is_needed_and_has_a_form(self, edge):
        token = edge.visitor().access_token
        assert (edge.post("x", token=token, key=None).status, edge.post("x", token=token, key=None).code) == (
            400,
            "IDEMPOTENCY_KEY_REQUIRED",
        )
        for key in ("a b", "ключ", "k" * 256):
            assert edge.post("x", token=token, key=key).code == "IDEMPOTENCY_KEY_INVALID"
        assert edge.notes() == {}

    def test_a_key_with_another_payload_is_refused_but_the_same_json_written_otherwise_is_not(self, edge):
        token = edge.visitor().access_token
        assert edge.post("one", token=token).status == 201
        other = edge.post("two", token=token)
        assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert edge.call("POST", "/v1/notes", {"number": 0, "text": "one"}, token=token, key="key-1").status == 422
        spaced = edge.call("POST", "/v1/notes", {"text": "one"}, token=token, key="key-1")
        assert spaced.headers["Idempotent-Replayed"] == "true"

    def test_two_actors_may_use_one_key(self, edge):
        assert edge.post("one", token=edge.visitor().access_token).body["number"] == 1
        assert edge.post("one", token=edge.visitor().access_token).body["number"] == 2

    def test_a_refusal_is_kept_with_nothing_of_the_work(self, edge):
        token = edge.visitor().access_token
        first, second = edge.post("full", token=token), edge.post("full", token=token)

        assert (first.status, first.code) == (second.status, second.code) == (409, "PROBE_FULL")
        assert second.headers["Idempotent-Replayed"] == "true"
        assert second.headers["X-Request-Id"] == second.body["request_id"]
        assert edge.notes() == {}
        assert edge.metrics.total(API_CONFLICT, route="/v1/notes", reason="PROBE_FULL") == 1

    def test_a_fault_is_not_kept(self, edge):
        token = edge.visitor().access_token
        assert edge.post("busy", token=token).status == 503
        again = edge.post("busy", token=token)
        assert (again.status, "Idempotent-Replayed" in again.headers) == (503, False)

    def test_answers_are_sealed(self, edge):
        edge.post("Лукерья", token=edge.visitor().access_token)
        with edge.database.read(edge.tenant_id) as session:
            [(answer,)] = session.execute(text("SELECT answer FROM idempotency_keys"))
        assert "Лукерья".encode() not in bytes(answer)


class TestHowOften:
    def test_reads_are_limited_by_session_and_by_address(self, edge):
        edge.settings = ApiSettings(reads_per_minute=3)
        token, other = edge.visitor().access_token, edge.visitor().access_token
        assert [edge.get(token).status for _ in range(4)] == [200, 200, 200, 429]
        refused = edge.get(other)  # another session from the same address
        assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "TOO_MANY_REQUESTS", "20")
        assert edge.get(token, ip="198.51.100.9").status == 429  # the same session from another address
        assert edge.get(other, ip="198.51.100.10").status == 200
        edge.clock.advance(timedelta(seconds=60))
        assert edge.get(token).status == 200

    def test_a_header_that_anybody_can_send_is_no_address(self, edge):
        edge.settings = ApiSettings(reads_per_minute=1)
        assert edge.get(edge.visitor().access_token).status == 200
        spoofed = {"X-Forwarded-For": "198.51.100.9"}
        assert edge.get(edge.visitor().access_token, **spoofed).status == 429
        edge.settings = ApiSettings(reads_per_minute=1, trusted_proxies=1)
        assert edge.get(edge.visitor().access_token, **spoofed).status == 200

    def test_a_request_that_fails_counts_and_bad_tokens_do_too(self, edge):
        edge.settings = ApiSettings(bookings_per_minute=2, reads_per_minute=2)
        token = edge.visitor().access_token
        assert [edge.post("busy", token=token, key=str(n)).status for n in range(3)] == [503, 503, 429]
        assert [edge.get("nonsense").status for _ in range(3)] == [401, 401, 429]

    def test_no_address_is_written_down(self, edge):
        edge.get(edge.visitor().access_token)
        with edge.database.transaction(edge.tenant_id) as session:
            session.execute(text("SELECT set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true)"))
            keys = session.scalars(text("SELECT key FROM rate_limits")).all()
        assert len(keys) == 2
        assert not any("203.0.113.7" in key for key in keys)

    def test_users_of_the_console_behind_one_address_do_not_disturb_each_other(self, edge):
        edge.settings = ApiSettings(reads_per_minute=1)
        (_, one), (_, two) = edge.user(), edge.user()
        assert [edge.get(token.access_token).status for token in (one, two, one)] == [200, 200, 429]
