import base64
import gzip
import hashlib
import json
from typing import Annotated

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from chalice import Chalice
from pydantic import BaseModel, Field

from salon.platform.errors import (
    Conflict,
    ConstraintViolated,
    DatabaseBusy,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
)
from salon.platform.http import build_resolver
from salon.platform.http_events import lower_headers, raw_body
from salon.platform.http_problems import PROBLEM, refusals
from salon.platform.triggers import http_entry_point
from support.cloud_events import Context, http_event, to_yandex, yandex_context


class SlotFull(Conflict):
    """Nothing is left of the slot."""

    code = "SLOT_FULL"


class Hold(BaseModel):
    slot: str = Field(max_length=10)
    seats: int = 1


RAISED = {
    "not-found": NotFound("booking", "b-1"),
    "conflict": SlotFull("The slot is full."),
    "forbidden": Forbidden("Not yours."),
    "unauthenticated": Unauthenticated("Who?"),
    "invalid": Invalid("Makes no sense."),
    "refused": Refusal("No."),
    "later": TooManyRequests(17),
    "busy": DatabaseBusy("canceling statement: INSERT INTO clients VALUES ('Анна')"),
    "constraint": ConstraintViolated("ck_secret", "23514"),
    "bug": ValueError("password=geheim"),
}


def make_resolver(**options):
    resolver = build_resolver(**options)
    router = APIGatewayRouter()

    @router.post("/v1/holds", responses=refusals(SlotFull, NotFound))
    def place(hold: Hold) -> Hold:
        return hold

    @router.get("/v1/raise/<what>")
    def fail(what: str) -> dict[str, str]:
        raise RAISED[what]

    @router.get("/v1/echo")
    def echo(day: Annotated[str, Query()], staff: Annotated[list[str], Query()]) -> dict[str, object]:
        return {"day": day, "staff": staff}

    @router.get("/v1/text/<size>")
    def text(size: int) -> dict[str, str]:
        return {"text": "я" * size}

    @router.get("/v1/wrong-answer")
    def wrong() -> Hold:
        return {"slot": 5, "secret": "geheim"}

    @router.get("/v1/page")
    def page() -> Response[str]:
        headers = {"Content-Security-Policy": "default-src 'self'", "cache-control": "max-age=60"}
        return Response(200, "text/html", "<p>", headers=headers)

    @router.get("/v1/unsendable")
    def unsendable() -> Response[str]:
        return Response(200, "text/plain", "x", headers={"X-Count": 5})

    @router.post("/v1/raw")
    def raw() -> dict[str, str]:
        return {"digest": hashlib.sha256(raw_body(resolver.current_event.raw_event)).hexdigest()}

    resolver.include_router(router)
    return resolver


@pytest.fixture(scope="module")
def resolver():
    return make_resolver()


def call(resolver, *args, shape=lambda event: event, context=None, **options):
    answer = http_entry_point(resolver.resolve)(shape(http_event(*args, **options)), context or Context())
    headers = {name.lower(): values for name, values in answer["multiValueHeaders"].items()}
    raw = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    if headers.get("content-encoding") == ["gzip"]:
        raw = gzip.decompress(raw)
    return answer["statusCode"], headers, raw


@pytest.fixture(params=["aws", "yandex"])
def cloud(request):
    """The test runs once with each cloud's shape."""
    if request.param == "aws":
        return {}
    return {"shape": to_yandex, "context": yandex_context()}


