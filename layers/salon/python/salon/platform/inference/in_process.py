"""The port, answered in this process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from salon.platform.errors import SalonError
from salon.platform.inference.domain import FeatureSchema, Inputs, ModelInfo, Prediction
from salon.platform.inference.errors import ModelFailed
from salon.platform.inference.registry import Registry
from salon.platform.settings import InferenceSettings


class InProcessInference:
    """Models of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def predict(
        self, model: str, inputs: Sequence[Inputs], *, version: str | None = None, schema: FeatureSchema | None = None
    ) -> tuple[Prediction, ...]:
        """One prediction for each input, in their order (see `InferencePort.predict`)."""
        loaded = self._registry.load(model, version, schema=schema)
        try:
            return tuple(loaded.predict(one) for one in inputs)
        except SalonError:
            raise
        except Exception as error:
            raise ModelFailed(f"{model} could not be computed: {error!r}", version=version or "") from error

    def models(self) -> tuple[ModelInfo, ...]:
        """What there is, by name."""
        return self._registry.models()


@lru_cache(maxsize=1)
def default_inference() -> InProcessInference:
    """The shared models, with the versions that the settings name; nothing is loaded before it is asked for.

    Raises:
        SettingsInvalid: MODEL_VERSIONS cannot be read.
    """
    return InProcessInference(Registry(pinned=InferenceSettings.load().pinned))
