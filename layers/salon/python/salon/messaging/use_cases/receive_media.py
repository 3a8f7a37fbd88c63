"""Keeping what came with a message: fetched once, capped, stored under a key that is made of our ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from salon.messaging.domain import Attachment, AttachmentKind, ChannelCredentials, EventKind, InboundEvent
from salon.messaging.errors import AccountRejected, DeliveryFailed, MediaElsewhere, MediaGone, MediaTooLarge, RetryLater
from salon.messaging.ports import ChannelAdapter
from salon.platform import metrics as figures
from salon.platform.inbox import InboxItem
from salon.platform.metrics import Metrics
from salon.platform.storage import ObjectMissing, ObjectStorage
from salon.understanding.speech.domain import Recognition
from salon.understanding.speech.messenger import judge_transcript

VOICE = "voice"
"""Where recordings go: what is stored there is listened to."""

STORED = {
    AttachmentKind.VOICE: VOICE,
    AttachmentKind.AUDIO: VOICE,
    AttachmentKind.IMAGE: "photos",
    AttachmentKind.FILE: "photos",
}
"""Attachments that are kept, by the bucket's prefix; everything else is answered in words."""

DOCUMENTS = "documents"
"""Where a picture or a file of the salon's own people goes: what is stored there is read as an invoice."""

PAPERS = frozenset({AttachmentKind.IMAGE, AttachmentKind.FILE})
PATIENCE = 5
"""Attempts at a file, a minute all told; the fifth is the last that an inbox row has (`RetrySettings`)."""

_SAFE_TYPES = ("image/", "audio/", "video/", "application/pdf")
_UNSAFE_TYPES = ("image/svg",)  # runs scripts where it is opened
_ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Media:
    """What became of an attachment.

    Attributes:
        key: where it lies in the bucket; None when it is not there.
        problem: the id of the text that says why.
        is_document: it was stored to be read as an invoice.
        is_account_rejected: the provider does not take the account's token any more.
    """

    key: str | None = None
    problem: str | None = None
    is_document: bool = False
    is_account_rejected: bool = False


def wanted_of(event: InboundEvent) -> Attachment | None:
    """The attachment to keep: the first that can be, unless the messenger has written down what was said in it."""
    if event.kind not in {EventKind.MESSAGE, EventKind.START}:
        return None
    found = (
        one for one in event.attachments if one.kind in STORED and one.file_ref and written_down(event, one) is None
    )
    return next(found, None)


def written_down(event: InboundEvent, attachment: Attachment) -> Recognition | None:
    """What the messenger itself has written down of a recording, as far as it can be trusted."""
    if not attachment.transcript:
        return None
    return judge_transcript(attachment.transcript, attachment.duration_s, channel=event.channel)


class MediaKeeper:
    """Fetches and stores attachments; may be repeated, a file that is stored already is not fetched again."""

    def __init__(self, storage: Callable[[], ObjectStorage], metrics: Metrics, *, max_bytes: int) -> None:
        self._storage = storage
        self._metrics = metrics
        self.max_bytes = max_bytes

    def keep(
        self,
        adapter: ChannelAdapter,
        item: InboxItem,
        attachment: Attachment,
        credentials: ChannelCredentials,
        *,
        is_by_staff: bool,
        before_voice: Callable[[str], None],
        before_document: Callable[[Attachment, str], None],
    ) -> Media:
        """Store an attachment under the inbox row's id, so that a repeat overwrites itself.

        Args:
            adapter: of the messenger.
            item: the inbox row.
            attachment: what to store.
            credentials: of the account.
            is_by_staff: somebody of the salon sends it.
            before_voice: called with the key before a recording is stored under it: its arrival starts `storage_voice`.
            before_document: called with the attachment and its type before a document is stored: its arrival starts
                `storage_documents`, which finds the job, and knows who waits to hear of it.

        Raises:
            RetryLater: the provider cannot be reached now. After so many attempts the message goes on without its file:
                what stands beside it, and what was written after it, must not wait for ever. Whatever else the
                provider says about the file, or about the account's token, will be the same next time: on at once.
        """
        is_document = is_by_staff and attachment.kind in PAPERS
        prefix = DOCUMENTS if is_document else STORED[attachment.kind]
        key = f"{prefix}/{item.tenant_id}/{item.inbox_id}"
        if not self._is_stored(key):
            try:
                found = adapter.fetch(attachment, credentials, max_bytes=self.max_bytes)
            except (MediaGone, MediaTooLarge, DeliveryFailed) as failure:
                if isinstance(failure, RetryLater) and item.attempts < PATIENCE:
                    raise
                self._metrics.count(figures.MEDIA_FAILED, channel=item.source, reason=failure.code.lower())
                is_rejected = isinstance(failure, AccountRejected)
                return Media(problem=_problem_of(failure), is_account_rejected=is_rejected)
            if prefix == VOICE:
                before_voice(key)
            kind = _safe_type(found.mime)
            if is_document:
                before_document(attachment, kind)
            self._storage().put(key, found.data, content_type=kind)
        return Media(key, is_document=is_document)

    def forget(self, key: str) -> None:
        """Remove a stored attachment, because its sender took it back. An invoice that was handed in stays."""
        if not key.startswith(f"{DOCUMENTS}/"):
            self._storage().delete(key)

    def _is_stored(self, key: str) -> bool:
        try:
            self._storage().head(key)
        except ObjectMissing:
            return False
        return True


def _problem_of(failure: Exception) -> str:
    match failure:
        case MediaTooLarge():
            return "media-too-large"
        case MediaElsewhere():
            return "media-elsewhere"
        case RetryLater() | AccountRejected():
            return "media-unreachable"
        case _:
            return "media-gone"


def _safe_type(mime: str) -> str:
    """The type to store it under: a stranger's page must not come out of our bucket as a page."""
    kind = mime.partition(";")[0].strip().lower()
    is_safe = kind.startswith(_SAFE_TYPES) and not kind.startswith(_UNSAFE_TYPES) and kind.isascii()
    return kind if is_safe else _ANY_TYPE
