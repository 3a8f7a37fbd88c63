"""What whoever needs a prediction asks, wherever the model runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from salon.platform.inference.domain import FeatureSchema, Inputs, ModelInfo, Prediction


class InferencePort(Protocol):
    """Models by name."""

    def predict(
        self, model: str, inputs: Sequence[Inputs], *, version: str | None = None, schema: FeatureSchema | None = None
    ) -> tuple[Prediction, ...]:
        """One prediction for each input, in their order.

        Args:
            model: its name.
            inputs: features, prepared as `schema` says.
            version: a fixed version; the setting's, or the newest, when None.
            schema: how the features were prepared; not checked when None.

        Raises:
            ModelNotFound, ModelVersionNotFound: there is none.
            FeatureSchemaMismatch: the model reads other features.
            InputInvalid: an input cannot be read.
            ModelFailed: the model is broken or cannot be reached.
        """
        ...

    def models(self) -> tuple[ModelInfo, ...]:
        """What there is, by name.

        Raises:
            ModelFailed: the models cannot be reached.
        """
        ...


class Model(Protocol):
    """One version of a model, loaded."""

    def predict(self, inputs: Inputs) -> Prediction:
        """What it says about one input.

        Raises:
            InputInvalid: the input cannot be read.
        """
        ...
