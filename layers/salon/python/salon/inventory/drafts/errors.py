"""What invoice drafts refuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class InvoiceNotFound(NotFound):
    """There is no such draft of an invoice."""

    code = "INVOICE_NOT_FOUND"

    def __init__(self, draft_id: UUID) -> None:
        super().__init__("invoice draft", draft_id)


class InvoiceLineNotFound(NotFound):
    """The draft has no such line."""

    code = "INVOICE_LINE_NOT_FOUND"

    def __init__(self, line_id: UUID) -> None:
        super().__init__("line of the invoice", line_id)


class InvoiceSettled(Conflict):
    """It is no draft any more: confirmed, reversed or discarded. Such an invoice is never edited."""

    code = "INVOICE_SETTLED"

    def __init__(self, draft_id: UUID, status: str) -> None:
        super().__init__(f"The invoice {draft_id} is {status}.")
        self.draft_id = draft_id
        self.status = status


class InvoiceNotConfirmed(Conflict):
    """Only a confirmed invoice has something to reverse."""

    code = "INVOICE_NOT_CONFIRMED"

    def __init__(self, draft_id: UUID, status: str) -> None:
        super().__init__(f"The invoice {draft_id} is {status}, so nothing of it stands in the stock.")


class InvoiceStillStands(Conflict):
    """A draft of the same document is open or confirmed, so there is nothing to begin anew."""

    code = "INVOICE_STILL_STANDS"

    def __init__(self, draft_id: UUID) -> None:
        super().__init__(f"The document has the invoice {draft_id}: discard or reverse that one first.")
        self.draft_id = draft_id


class InvoiceOutdated(Conflict):
    """Somebody else has changed the draft since it was read."""

    code = "INVOICE_OUTDATED"

    def __init__(self, draft_id: UUID) -> None:
        super().__init__(f"The invoice {draft_id} was changed since it was read; look at it again.")


class InvoiceIncomplete(Conflict):
    """Something is still to be said or looked at before the invoice may be confirmed.

    Attributes:
        open_questions: what, by the line's position.
    """

    code = "INVOICE_INCOMPLETE"

    def __init__(self, open_questions: Mapping[int, Sequence[str]]) -> None:
        listed = "; ".join(f"line {position}: {', '.join(asked)}" for position, asked in open_questions.items())
        super().__init__(f"Not everything is settled: {listed}.")
        self.open_questions = open_questions


class InvoiceEmpty(Conflict):
    """No line of it would come into the stock."""

    code = "INVOICE_EMPTY"

    def __init__(self, draft_id: UUID) -> None:
        super().__init__(f"The invoice {draft_id} has no line that would come into the stock.")


class InvoiceDuplicate(Conflict):
    """The same document is there already; it needs an explicit word to be confirmed all the same.

    Attributes:
        twin_id: the other one.
    """

    code = "INVOICE_DUPLICATE"

    def __init__(self, twin_id: UUID) -> None:
        super().__init__(f"This looks like the invoice {twin_id}; confirm it with `despite_duplicate` if it is not.")
        self.twin_id = twin_id


class InvoiceDiffers(Conflict):
    """The lines do not add up to the total; it needs an explicit word to be confirmed all the same.

    Attributes:
        difference_minor: lines less total, kopecks.
    """

    code = "INVOICE_DIFFERS"

    def __init__(self, difference_minor: int) -> None:
        super().__init__(
            f"The lines differ from the total by {difference_minor / 100:.2f};"
            " correct it, or confirm it with `despite_difference`."
        )
        self.difference_minor = difference_minor


class InvoiceCounted(Conflict):
    """A count has corrected its goods since: taking them back now might take them away twice.

    Attributes:
        item_ids: what was corrected.
    """

    code = "INVOICE_COUNTED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(
            f"{len(item_ids)} of its items were corrected by a count since. Take back the count first;"
            " or say `despite_count`, if what the count found has nothing to do with this invoice."
        )
        self.item_ids = tuple(item_ids)


class InvoicePredatesCount(Conflict):
    """Some of its items were counted on its day or later, so its goods may stand in the stock already.

    It needs an explicit word to be confirmed all the same.

    Attributes:
        item_ids: what was counted.
        counted_on: when, the last time, by the location's clock.
    """

    code = "INVOICE_PREDATES_COUNT"

    def __init__(self, item_ids: Collection[UUID], counted_on: date) -> None:
        super().__init__(
            f"{len(item_ids)} of its items were counted on {counted_on}, and the invoice is no younger: its goods may"
            " have been counted already. Take back the count first, or cancel it; or say `despite_count`, if they were"
            " not there yet."
        )
        self.item_ids = tuple(item_ids)
        self.counted_on = counted_on


class LineSenseless(Invalid):
    """What was said of a line cannot be."""

    code = "LINE_SENSELESS"


class HeaderSenseless(Invalid):
    """What was said of the document cannot be."""

    code = "HEADER_SENSELESS"


class TooManyLines(Invalid):
    """No document has so many lines."""

    code = "TOO_MANY_LINES"

    def __init__(self, most: int) -> None:
        super().__init__(f"An invoice has at most {most} lines.")


class InvoiceSettingSenseless(Invalid):
    """A setting of invoices has a value that makes no sense."""

    code = "INVOICE_SETTING_SENSELESS"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"invoices.{name} {why}.")
        self.name = name