class TestTheDoor:
    """What is asked before anything of a request is read."""

    def test_nobody_comes_past_it_but_health_checks(self, cloud):
        def refuse():
            raise RAISED["unauthenticated"]

        resolver = make_resolver(admit=refuse)
        for method, path, more in (
            ("POST", "/v1/holds", {"body": '{"seats"'}),
            ("POST", "/v1/holds", {"body": "x" * 2_000_000}),
            ("GET", "/v1/elsewhere", {}),
        ):
            status, _, raw = call(resolver, method, path, **more, **cloud)
            assert (status, json.loads(raw)["code"]) == (401, "UNAUTHENTICATED")
        assert call(resolver, "GET", "/healthz", **cloud)[0] == 200

    def test_a_door_that_cannot_answer_is_a_fault(self):
        def fail():
            raise RAISED["busy"]

        status, headers, raw = call(make_resolver(admit=fail), "GET", "/v1/text/1")
        assert (status, json.loads(raw)["code"], headers["retry-after"]) == (503, "DATABASE_BUSY", ["2"])
        assert "Анна" not in raw.decode()


class TestProblems:
    @pytest.mark.parametrize(
        ("what", "status", "code"),
        [
            ("not-found", 404, "NOT_FOUND"),
            ("conflict", 409, "SLOT_FULL"),
            ("forbidden", 403, "FORBIDDEN"),
            ("unauthenticated", 401, "UNAUTHENTICATED"),
            ("invalid", 400, "INVALID"),
            ("refused", 400, "REFUSED"),
            ("later", 429, "TOO_MANY_REQUESTS"),
            ("busy", 503, "DATABASE_BUSY"),
            ("constraint", 500, "INTERNAL"),
            ("bug", 500, "INTERNAL"),
        ],
    )
    def test_every_error_is_a_problem_document(self, resolver, cloud, what, status, code):
        found, headers, raw = call(resolver, "GET", f"/v1/raise/{what}", **cloud)

        body = json.loads(raw)
        assert found == status
        assert headers["content-type"] == [PROBLEM]
        assert body["code"] == code
        assert body["status"] == status
        assert body["type"] == f"urn:salon:problem:{code.lower().replace('_', '-')}"
        assert body["title"]
        assert [body["request_id"]] == headers["x-request-id"]
        assert "www-authenticate" not in headers
        assert b"geheim" not in raw
        assert b"INSERT" not in raw
        assert b"ck_secret" not in raw

    def test_a_limit_and_a_fault_say_when_to_come_back(self, resolver):
        assert call(resolver, "GET", "/v1/raise/later")[1]["retry-after"] == ["17"]
        assert call(resolver, "GET", "/v1/raise/busy")[1]["retry-after"] == ["2"]

    def test_a_refusal_is_information_a_fault_a_warning_and_a_bug_an_error(self, resolver, capsys):
        levels = {}
        for what in ("conflict", "busy", "bug"):
            call(resolver, "GET", f"/v1/raise/{what}")
            first = json.loads(capsys.readouterr().out.splitlines()[0])
            levels[what] = first["level"]

        assert levels == {"conflict": "INFO", "busy": "WARN", "bug": "ERROR"}

    def test_a_shape_that_fails_validation_is_422_and_says_where(self, resolver, cloud):
        status, _, raw = call(
            resolver, "POST", "/v1/holds", body=json.dumps({"slot": "x" * 11, "seats": "no"}), **cloud
        )

        body = json.loads(raw)
        assert status == 422
        assert body["code"] == "VALIDATION_FAILED"
        assert {tuple(item["loc"]) for item in body["errors"]} == {("body", "slot"), ("body", "seats")}
        assert all(item["msg"] for item in body["errors"])

    def test_an_answer_that_fails_validation_is_our_fault_and_stays_unsaid(self, resolver):
        status, _, raw = call(resolver, "GET", "/v1/wrong-answer")

        assert (status, json.loads(raw)["code"]) == (500, "INTERNAL")
        assert b"geheim" not in raw

    def test_an_answer_that_cannot_be_put_on_the_wire_is_one_too(self, resolver):
        status, headers, raw = call(resolver, "GET", "/v1/unsendable")

        assert (status, headers["content-type"], json.loads(raw)["code"]) == (500, [PROBLEM], "INTERNAL")

    @pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PUT", "/v1/holds"), ("GET", "/v1/raise/a/b")])
    def test_an_unknown_route_is_a_problem_too(self, resolver, cloud, method, path):
        status, headers, raw = call(resolver, method, path, **cloud)

        assert (status, headers["content-type"]) == (404, [PROBLEM])
        assert json.loads(raw)["code"] == "NOT_FOUND"


