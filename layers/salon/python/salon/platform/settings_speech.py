"""Settings of speech recognition: who listens to voice messages, with what, and within which limits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from salon.platform.settings import Settings


class SpeechSettings(Settings):
    """How voice messages are listened to.

    Attributes:
        stage: as everywhere; a laptop listens with the demonstration model unless told otherwise.
        speech_provider: who writes speech down that the messenger has not written down itself.
        speech_fallback: who is asked when that one is unavailable; nobody when unset.
        speech_model: whisper's model: `NAME` or `NAME:VERSION` in `shared/models` or `speech_models_folder`, or a
            checkpoint's path. Unset, `speech_ru_demo` with STAGE=local and `small` elsewhere.
        speech_model_previous: the model before it, kept in the image.
        speech_rollback: listen with `speech_model_previous`; the next call of a fresh instance does, without a build.
        speech_models_folder: where the image keeps models, `<name>/<version>/`.
        speech_device: `cpu` or `cuda`; half precision is used on the latter only. For a machine of one's own: no
            function of either cloud has such a device.
        speech_beam_size: 1 takes the likeliest token each time; 5 is slower by about as much and errs a little less.
        speech_threads: of torch; 0 leaves the choice to it.
        speech_timeout_s: recognising takes no longer, with loading the model.
        speech_lease_s: how long one worker has a message: as long as its function may run.
        speech_max_seconds: of a recording; longer ones are refused.
        speech_max_bytes: of a file; as many as `media_max_bytes` lets in.
        speech_min_confidence: below it the client is asked to write.
        speech_prompt: whether the salon's names are given to the engine.
    """

    stage: Literal["local", "dev", "staging", "prod"] = "local"
    speech_provider: Literal["whisper", "gigaam", "speechkit"] = "whisper"
    speech_fallback: Literal["whisper", "gigaam", "speechkit"] | None = None
    speech_model: str = Field(default="", max_length=300)
    speech_model_previous: str = Field(default="", max_length=300)
    speech_rollback: bool = False
    speech_models_folder: str = "/opt/models"
    speech_device: Literal["cpu", "cuda"] = "cpu"
    speech_beam_size: int = Field(default=1, ge=1, le=10)
    speech_threads: int = Field(default=0, ge=0, le=64)
    speech_timeout_s: float = Field(default=30.0, gt=0, le=600)
    speech_lease_s: float = Field(default=50.0, gt=0, le=900)
    speech_max_seconds: float = Field(default=60.0, gt=0, le=600)
    speech_max_bytes: int = Field(default=20_000_000, ge=1)
    speech_min_confidence: float = Field(default=0.35, ge=0, le=1)
    speech_prompt: bool = True

    @property
    def model(self) -> str:
        """The model to listen with."""
        if self.speech_rollback:
            return self.speech_model_previous
        return self.speech_model or ("speech_ru_demo" if self.stage == "local" else "small")

    @model_validator(mode="after")
    def _can_go_back(self) -> Self:
        if self.speech_rollback and not self.speech_model_previous:
            raise ValueError("SPEECH_ROLLBACK needs SPEECH_MODEL_PREVIOUS")
        return self


class SpeechKitSettings(Settings):
    """Yandex's recognition service; asked only where `SPEECH_PROVIDER` or `SPEECH_FALLBACK` names it.

    Attributes:
        speechkit_api_base: a fake stands in when only this differs.
        speechkit_auth: by the secret SPEECHKIT_API_KEY, or by the IAM token of the function's own service account,
            which then needs the role `ai.speechkit-stt.user` and no secret.
        speechkit_folder_id: for the key of a person's account; a service account's calls must not name one.
        speechkit_topic: the service's language model.
    """

    speechkit_api_base: str = "https://stt.api.cloud.yandex.net"
    speechkit_auth: Literal["api_key", "service_account"] = "api_key"
    speechkit_folder_id: str | None = Field(default=None, max_length=50)
    speechkit_topic: str = "general"


class GigaamSettings(Settings):
    """Sber's model in ONNX Runtime; loaded only where `SPEECH_PROVIDER` or `SPEECH_FALLBACK` names it.

    Attributes:
        gigaam_folder: an export with its `model.json` (`python -m salon.integrations.gigaam`), baked into the image. An
            older one's folder goes back to it.
        gigaam_threads: of ONNX Runtime; 0 leaves the choice to it.
    """

    gigaam_folder: str = "/opt/models/gigaam_v3_rnnt/1"
    gigaam_threads: int = Field(default=0, ge=0, le=64)
