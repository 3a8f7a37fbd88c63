"""Real adapters for storage_voice. An engine is imported when it is first asked: torch alone takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from salon.catalog.use_cases import list_lexicon
from salon.integrations.av.adapter import AvDecoder
from salon.platform.clock import SystemClock
from salon.platform.db import Database, ReadSession
from salon.platform.inbox import InboxNudge
from salon.platform.metrics import LogMetrics
from salon.platform.settings import (
    CloudSettings,
    DatabaseSettings,
    InboundQueueSettings,
    InferenceSettings,
    MediaSettings,
    SecretSettings,
)
from salon.platform.settings_speech import GigaamSettings, SpeechKitSettings, SpeechSettings
from salon.platform.shared_data import SharedDataMissing, shared_path
from salon.platform.storage import S3Storage, s3_client
from salon.platform.wiring_light import master_keys, queue
from salon.understanding.speech.chain import RecogniserChain
from salon.understanding.speech.domain import Provider, prompt_of
from salon.understanding.speech.ports import SpeechRecogniser
from salon.understanding.speech.use_cases import SpeechLimits, TranscribeVoice

SPEECHKIT_API_KEY = "SPEECHKIT_API_KEY"  # the name of a secret


def wire() -> TranscribeVoice:
    """What an object below `voice/` sets off.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    speech = SpeechSettings.load()
    return TranscribeVoice(
        Database(DatabaseSettings.load(), master=master_keys()),
        SystemClock(),
        LogMetrics(),
        storage=S3Storage(s3_client(CloudSettings.load()), MediaSettings.load().media_bucket),
        decoder=AvDecoder(max_bytes=speech.speech_max_bytes, max_seconds=speech.speech_max_seconds),
        recogniser=recogniser(speech),
        prompt_for=prompt_for if speech.speech_prompt else _no_prompt,
        limits=SpeechLimits(
            max_bytes=speech.speech_max_bytes,
            timeout_s=speech.speech_timeout_s,
            lease=timedelta(seconds=speech.speech_lease_s),
            min_confidence=speech.speech_min_confidence,
        ),
        nudge=InboxNudge(queue(InboundQueueSettings.load().inbound_queue_url)),
    )


def recogniser(speech: SpeechSettings) -> SpeechRecogniser:
    """The engines that the settings name, the preferred one first."""
    return RecogniserChain(
        {Provider.WHISPER: lambda: _whisper(speech), Provider.GIGAAM: _gigaam, Provider.SPEECHKIT: _speechkit},
        preferred=Provider(speech.speech_provider),
        fallback=Provider(speech.speech_fallback) if speech.speech_fallback else None,
        metrics=LogMetrics(),
    )


def prompt_for(session: ReadSession) -> str:
    """The names of a tenant's services and staff, which its clients are likely to say."""
    words = list_lexicon(session)
    return prompt_of([service.name for service in words.services], [person.name for person in words.staff])


def _no_prompt(_session: ReadSession) -> str:
    return ""


def _whisper(speech: SpeechSettings) -> SpeechRecogniser:
    from salon.integrations.whisper.adapter import WhisperRecogniser
    from salon.integrations.whisper.weights import find_weights

    weights = find_weights(speech.model, _models(speech), pinned=InferenceSettings.load().pinned)
    return WhisperRecogniser(
        weights, device=speech.speech_device, beam_size=speech.speech_beam_size, threads=speech.speech_threads
    )


def _speechkit() -> SpeechRecogniser:
    """Recordings leave for Yandex Cloud: only where a setting says so."""
    from salon.integrations.speechkit.adapter import SpeechKitRecogniser
    from salon.integrations.speechkit.client import SpeechKitClient

    settings = SpeechKitSettings.load()
    client = SpeechKitClient(
        settings.speechkit_api_base,
        _authorization(settings),
        topic=settings.speechkit_topic,
        folder_id=settings.speechkit_folder_id,
    )
    return SpeechKitRecogniser(client)


def _authorization(settings: SpeechKitSettings) -> Callable[[], str]:
    from salon.integrations.speechkit.client import with_api_key, with_iam_token
    from salon.platform.secrets import MetadataTokens, function_token, secret_store

    if settings.speechkit_auth == "service_account":
        import httpx

        return with_iam_token(function_token(MetadataTokens(httpx.Client())))
    store = secret_store(SecretSettings.load())
    return with_api_key(lambda: store.get(SPEECHKIT_API_KEY))


def _gigaam() -> SpeechRecogniser:
    from salon.integrations.gigaam.adapter import GigaamRecogniser
    from salon.integrations.gigaam.weights import find_weights

    settings = GigaamSettings.load()
    return GigaamRecogniser(find_weights(Path(settings.gigaam_folder)), threads=settings.gigaam_threads)


def _models(speech: SpeechSettings) -> list[Path]:
    """Where models are: those that are packed with the layer, and those that are baked into the image."""
    baked = Path(speech.speech_models_folder)
    try:
        return [shared_path("models"), baked]
    except SharedDataMissing:
        return [baked]
