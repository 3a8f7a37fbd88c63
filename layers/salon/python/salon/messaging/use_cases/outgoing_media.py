"""The files that go out with messages: from the bucket, or made when they are sent, to the messenger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from salon.messaging.domain import Channel, MediaContent, OutboundMessage
from salon.messaging.domain.limits import LIMITS
from salon.messaging.errors import RequestRejected, RetryLater
from salon.platform.ids import parse_id
from salon.platform.logs import logger
from salon.platform.storage import ObjectMissing, ObjectStorage, ObjectTooLarge, StorageUnavailable

log = logger(__name__)
_CALENDAR = "calendar/"
MAX_BYTES = 20_000_000
"""More than any picture or file that a salon sends; a function's memory holds it twice."""

FETCHED_WITHIN_S = 3600
"""How long a provider that fetches files itself can do so."""


MakeCalendar = Callable[[UUID, UUID], bytes | None]
"""The calendar file of a tenant's booking; None when there is no such booking (any more)."""


class OutgoingMedia:
    """Opens the bucket when the first message with a file comes by."""

    def __init__(self, storage: Callable[[], ObjectStorage] | None, calendar: MakeCalendar) -> None:
        self._open = storage
        self._calendar = calendar

    def load(
        self, message: OutboundMessage, channel: Channel, tenant_id: UUID
    ) -> tuple[OutboundMessage, MediaContent | None]:
        """The message as it can be sent, and the bytes of its file.

        A file that is gone is left out: the words beside it still say what there is to say.

        Raises:
            RetryLater: the bucket does not answer.
            RequestRejected: the file is gone, and there were no words.
        """
        file = message.file
        if file is None or (message.template is not None and message.template.name):
            return message, None
        booking_id = booking_in(file.media_key)
        if booking_id is not None:
            made = self._calendar(tenant_id, booking_id)
            if made is None:
                return self._without(message), None
            return message, MediaContent(data=made, mime=file.mime, name=file.name)
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


def calendar_key(booking_id: UUID) -> str:
    """The `media_key` of a booking's calendar file, which lies nowhere: it says what is true when it is sent."""
    return f"{_CALENDAR}{booking_id}"


def booking_in(media_key: str) -> UUID | None:
    """The booking whose calendar file a key means; None for a file in the bucket."""
    return parse_id(media_key.removeprefix(_CALENDAR)) if media_key.startswith(_CALENDAR) else None
