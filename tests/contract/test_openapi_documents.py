"""The committed OpenAPI documents are those of the routes, and whoever forgets to write them is told."""

from __future__ import annotations

import json

import pytest

from infra.tools import openapi


@pytest.fixture(scope="module")
def wanted():
    return openapi.documents()


def test_are_up_to_date(wanted):
    assert set(wanted) == {"account.json", "booking.json", "admin.json", "internal.json"}
    assert openapi.differences(wanted) == []


def test_drift_is_noticed_and_mended(wanted, tmp_path):
    openapi.write(wanted, tmp_path)
    assert openapi.differences(wanted, tmp_path) == []
    (tmp_path / "booking.json").write_text("{}")
    (tmp_path / "admin.json").unlink()
    (tmp_path / "other.json").write_text("{}")
    assert openapi.differences(wanted, tmp_path) == [
        "admin.json: missing",
        "booking.json: out of date",
        "other.json: no function",
    ]
    openapi.write(wanted, tmp_path)
    assert openapi.differences(wanted, tmp_path) == []


@pytest.mark.parametrize("name", ["account", "booking", "admin"])
def test_every_operation_names_its_refusals_and_asks_for_what_the_edge_asks(wanted, name):
    document = json.loads(wanted[f"{name}.json"])
    assert document["openapi"].startswith("3.1")
    for method, operation in openapi.operations(document):
        called = operation["operationId"]
        headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
        is_public = operation.get("security") == []
        assert {"422", "429", "500", "503"} <= set(operation["responses"]), called
        assert is_public or "TOKEN_MISSING" in operation["responses"]["401"]["description"], called
        if openapi.IDEMPOTENCY_HEADER in headers:
            assert method != "get", called
            assert "IDEMPOTENCY_KEY_REUSED" in operation["responses"]["422"]["description"], called
        assert not any(key.startswith("x-") for key in operation), called
        assert operation.get("summary"), called


def test_the_booking_posts_and_nothing_public_need_a_key(wanted):
    paths = json.loads(wanted["booking.json"])["paths"]
    keyed = {
        f"{method} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if any(one["name"] == openapi.IDEMPOTENCY_HEADER for one in operation.get("parameters", []))
    }
    assert {"post /v1/bookings", "post /v1/bookings/{booking_id}/confirm", "delete /v1/waitlist/{entry_id}"} <= keyed
    assert not keyed & {"post /v1/sessions", "post /v1/sessions/renew", "post /v1/visits/search"}


def test_the_models_ask_for_a_service_token_and_no_key(wanted):
    document = json.loads(wanted["internal.json"])
    assert list(document["paths"]) == ["/internal/v1/inference", "/internal/v1/inference/{model}"]
    assert document["security"] == [{"service": []}]
    assert document["components"]["securitySchemes"]["service"]["name"] == "x-service-token"
    for _, operation in openapi.operations(document):
        assert "SERVICE_TOKEN_MISSING" in operation["responses"]["401"]["description"]
        assert not any(one["in"] == "header" for one in operation.get("parameters", []))
    asked = document["paths"]["/internal/v1/inference/{model}"]["post"]["responses"]
    assert {"MODEL_NOT_FOUND", "MODEL_VERSION_NOT_FOUND"} <= set(asked["404"]["description"].split(" | "))
    assert "FEATURE_SCHEMA_MISMATCH" in asked["409"]["description"]
    assert "INPUT_INVALID" in asked["400"]["description"]


@pytest.mark.parametrize("name", ["account", "booking", "admin"])
def test_nothing_internal_is_in_a_public_document(wanted, name):
    assert "/internal" not in wanted[f"{name}.json"]
