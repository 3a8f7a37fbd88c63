"""What every channel asks of an attachment before it fetches it."""

from __future__ import annotations

from salon.messaging.domain import Attachment
from salon.messaging.errors import MediaGone, MediaTooLarge


def reference_of(attachment: Attachment, *, max_bytes: int) -> str:
    """The provider's word for the file.

    Raises:
        MediaGone: there is none.
        MediaTooLarge: it was announced with more than `max_bytes`.
    """
    if not attachment.file_ref:
        raise MediaGone("The attachment has no file.")
    refuse_larger(attachment.size_bytes, max_bytes)
    return attachment.file_ref


def refuse_larger(size: int | None, max_bytes: int) -> None:
    """Refuse a file by the size that was told; None stands for a size that nobody told.

    Raises:
        MediaTooLarge: it is more than `max_bytes`.
    """
    if size is not None and size > max_bytes:
        raise MediaTooLarge(f"The file takes {size} bytes; {max_bytes} are taken.")
