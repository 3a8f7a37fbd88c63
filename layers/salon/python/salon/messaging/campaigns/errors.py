"""What campaigns refuse."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class CampaignNotFound(NotFound):
    """No such campaign in this tenant."""

    code = "CAMPAIGN_NOT_FOUND"

    def __init__(self, campaign_id: UUID) -> None:
        super().__init__("campaign", campaign_id)


class CampaignSenseless(Invalid):
    """Something about the campaign makes no sense.

    Attributes:
        part: `segment.min_rating`, `wording.ru`.
    """

    code = "CAMPAIGN_SENSELESS"

    def __init__(self, part: str, rule: str) -> None:
        super().__init__(f"{part} {rule}.")
        self.part = part


class CampaignNotInState(Conflict):
    """That cannot be done to a campaign in this state.

    Attributes:
        status: the state it is in.
    """

    code = "CAMPAIGN_NOT_IN_STATE"

    def __init__(self, campaign_id: UUID, status: str) -> None:
        super().__init__(f"Campaign {campaign_id} is {status}.")
        self.campaign_id = campaign_id
        self.status = status


class CampaignOutdated(Conflict):
    """Somebody else has changed the campaign since it was read."""

    code = "CAMPAIGN_OUTDATED"

    def __init__(self, campaign_id: UUID) -> None:
        super().__init__(f"Campaign {campaign_id} has changed since; read it again.")
        self.campaign_id = campaign_id
