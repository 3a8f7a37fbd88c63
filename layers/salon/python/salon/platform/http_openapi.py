"""The OpenAPI document's errors. Apart from `http`, because importing Powertools' models costs every cold start."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.openapi.models import MediaType, OpenAPI, Response, Schema
from pydantic import BaseModel

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_POWERTOOLS_ERRORS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
_EVERYWHERE = {422: "VALIDATION_FAILED", 500: "INTERNAL", 503: "UNAVAILABLE | DATABASE_BUSY | DATABASE_UNAVAILABLE"}


def state_own_errors(document: OpenAPI, content_type: str, problem: type[BaseModel]) -> OpenAPI:
    """Put our problem document where Powertools describes its own validation errors, which nobody ever gets."""
    name = problem.__name__
    errors = {
        status: Response.model_validate(
            {
                "description": codes,
                "content": {
                    content_type: MediaType.model_validate({"schema": {"$ref": f"#/components/schemas/{name}"}})
                },
            }
        )
        for status, codes in _EVERYWHERE.items()
    }
    for path in (document.paths or {}).values():
        for method in _METHODS:
            operation = getattr(path, method)
            if operation is not None:
                operation.responses = _with_codes(operation.responses, errors)
    if document.components is not None and document.components.schemas is not None:
        for foreign in _POWERTOOLS_ERRORS:
            document.components.schemas.pop(foreign, None)
        document.components.schemas[name] = Schema.model_validate(problem.model_json_schema())
    return document


def _with_codes(own: dict[int, Response] | None, errors: dict[int, Response]) -> dict[int, Response]:
    """The route's responses and these errors; a status that both have names the codes of both."""
    merged = {**(own or {}), **errors}
    for status, error in errors.items():
        said = (own or {}).get(status)
        if said is not None and "HTTPValidationError" not in str(said.content):
            merged[status] = error.model_copy(update={"description": f"{said.description} | {error.description}"})
    return merged