class TestBodies:
    def test_a_good_body_gets_through(self, resolver, cloud):
        status, _, raw = call(resolver, "POST", "/v1/holds", body=json.dumps({"slot": "s", "seats": 2}), **cloud)

        assert (status, json.loads(raw)) == (200, {"slot": "s", "seats": 2})

    @pytest.mark.parametrize("body", [None, "", b""])
    def test_a_missing_body_is_a_missing_field(self, resolver, cloud, body):
        status, _, raw = call(resolver, "POST", "/v1/holds", body=body, **cloud)

        assert status == 422
        assert json.loads(raw)["errors"]

    @pytest.mark.parametrize(
        "body",
        [
            "{",
            "[" * 100_000,
            '{"slot": NaN}',
            '{"slot": "s", "seats": ' + "9" * 5000 + "}",
            '{"slot": "a\\u0000b"}',
            '{"slot": "\\ud800"}',
            "null",
            "[]",
            '"text"',
            "1",
        ],
        ids=lambda body: body[:20],
    )
    def test_json_that_nobody_should_send_is_422(self, resolver, body):
        status, headers, _ = call(resolver, "POST", "/v1/holds", body=body)

        assert (status, headers["content-type"]) == (422, [PROBLEM])

    def test_a_backslash_before_u0000_is_text(self, resolver):
        status, _, raw = call(resolver, "POST", "/v1/holds", body='{"slot": "a\\\\u0000"}')

        assert (status, json.loads(raw)["slot"]) == (200, "a\\u0000")
        assert call(resolver, "POST", "/v1/holds", body='{"slot": "\\ud83d\\ude00"}')[0] == 200

    @pytest.mark.parametrize(
        ("body", "headers"),
        [
            ("not base64!", {}),
            (base64.b64encode(b"\xff\xfe{}").decode(), {}),
            (base64.b64encode(b"a=\xff").decode(), {"Content-Type": "application/x-www-form-urlencoded"}),
            (base64.b64encode(b"--x").decode(), {"Content-Type": "multipart/form-data"}),
        ],
        ids=["base64", "utf-8", "form", "multipart"],
    )
    def test_a_body_that_cannot_be_read_is_400(self, resolver, body, headers):
        event = http_event("POST", "/v1/holds", body=body, headers=headers) | {"isBase64Encoded": True}

        answer = resolver.resolve(event, Context())

        assert answer["statusCode"] == 400
        assert json.loads(answer["body"])["code"] == "BODY_UNREADABLE"

    def test_an_unknown_content_type_is_415(self, resolver):
        assert call(resolver, "POST", "/v1/holds", body="<a/>", headers={"Content-Type": "text/xml"})[0] == 415

    def test_the_limit_counts_decoded_bytes(self):
        resolver = make_resolver(max_body_bytes=30)

        assert call(resolver, "POST", "/v1/holds", body=b'{"slot": "1234567890"}')[0] == 200
        assert call(resolver, "POST", "/v1/holds", body='{"slot": "яяяяяяяяяя"}')[0] == 413
        assert call(resolver, "POST", "/v1/holds", body=b" " * 31)[0] == 413

    @pytest.mark.parametrize("body", ['{"a": "я"}', b'\xef\xbb\xbf{"a":1}', b"\x00\xff\x10"])
    def test_the_raw_body_is_what_was_sent_on_both_clouds(self, resolver, cloud, body):
        sent = body if isinstance(body, bytes) else body.encode()
        headers = {"Content-Type": "application/octet-stream"} if sent.startswith(b"\x00") else {}

        _, _, raw = call(resolver, "POST", "/v1/raw", body=body, headers=headers, **cloud)

        assert json.loads(raw)["digest"] == hashlib.sha256(sent).hexdigest()


