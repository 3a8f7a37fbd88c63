"""One contract for models in this process and for models behind http_inference, called as the gateway calls it."""

from __future__ import annotations

import httpx
import pytest
from botocore.credentials import Credentials

from salon.identity.tokens import SigningKeys
from salon.intake.inference import MODEL as STOCK_MODEL
from salon.intake.inference import Category, LineText, predict_lines
from salon.integrations.inference.client import HttpInference
from salon.integrations.inference.signing import signed_for_aws
from salon.platform.clock import FrozenClock, SystemClock
from salon.platform.inference.domain import FeatureSchema
from salon.platform.inference.errors import (
    FeatureSchemaMismatch,
    InputInvalid,
    ModelFailed,
    ModelNotFound,
    ModelVersionNotFound,
)
from salon.platform.inference.in_process import InProcessInference
from salon.platform.inference.registry import Registry
from salon.platform.service_tokens import HEADER, ServiceTokens
from salon.understanding.intent_features import SCHEMA
from support.cloud import gateway, open_cloud
from support.fixtures import JWT_SECRETS, NOW
from support.functions import NOWHERE

pytestmark = pytest.mark.enable_socket
MODEL = "intent"
THANKS = {"w спасибо": 2.0, "f @kindness": 2.0, "top thanks": 0.5, "rule thanks": 1.0}
TOKENS = ServiceTokens(lambda: SigningKeys.parse(JWT_SECRETS))


def served_by(flavour):
    with (
        open_cloud(flavour, f"postgresql+pg8000://x:x@{NOWHERE[7:]}/none", NOWHERE) as cloud,
        gateway(cloud, "http_inference") as url,
    ):
        yield url


@pytest.fixture(scope="module")
def aws():
    yield from served_by("aws")


@pytest.fixture(scope="module")
def yandex():
    yield from served_by("yandex")


@pytest.fixture
def address(aws):
    return aws


@pytest.fixture(params=["in this process", "aws", "yandex"])
def inference(request):
    if request.param == "in this process":
        return InProcessInference(Registry())
    return HttpInference(request.getfixturevalue(request.param), TOKENS, SystemClock(), service="tests")


class TestInference:
    def test_every_input_is_answered_in_its_order_by_a_named_version(self, inference):
        both = inference.predict(MODEL, [THANKS, {}], version="1", schema=SCHEMA)
        assert (both[0].label, both[0].model, both[0].version) == ("thanks", MODEL, "1")
        assert 0.5 < both[0].confidence <= 1
        assert both[1].label != "thanks"
        assert both[0].alternatives[0].confidence < both[0].confidence
        assert both[0].diagnostics["features"] == len(THANKS)
        assert "w спасибо" in {name for name, _ in both[0].diagnostics["contributions"]}

    def test_the_default_version_says_which_it_is(self, inference):
        known = {one.name: one for one in inference.models()}
        assert known[MODEL].default in known[MODEL].versions
        assert inference.predict(MODEL, [THANKS])[0].version == known[MODEL].default

    @pytest.mark.parametrize(
        ("model", "inputs", "more", "error"),
        [
            ("weather", [{}], {}, ModelNotFound),
            ("../intent", [{}], {}, ModelNotFound),
            (MODEL, [{}], {"version": "999"}, ModelVersionNotFound),
            (MODEL, [{}], {"schema": FeatureSchema(SCHEMA.name, SCHEMA.version + 1)}, FeatureSchemaMismatch),
            (MODEL, [{"w спасибо": "much"}], {}, InputInvalid),
            (MODEL, [{"w спасибо": None}], {}, InputInvalid),
            (MODEL, [{"w спасибо": float("nan")}], {}, InputInvalid),
            (MODEL, [{"w спасибо": 1e308, "another": 1e308}], {}, InputInvalid),
            (MODEL, [{"w спасибо": 10**400}], {}, InputInvalid),
        ],
    )
    def test_what_cannot_be_answered_is_refused_by_its_reason(self, inference, model, inputs, more, error):
        with pytest.raises(error):
            inference.predict(model, inputs, **more)


class TestStockLines:
    """The model of stock lines as the reader of documents asks it: the same answer wherever it is."""

    LINES = (
        LineText("Крем-краска для волос Velmora 8/1 60 мл", "шт"),
        LineText("Перч. нитр. р.М уп. 100 шт", "уп"),
        LineText("бурколва треди"),
        LineText(" ".join(f"слово{n}обесцвечивание" for n in range(40)) + " \ud83d | \x00", "шт"),
    ) * 8

    def test_lines_are_answered_alike_and_in_order(self, inference):
        found = predict_lines(inference, self.LINES)
        assert found == predict_lines(InProcessInference(Registry()), self.LINES)
        assert [one.category for one in found[:3]] == [Category.HAIR_DYE, Category.GLOVES, Category.OTHER]
        assert {(one.model, one.version) for one in found} == {(STOCK_MODEL, "1")}

    def test_features_of_another_making_are_refused(self, inference):
        with pytest.raises(FeatureSchemaMismatch):
            inference.predict(STOCK_MODEL, [{}], schema=SCHEMA)


