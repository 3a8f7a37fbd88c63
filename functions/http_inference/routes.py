"""The routes of http_inference, all below /internal/v1; every call carries a service token."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Any

from schemas import ModelOut, ModelsOut, PredictIn, PredictionOut, PredictOut

from salon.platform.clock import Clock
from salon.platform.errors import SalonError
from salon.platform.http import ApiResolver, build_resolver
from salon.platform.http_problems import refusals
from salon.platform.http_request import current_request
from salon.platform.inference.domain import NAME
from salon.platform.inference.errors import (
    FeatureSchemaMismatch,
    InputInvalid,
    ModelNotFound,
    ModelVersionNotFound,
    version_of,
)
from salon.platform.inference.ports import InferencePort
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_FAILED, MODEL_LATENCY_MS, Metrics
from salon.platform.service_tokens import ServiceTokenInvalid, ServiceTokenMissing, ServiceTokens

MAX_BODY_BYTES = 512_000
REPEATABLE = {"x-repeatable": True}  # a second time changes nothing more: no Idempotency-Key is asked for

_OK: dict[int, Any] = {HTTPStatus.OK: {"description": "OK"}}
_ADMISSION = (ServiceTokenMissing, ServiceTokenInvalid)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes work with."""

    inference: InferencePort
    tokens: ServiceTokens
    clock: Clock
    metrics: Metrics

    def admit(self) -> None:
        """Let in whoever is one of our services.

        Raises:
            ServiceTokenMissing, ServiceTokenInvalid: nobody of ours.
        """
        self.tokens.verify(current_request().headers, now=self.clock.now())


def build_routes(desk: Desk) -> ApiResolver:
    """A list of the models, and predictions."""
    resolver = build_resolver(max_body_bytes=MAX_BODY_BYTES, admit=desk.admit)

    @resolver.get(
        "/internal/v1/inference",
        summary="List the models",
        tags=["inference"],
        responses={**_OK, **refusals(*_ADMISSION)},
    )
    def list_models() -> ModelsOut:
        return ModelsOut(models=[ModelOut.of(one) for one in desk.inference.models()])

    @resolver.post(
        "/internal/v1/inference/<model>",
        summary="Ask a model",
        tags=["inference"],
        responses={
            **_OK,
            **refusals(*_ADMISSION, ModelNotFound, ModelVersionNotFound, FeatureSchemaMismatch, InputInvalid),
        },
        openapi_extensions=REPEATABLE,
    )
    def predict(model: str, body: PredictIn) -> PredictOut:
        schema = body.feature_schema.value() if body.feature_schema else None
        known = model if NAME.fullmatch(model) else "none"
        started = perf_counter()
        try:
            found = desk.inference.predict(model, body.inputs, version=body.version, schema=schema)
        except SalonError as error:
            desk.metrics.count(MODEL_FAILED, model=known, version=version_of(error), reason=error.code)
            raise
        took, version = (perf_counter() - started) * 1000, found[0].version
        desk.metrics.timing_ms(MODEL_LATENCY_MS, took, model=known, version=version)
        for one in found:
            desk.metrics.gauge(MODEL_CONFIDENCE, one.confidence, model=known, version=version)
        return PredictOut(model=model, version=version, predictions=[PredictionOut.of(one) for one in found])

    return resolver
