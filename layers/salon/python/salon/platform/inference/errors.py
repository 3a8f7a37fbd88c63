"""What a model may be refused for. The codes are the same in this process and over HTTP."""

from __future__ import annotations

from salon.platform.errors import Conflict, Fault, Invalid, NotFound
from salon.platform.inference.domain import VERSION


class ModelNotFound(NotFound):
    """There is no model of this name."""

    code = "MODEL_NOT_FOUND"

    def __init__(self, model: str) -> None:
        super().__init__("model", model)


class ModelVersionNotFound(NotFound):
    """The model has no such version; what was asked for may have been a setting's."""

    code = "MODEL_VERSION_NOT_FOUND"

    def __init__(self, model: str, version: str) -> None:
        super().__init__(f"version {version} of model", model)
        self.version = version


class FeatureSchemaMismatch(Conflict):
    """The caller prepares its features in another way than the model was trained on."""

    code = "FEATURE_SCHEMA_MISMATCH"

    def __init__(self, model: str, version: str, *, wanted: str, found: str) -> None:
        super().__init__(f"Model {model} {version} reads features {found}; these are {wanted}.")
        self.version = version


class InputInvalid(Invalid):
    """An input is not what the model reads."""

    code = "INPUT_INVALID"


class ModelFailed(Fault):
    """The model's files are broken, or it could not be computed or reached; `version` is empty where none is known."""

    code = "MODEL_FAILED"

    def __init__(self, message: str, *, version: str = "") -> None:
        super().__init__(message)
        self.version = version


def version_of(error: Exception) -> str:
    """The version that an error is about, as a label of a metric: `none` where it is about no version."""
    said = getattr(error, "version", "")
    return said if VERSION.fullmatch(said) else "none"