class TestTheDoor:
    """What only the HTTP side has."""

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {HEADER: "x"},
            {HEADER: TOKENS.issue("tests", now=NOW)},  # of another year
            {HEADER: ServiceTokens(lambda: SigningKeys.parse("test1:" + "QUFB" * 12)).issue("tests", now=NOW)},
            {"authorization": "Bearer " + TOKENS.issue("tests", now=SystemClock().now())},
        ],
    )
    def test_nobody_else_is_let_in(self, address, headers):
        for answer in (
            httpx.get(f"{address}/internal/v1/inference", headers=headers),
            httpx.post(f"{address}/internal/v1/inference/{MODEL}", json={"inputs": [{}]}, headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] in {"SERVICE_TOKEN_MISSING", "SERVICE_TOKEN_INVALID"}

    @pytest.mark.parametrize("body", ['{"input": []}', '{"inputs"', '{"inputs": [{}], "job": 1}', "x" * 600_000])
    def test_a_stranger_learns_nothing_of_what_a_body_must_be(self, address, body):
        """The token is looked at first: a refused body would tell the names of its fields."""
        for path in (f"/internal/v1/inference/{MODEL}", "/internal/v1/elsewhere"):
            answer = httpx.post(f"{address}{path}", content=body, headers={"content-type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (401, "SERVICE_TOKEN_MISSING")
            assert "inputs" not in answer.text

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"inputs": []}, 422),
            ({"inputs": [{}] * 65}, 422),
            ({"inputs": [{str(n): 1 for n in range(5001)}]}, 422),
            ({"inputs": [{}], "version": "../1"}, 422),
            ({"inputs": [{}], "job": "1"}, 422),
            ({"inputs": [{"x" * 600_000: 1}]}, 413),
        ],
    )
    def test_too_much_and_unknown_fields_are_refused(self, address, body, status):
        headers = {HEADER: TOKENS.issue("tests", now=SystemClock().now())}
        answer = httpx.post(f"{address}/internal/v1/inference/{MODEL}", json=body, headers=headers)
        assert answer.status_code == status

    def test_what_is_not_known_is_not_said_back(self, address):
        headers = {HEADER: TOKENS.issue("tests", now=SystemClock().now())}
        body = {"inputs": [{}], "+79161234567": 1}
        answer = httpx.post(f"{address}/internal/v1/inference/{MODEL}", json=body, headers=headers)
        assert answer.status_code == 422
        assert [(one["loc"], one["type"]) for one in answer.json()["errors"]] == [(["body"], "extra_forbidden")]

    def test_a_refusal_is_a_problem_document_with_the_models_code(self, address):
        headers = {HEADER: TOKENS.issue("tests", now=SystemClock().now())}
        body = {"inputs": [{}], "feature_schema": {"name": SCHEMA.name, "version": 99}}
        answer = httpx.post(f"{address}/internal/v1/inference/{MODEL}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "FEATURE_SCHEMA_MISMATCH")

    def test_whoever_cannot_be_reached_or_makes_no_sense_is_a_failed_model(self, address):
        with pytest.raises(ModelFailed):
            HttpInference(NOWHERE, TOKENS, SystemClock(), service="tests").predict(MODEL, [{}])
        stale = HttpInference(address, TOKENS, FrozenClock(NOW), service="tests")
        with pytest.raises(ModelFailed, match="401"):
            stale.models()


class TestSigning:
    def test_the_clouds_signature_is_sent_with_our_token_and_covers_it(self, aws):
        sent = []
        credentials = Credentials("AKIDEXAMPLE", "secret")
        sign = signed_for_aws(aws, "ru-central1", credentials)

        def remember(method, path, headers, body):
            sent.append((body, sign(method, path, headers, body)))
            return sent[-1][1]

        inference = HttpInference(aws, TOKENS, SystemClock(), service="tests", sign=remember)
        assert inference.predict(MODEL, [THANKS])[0].label == "thanks"
        assert inference.models()
        for body, headers in sent:
            said = headers["Authorization"]
            assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
            assert "/ru-central1/execute-api/aws4_request" in said
            assert HEADER in said.partition("SignedHeaders=")[2]
            assert (b"inputs" in body) == ("content-type" in {name.lower() for name in headers})
