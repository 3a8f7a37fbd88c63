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
    """Somebody was quicker: no seat is left, or the member of staff, the chair, room or device is busy at that time."""

    code = "SLOT_FULL"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is taken.")
        self.slot_id = slot_id


class SlotNotOffered(Conflict):
    """The slot is blocked: by hand, or because the working time it came from is gone."""

    code = "SLOT_NOT_OFFERED"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is not offered any more.")
        self.slot_id = slot_id


class SlotTooShort(Conflict):
    """With the chosen options the service does not fit into the working time from this start."""

    code = "SLOT_TOO_SHORT"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"The service with these options does not fit into slot {slot_id}.")
        self.slot_id = slot_id


class OptionsNotForGroups(Conflict):
    """Options that change the length are refused where several share a slot."""

    code = "OPTIONS_NOT_FOR_GROUPS"

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is shared; its length cannot be changed.")
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


class TemplateNotFound(NotFound):
    """No such template of rules in this tenant."""

    code = "RULE_TEMPLATE_NOT_FOUND"

    def __init__(self, template_id: UUID) -> None:
        super().__init__("rule template", template_id)


class TemplateNameTaken(Conflict):
    """Another template of the tenant has this name."""

    code = "RULE_TEMPLATE_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another template has this name.")


class TemplateSenseless(Invalid):
    """A template contradicts itself, or cannot be applied like this."""

    code = "RULE_TEMPLATE_SENSELESS"


class TimeOffNotFound(NotFound):
    """No such time off in this tenant."""

    code = "TIME_OFF_NOT_FOUND"

    def __init__(self, time_off_id: UUID) -> None:
        super().__init__("time off", time_off_id)
