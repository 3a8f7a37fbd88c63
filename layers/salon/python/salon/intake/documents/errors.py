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
        └── NothingRead
    Fault
    └── EngineUnavailable    trying again later may help
"""

from __future__ import annotations

from salon.platform.errors import Fault, Invalid


class DocumentRefused(Invalid):
    """The file cannot be read, and another attempt will not change that.

    Attributes:
        reason: a sentence in Russian for whoever sent it.
    """

    code = "DOCUMENT_REFUSED"
    reason = "Файл не удалось прочитать."

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class DocumentEmpty(DocumentRefused):
    """There are no bytes."""

    code = "DOCUMENT_EMPTY"
    reason = "Файл пустой. Пришлите его ещё раз."


class NotADocument(DocumentRefused):
    """Neither a picture, nor a PDF, nor an УПД as XML; decided by content, not by name or declared type."""

    code = "NOT_A_DOCUMENT"
    reason = "Это не фото, не PDF и не УПД в XML. Пришлите фото накладной, PDF или XML."


class DocumentTooLarge(DocumentRefused):
    """More bytes than are read."""

    code = "DOCUMENT_TOO_LARGE"
    reason = "Файл слишком большой. Пришлите фото или PDF поменьше."


class TooManyPages(DocumentRefused):
    """More pages than are read."""

    code = "TOO_MANY_PAGES"
    reason = "Слишком много страниц. Пришлите документ частями."


class PictureTooLarge(DocumentRefused):
    """The picture says that it has more pixels than are decoded: a huge scan, or a bomb."""

    code = "PICTURE_BOMB"
    reason = "Слишком большое изображение. Пришлите обычное фото."


class DocumentEncrypted(DocumentRefused):
    """A password would be needed."""

    code = "DOCUMENT_ENCRYPTED"
    reason = "PDF защищён паролем. Пришлите файл без пароля или фото."


class DocumentDamaged(DocumentRefused):
    """It begins as what it says it is and does not go on so; or XML with entities, which nobody needs."""

    code = "DOCUMENT_DAMAGED"
    reason = "Файл повреждён. Пришлите его ещё раз."


class NothingRead(DocumentRefused):
    """No line, no total, no fiscal code: a photo of something else, or too dark or blurred to read."""

    code = "NOTHING_READ"
    reason = "На фото не удалось прочитать документ. Снимите его целиком, ровно и при хорошем свете."


class EngineUnavailable(Fault):
    """An engine or its data is not installed here."""

    code = "ENGINE_UNAVAILABLE"