class TestHeaders:
    def test_every_answer_is_locked_down(self, resolver, cloud):
        for path in ("/healthz", "/nowhere", "/v1/raise/bug"):
            _, headers, _ = call(resolver, "GET", path, **cloud)

            assert headers["x-content-type-options"] == ["nosniff"]
            assert headers["content-security-policy"] == ["default-src 'none'; frame-ancestors 'none'"]
            assert headers["cache-control"] == ["no-store"]
            assert headers["x-frame-options"] == ["DENY"]
            assert headers["referrer-policy"] == ["no-referrer"]
            assert headers["strict-transport-security"][0].startswith("max-age=")

    def test_what_a_route_sets_itself_stays(self, resolver):
        _, headers, _ = call(resolver, "GET", "/v1/page")

        assert headers["content-security-policy"] == ["default-src 'self'"]
        assert headers["cache-control"] == ["max-age=60"]
        assert headers["x-frame-options"] == ["DENY"]

    def test_a_well_formed_request_id_is_echoed_and_another_replaced(self, resolver, cloud):
        def answered(offered):
            return call(resolver, "GET", "/healthz", headers={"x-request-id": offered}, **cloud)[1]["x-request-id"]

        assert answered("client-id.0001") == ["client-id.0001"]
        assert answered("bad id\r\nSet-Cookie: a=1") != ["bad id\r\nSet-Cookie: a=1"]

    def test_long_answers_are_compressed_for_those_who_take_it(self, resolver):
        gzipped = {"Accept-Encoding": "br, gzip"}
        plain = {"Accept-Encoding": "gzip;q=0, identity"}

        _, small, _ = call(resolver, "GET", "/v1/text/10", headers=gzipped)
        _, packed, raw = call(resolver, "GET", "/v1/text/2000", headers=gzipped)
        _, refused, same = call(resolver, "GET", "/v1/text/2000", headers=plain)

        assert "content-encoding" not in small
        assert packed["content-encoding"] == ["gzip"]
        assert packed["vary"] == refused["vary"] == ["Accept-Encoding"]
        assert "content-encoding" not in refused
        assert raw == same
        assert json.loads(raw) == {"text": "я" * 2000}

    def test_header_names_are_found_in_any_case(self):
        assert lower_headers({"headers": {"X-Telegram-Token": "a"}}) == {"x-telegram-token": "a"}
        assert lower_headers({"multiValueHeaders": {"X-A": ["1", "2"]}, "headers": None}) == {"x-a": "2"}
        assert lower_headers({}) == {}


def test_repeated_query_values_arrive_on_both_clouds(resolver, cloud):
    _, _, raw = call(resolver, "GET", "/v1/echo?day=2026-03-11&staff=a&staff=b", **cloud)

    assert json.loads(raw) == {"day": "2026-03-11", "staff": ["a", "b"]}


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/v1/text/%00"},
        {"path": "/v1/text/\x00"},
        {"queryStringParameters": {"day": "\x00"}},
        {"multiValueQueryStringParameters": {"staff": ["a", "\ud800"]}},
        {"multiValueQueryStringParameters": {"\x00": ["a"]}},
    ],
)
def test_an_address_that_is_no_text_is_422(resolver, change):
    status, headers, raw = call(resolver, "GET", "/v1/echo?day=x&staff=a", shape=lambda event: {**event, **change})

    assert (status, json.loads(raw)["code"]) == (422, "VALIDATION_FAILED")
    assert headers["x-content-type-options"] == ["nosniff"]


