"""The routes of http_inference, all below /internal/v1; every call carries a service token."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from schemas import ModelOut, ModelsOut, PredictIn, PredictionOut, PredictOut

from salon.platform.clock import Clock
from salon.platform.errors import SalonError
from salon.platform.http import ApiResolver, build_resolver, refusals
from salon.platform.http_request import current_request
from salon.platform.inference.domain import NAME
from salon.platform.inference.errors import FeatureSchemaMismatch, InputInvalid, ModelNotFound, ModelVersionNotFound
from salon.platform.inference.ports import InferencePort
from salon.platform.metrics import MODEL_FAILED, MODEL_LATENCY_MS, Metrics, timed
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
    resolver = build_resolver(max_body_bytes=MAX_BODY_BYTES)

    @resolver.get(
        "/internal/v1/inference",
        summary="List the models",
        tags=["inference"],
        responses={**_OK, **refusals(*_ADMISSION)},
    )
    def list_models() -> ModelsOut:
        desk.admit()
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
        desk.admit()
        schema = body.feature_schema.value() if body.feature_schema else None
        known = model if NAME.fullmatch(model) else "none"
        try:
            with timed(desk.metrics, MODEL_LATENCY_MS, model=known):
                found = desk.inference.predict(model, body.inputs, version=body.version, schema=schema)
        except SalonError as error:
            desk.metrics.count(MODEL_FAILED, model=known, reason=error.code)
            raise
        return PredictOut(model=model, version=found[0].version, predictions=[PredictionOut.of(one) for one in found])

    return resolver
