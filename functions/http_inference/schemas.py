"""The wire of http_inference."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from salon.platform.inference.domain import FeatureSchema, ModelInfo, Prediction

MAX_BATCH = 64
MAX_INPUT_FEATURES = 5_000


class Wire(BaseModel):
    """A body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SchemaIn(Wire):
    """How the caller prepared its features."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    version: Annotated[int, Field(strict=True, ge=1)]

    def value(self) -> FeatureSchema:
        """As the port takes it."""
        return FeatureSchema(self.name, self.version)


class PredictIn(Wire):
    """Prepared inputs for one model."""

    inputs: Annotated[
        list[Annotated[dict[str, Any], Field(max_length=MAX_INPUT_FEATURES)]], Field(min_length=1, max_length=MAX_BATCH)
    ]
    version: Annotated[str, Field(pattern=r"^[0-9]{1,6}$")] | None = Field(
        default=None, description="A fixed version; the setting's, or the newest, when left out."
    )
    feature_schema: SchemaIn | None = Field(default=None, description="Not checked when left out.")


class CandidateOut(BaseModel):
    """An answer that was considered."""

    label: str
    confidence: float


class PredictionOut(BaseModel):
    """What the model says about one input."""

    label: str
    confidence: float = Field(description="0 to 1, calibrated.")
    alternatives: list[CandidateOut] = Field(description="The next best, the best first.")
    diagnostics: dict[str, Any] = Field(description="What the answer rests on, in the model's own terms.")

    @classmethod
    def of(cls, prediction: Prediction) -> Self:
        """A prediction as it is sent."""
        return cls(
            label=prediction.label,
            confidence=prediction.confidence,
            alternatives=[CandidateOut(label=one.label, confidence=one.confidence) for one in prediction.alternatives],
            diagnostics=dict(prediction.diagnostics),
        )


class PredictOut(BaseModel):
    """Predictions in the order of the inputs, and the version that made them."""

    model: str
    version: str
    predictions: list[PredictionOut]


class ModelOut(BaseModel):
    """A model."""

    name: str
    versions: list[str] = Field(description="The oldest first.")
    default: str = Field(description="The version that answers when none is asked for.")

    @classmethod
    def of(cls, info: ModelInfo) -> Self:
        """A model as it is listed."""
        return cls(name=info.name, versions=list(info.versions), default=info.default)


class ModelsOut(BaseModel):
    """Every model that is served here."""

    models: list[ModelOut]