class TestHealth:
    def test_alive_is_not_ready(self):
        def broken():
            raise DatabaseBusy("no")

        resolver = build_resolver(checks={"database": broken, "queue": lambda: None})

        assert call(resolver, "GET", "/healthz")[0] == 200
        status, _, raw = call(resolver, "GET", "/readyz")
        assert (status, json.loads(raw)["failing"]) == (503, ["database"])

    def test_ready_when_every_check_passes(self, resolver):
        assert call(resolver, "GET", "/readyz")[0] == 200


def test_it_runs_behind_a_chalice_lambda_too(resolver):
    app = Chalice("salon-http-test", configure_logs=False)

    @app.lambda_function()
    def http(event, context):
        return resolver.resolve(event, context)

    answer = http_entry_point(http)(http_event("GET", "/healthz"), Context())

    assert answer["statusCode"] == 200


def test_the_log_has_the_routes_pattern_and_not_the_path(resolver, capsys):
    call(resolver, "GET", "/v1/raise/conflict")
    call(resolver, "GET", "/nowhere/79991234567")

    answered = [
        line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["message"] == "http.answered"
    ]
    assert answered[0]["route"] == "/v1/raise/<what>"
    assert answered[0]["status"] == 409
    assert "79991234567" not in json.dumps(answered[1])


def test_the_openapi_document_has_the_routes_and_their_refusals(resolver):
    document = json.loads(resolver.get_openapi_json_schema(title="t", version="1"))

    place = document["paths"]["/v1/holds"]["post"]
    assert place["responses"]["409"]["description"] == "SLOT_FULL"
    assert place["responses"]["404"]["description"] == "NOT_FOUND"
    for status in ("404", "409", "422", "500", "503"):
        assert place["responses"][status]["content"] == {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert set(document["components"]["schemas"]) == {"Hold", "Problem"}
    assert "/healthz" not in document["paths"]


class TestSections:
    @staticmethod
    def sectioned():
        resolver, added = build_resolver(), []

        def one(visit_id: str) -> dict[str, str]:
            return {"visit_id": visit_id}

        def every() -> dict[str, str]:
            return {}

        def section(name, *paths):
            def add():
                added.append(name)
                for path in paths:
                    resolver.get(path)(one if "<" in path else every)

            return add

        resolver.add_section("/v1/visits", add=section("visits", "/v1/visits", "/v1/visits/<visit_id>"))
        resolver.add_section("/v1/visits/<visit_id>/used", add=section("used", "/v1/visits/<visit_id>/used"))
        resolver.add_section("/v1/stock", "/v1/norms", add=section("stock", "/v1/stock", "/v1/norms"))
        return resolver, added

    def test_routes_are_added_when_they_are_asked_for_and_once(self):
        resolver, added = self.sectioned()

        assert call(resolver, target="/v1/nowhere")[0] == 404
        assert call(resolver, target="/v1/visitors")[0] == 404
        assert added == []
        assert call(resolver, target="/v1/visits/7")[::2] == (200, b'{"visit_id":"7"}')
        assert added == ["visits"]
        assert call(resolver, target="/v1/visits/7/used")[0] == call(resolver, target="/v1/norms/")[0] == 200
        assert call(resolver, target="/v1/stock")[0] == 200
        assert added == ["visits", "used", "stock"]

    def test_the_document_has_them_all(self):
        resolver, added = self.sectioned()

        paths = resolver.get_openapi_schema().paths

        assert set(paths) == {
            "/v1/visits",
            "/v1/visits/{visit_id}",
            "/v1/visits/{visit_id}/used",
            "/v1/stock",
            "/v1/norms",
        }
        assert added == ["visits", "used", "stock"]

    def test_what_could_not_be_loaded_is_tried_again(self):
        resolver, failing = build_resolver(), [ImportError("not now")]

        def add():
            if failing:
                raise failing.pop()
            resolver.get("/v1/late")(lambda: {"done": True})

        resolver.add_section("/v1/late", add=add)

        assert [call(resolver, target="/v1/late")[0] for _ in range(2)] == [500, 200]
