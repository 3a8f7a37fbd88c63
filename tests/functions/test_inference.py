"""What http_inference counts: each version of a model by itself."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from salon.platform.inference.in_process import InProcessInference
from salon.platform.inference.registry import Registry
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_FAILED, MODEL_LATENCY_MS, MemoryMetrics
from support.cloud_events import Context, http_event
from support.functions import load_routes
from support.small_model import write_model


@pytest.fixture
def desk(tmp_path):
    write_model(tmp_path)
    write_model(tmp_path, version="2")
    write_model(tmp_path, version="3", kind="of the future")
    return SimpleNamespace(
        inference=InProcessInference(Registry(tmp_path, pinned={"answer": "2"})),
        metrics=MemoryMetrics(),
        admit=lambda: None,
    )


def ask(desk, model, **body):
    event = http_event("POST", f"/internal/v1/inference/{model}", body=json.dumps({"inputs": [{}], **body}))
    return load_routes("http_inference", desk).resolve(event, Context())["statusCode"]


def test_answers_are_timed_and_their_confidence_kept_by_version(desk):
    assert ask(desk, "answer", inputs=[{}, {"w good": 1.0}]) == 200
    assert ask(desk, "answer", version="1") == 200
    told = [(one.name, one.labels["version"]) for one in desk.metrics.recorded]
    assert told == [
        (MODEL_LATENCY_MS, "2"), (MODEL_CONFIDENCE, "2"), (MODEL_CONFIDENCE, "2"),
        (MODEL_LATENCY_MS, "1"), (MODEL_CONFIDENCE, "1"),
    ]  # fmt: skip
    assert desk.metrics.recorded[1].value == 0.5


@pytest.mark.parametrize(
    ("model", "body", "status", "labels"),
    [
        ("answer", {"version": "3"}, 503, {"model": "answer", "version": "3", "reason": "MODEL_FAILED"}),
        ("answer", {"version": "9"}, 404, {"model": "answer", "version": "9", "reason": "MODEL_VERSION_NOT_FOUND"}),
        ("answer", {"inputs": [{"a": "b"}]}, 400, {"model": "answer", "version": "none", "reason": "INPUT_INVALID"}),
        ("Who?", {}, 404, {"model": "none", "version": "none", "reason": "MODEL_NOT_FOUND"}),
    ],
)
def test_a_failure_is_counted_by_the_version_that_it_is_about(desk, model, body, status, labels):
    assert ask(desk, model, **body) == status
    assert [(one.name, one.labels) for one in desk.metrics.recorded] == [(MODEL_FAILED, labels)]
