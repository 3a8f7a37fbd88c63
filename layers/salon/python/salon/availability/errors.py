"""What availability refuses."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class SlotNotFound(NotFound):
    """No such slot in this tenant: never was, or was free and is no longer covered by a rule."""

    code = "SLOT_NOT_FOUND"

    def __init__(self, slot_id: UUID | None) -> None:
        super().__init__("slot", slot_id)


class SlotAlreadyTaken(Conflict):
    """Somebody was quicker: no seat is left, or the member of staff is busy at that time."""

    code = "SLOT_FULL"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is taken.")
        self.slot_id = slot_id


class SlotNotOffered(Conflict):
    """The slot is blocked: the working time it came from is gone."""

    code = "SLOT_NOT_OFFERED"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is not offered any more.")
        self.slot_id = slot_id


class RuleNotFound(NotFound):
    """No such availability rule in this tenant."""

    code = "RULE_NOT_FOUND"

    def __init__(self, rule_id: UUID) -> None:
        super().__init__("availability rule", rule_id)


class RulesOverlap(Conflict):
    """A rule of the same kind and reach covers some of the same hours already.

    Attributes:
        rule_id: the rule that is there.
    """

    code = "RULES_OVERLAP"

    def __init__(self, rule_id: UUID) -> None:
        super().__init__(f"Availability rule {rule_id} covers some of these hours already.")
        self.rule_id = rule_id


class RuleSenseless(Invalid):
    """A rule contradicts itself."""

    code = "RULE_SENSELESS"
