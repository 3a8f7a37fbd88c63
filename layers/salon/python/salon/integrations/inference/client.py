"""The inference port over HTTP: every call asks http_inference, with a service token of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from salon.integrations.http import ProviderHttp, Reply
from salon.messaging.errors import RequestRejected, RetryLater
from salon.platform.clock import Clock
from salon.platform.errors import SalonError
from salon.platform.inference.domain import NAME, Candidate, FeatureSchema, Inputs, ModelInfo, Prediction
from salon.platform.inference.errors import (
    FeatureSchemaMismatch,
    InputInvalid,
    ModelFailed,
    ModelNotFound,
    ModelVersionNotFound,
)
from salon.platform.service_tokens import HEADER, ServiceTokens

Sign = Callable[[str, str, dict[str, str], bytes], dict[str, str]]
"""Given method, path, headers and body, the headers to send."""

PATH = "/internal/v1/inference"
TIMEOUT_S = 5.0
_OK = 200
_NOT_READABLE = frozenset({"VALIDATION_FAILED", "BODY_UNREADABLE", "BODY_TOO_LARGE"})


class HttpInference:
    """Asks http_inference. Safe to share between threads; made once per process."""

    def __init__(
        self,
        base_url: str,
        tokens: ServiceTokens,
        clock: Clock,
        *,
        service: str,
        sign: Sign | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            base_url: scheme and host, and the stage's path where the gateway has one; never the public gateway's.
            tokens: make the service token of each call.
            clock: for the tokens.
            service: who asks.
            sign: adds what the cloud's own door wants as well (`signing.signed_for_aws`).
        """
        self._http = ProviderHttp(base_url, total_timeout_s=TIMEOUT_S)
        self._tokens = tokens
        self._clock = clock
        self._service = service
        self._sign = sign

    def predict(
        self, model: str, inputs: Sequence[Inputs], *, version: str | None = None, schema: FeatureSchema | None = None
    ) -> tuple[Prediction, ...]:
        """One prediction for each input, in their order (see `InferencePort.predict`)."""
        if not NAME.fullmatch(model):
            raise ModelNotFound(model[:64])
        body: dict[str, Any] = {"inputs": [dict(one) for one in inputs]}
        if version is not None:
            body["version"] = version
        if schema is not None:
            body["feature_schema"] = {"name": schema.name, "version": schema.version}
        try:
            answer = self._ask("POST", f"{PATH}/{model}", body)
        except ValueError as error:  # NaN and the like: no JSON
            raise InputInvalid("An input is no JSON value.") from error
        if answer.status != _OK:
            raise _refusal(answer, model, version or "", schema)
        try:
            return _predictions(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFailed(f"The answer about {model} cannot be read: {error!r}", version=version or "") from error

    def models(self) -> tuple[ModelInfo, ...]:
        """What there is, by name."""
        answer = self._ask("GET", PATH, None)
        listed = answer.json_object()
        if answer.status != _OK or listed is None:
            raise _refusal(answer, "", "", None)
        try:
            return tuple(ModelInfo(one["name"], tuple(one["versions"]), one["default"]) for one in listed["models"])
        except (KeyError, TypeError) as error:
            raise ModelFailed(f"The list of models cannot be read: {error!r}") from error

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Reply:
        headers = {HEADER: self._tokens.issue(self._service, now=self._clock.now())}
        if self._sign is not None:
            content = b"" if body is None else written(body)
            headers = self._sign(method, path, headers, content)
        try:
            return self._http.request(method, path, json_body=body, headers=headers)
        except (RetryLater, RequestRejected) as error:
            raise ModelFailed("The function that serves the models cannot be reached.") from error


def written(body: dict[str, Any]) -> bytes:
    """A body exactly as `ProviderHttp` sends it: a signature is over these bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _predictions(answer: Reply) -> tuple[Prediction, ...]:
    said = answer.json_object()
    if said is None:
        raise ValueError("it is no JSON object")
    return tuple(
        Prediction(
            label=str(one["label"]),
            confidence=float(one["confidence"]),
            model=str(said["model"]),
            version=str(said["version"]),
            alternatives=tuple(
                Candidate(str(other["label"]), float(other["confidence"])) for other in one["alternatives"]
            ),
            diagnostics=dict(one["diagnostics"]),
        )
        for one in said["predictions"]
    )


def _refusal(answer: Reply, model: str, version: str, schema: FeatureSchema | None) -> SalonError:
    """The error that the function answered with, as this process would have raised it."""
    said = answer.json_object() or {}
    code, detail = str(said.get("code", "")), str(said.get("detail", ""))
    if code == ModelNotFound.code:
        return ModelNotFound(model)
    if code == ModelVersionNotFound.code:
        return ModelVersionNotFound(model, version)
    if code == FeatureSchemaMismatch.code:
        return FeatureSchemaMismatch(model, version or "(default)", wanted=str(schema), found="others")
    if code == InputInvalid.code or code in _NOT_READABLE:
        return InputInvalid(detail or "The inputs cannot be read.")
    return ModelFailed(f"The function that serves the models answered {answer.status} {code}.", version=version)
