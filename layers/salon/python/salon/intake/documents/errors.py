"""Why a document is not read.

::

    Invalid
    └── DocumentRefused      the same file will be refused again
        ├── DocumentEmpty
        ├── NotADocument
        ├── DocumentTooLarge
        ├── TooManyPages
        ├── PictureTooLarge
        ├── DocumentEncrypted
        ├── DocumentDamaged
        ├── CorrectionNotRead
        ├── ForeignCurrency
        └── NothingRead
    Fault
    └── EngineUnavailable    trying again later may help
"""

from __future__ import annotations

from salon.platform.errors import Fault, Invalid


class DocumentRefused(Invalid):
    """The file cannot be read, and another attempt will not change that; `job-reason-…` says so to a person."""

    code = "DOCUMENT_REFUSED"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class DocumentEmpty(DocumentRefused):
    """There are no bytes."""

    code = "DOCUMENT_EMPTY"


class NotADocument(DocumentRefused):
    """Neither a picture, nor a PDF, nor an УПД as XML; decided by content, not by name or declared type."""

    code = "NOT_A_DOCUMENT"


class DocumentTooLarge(DocumentRefused):
    """More bytes than are read."""

    code = "DOCUMENT_TOO_LARGE"


class TooManyPages(DocumentRefused):
    """More pages than are read."""

    code = "TOO_MANY_PAGES"


class PictureTooLarge(DocumentRefused):
    """The picture says that it has more pixels than are decoded: a huge scan, or a bomb."""

    code = "PICTURE_BOMB"


class DocumentEncrypted(DocumentRefused):
    """A password would be needed."""

    code = "DOCUMENT_ENCRYPTED"


class DocumentDamaged(DocumentRefused):
    """It begins as what it says it is and does not go on so; or XML with entities, which nobody needs."""

    code = "DOCUMENT_DAMAGED"


class CorrectionNotRead(DocumentRefused):
    """An УКД or корректировочный счёт-фактура: it says what changed in goods that came before, not what comes."""

    code = "CORRECTION_NOT_READ"


class ForeignCurrency(DocumentRefused):
    """Its sums are not roubles; the books are."""

    code = "FOREIGN_CURRENCY"


class NothingRead(DocumentRefused):
    """No line, no total, no fiscal code: a photo of something else, or too dark or blurred to read."""

    code = "NOTHING_READ"


class EngineUnavailable(Fault):
    """An engine or its data is not installed here."""

    code = "ENGINE_UNAVAILABLE"
