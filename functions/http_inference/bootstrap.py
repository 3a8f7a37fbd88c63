"""Real adapters for http_inference. Nothing here may import SQLAlchemy: models need no database."""

from __future__ import annotations

from routes import Desk

from salon.identity.tokens import JWT_SECRETS, SigningKeys
from salon.platform.clock import SystemClock
from salon.platform.inference.in_process import default_inference
from salon.platform.metrics import LogMetrics
from salon.platform.secrets import secret_store
from salon.platform.service_tokens import ServiceTokens
from salon.platform.settings import RuntimeSettings, SecretSettings


def wire() -> Desk:
    """What the routes work with.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    RuntimeSettings.load()
    store = secret_store(SecretSettings.load())
    tokens = ServiceTokens(lambda: SigningKeys.parse(store.get(JWT_SECRETS)))
    return Desk(default_inference(), tokens, SystemClock(), LogMetrics())
