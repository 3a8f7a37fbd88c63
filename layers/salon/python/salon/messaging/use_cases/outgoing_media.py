"""The files that go out with messages: from the bucket to the messenger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from salon.messaging.domain import Channel, MediaContent, OutboundMessage
from salon.messaging.domain.limits import LIMITS
from salon.messaging.errors import RequestRejected, RetryLater
from salon.platform.logs import logger
from salon.platform.storage import ObjectMissing, ObjectStorage, ObjectTooLarge, StorageUnavailable

log = logger(__name__)
MAX_BYTES = 20_000_000
"""More than any picture or file that a salon sends; a function's memory holds it twice."""

FETCHED_WITHIN_S = 3600
"""How long a provider that fetches files itself can do so."""


class OutgoingMedia:
    """Opens the bucket when the first message with a file comes by."""

    def __init__(self, storage: Callable[[], ObjectStorage] | None) -> None:
        self._open = storage

    def load(self, message: OutboundMessage, channel: Channel) -> tuple[OutboundMessage, MediaContent | None]:
        """The message as it can be sent, and the bytes of its file.

        A file that is gone is left out: the words beside it still say what there is to say.

        Raises:
            RetryLater: the bucket does not answer.
            RequestRejected: the file is gone, and there were no words.
        """
        file = message.file
        if file is None or (message.template is not None and message.template.name):
            return message, None
        if self._open is None:
            return self._without(message), None
        try:
            if LIMITS[channel].fetches_files:
                if file.url:
                    return message, None
                self._open().head(file.media_key)  # the provider would not say that there is none
                url = self._open().presigned_get(file.media_key, expires_s=FETCHED_WITHIN_S)
                return replace(message, file=replace(file, url=url)), None
            data = self._open().get(file.media_key, max_bytes=MAX_BYTES)
        except (ObjectMissing, ObjectTooLarge):
            return self._without(message), None
        except StorageUnavailable as broken:
            raise RetryLater(str(broken)) from broken
        return message, MediaContent(data=data, mime=file.mime, name=file.name)

    def _without(self, message: OutboundMessage) -> OutboundMessage:
        log.error("message.file_missing")
        if not message.text.strip():
            raise RequestRejected("The file that was to be sent is not in the bucket.")
        return replace(message, file=None)
