"""What offers refuse."""

from __future__ import annotations

from collections.abc import Iterable

from salon.platform.errors import Invalid


class UnknownVariant(Invalid):
    """No rule set of that name chooses offers.

    Attributes:
        variant: what was asked for.
    """

    code = "UNKNOWN_VARIANT"

    def __init__(self, variant: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no exposure variant {variant!r}; there are {', '.join(sorted(known))}.")
        self.variant = variant


class RoundOutOfRange(Invalid):
    """Offers come in three rounds; there is none before the first or after the last."""

    code = "ROUND_OUT_OF_RANGE"

    def __init__(self, asked: int, last: int) -> None:
        super().__init__(f"There is no round {asked} of offers; there are rounds 1 to {last}.")


class OfferSettingsSenseless(Invalid):
    """A tenant's section of settings about offers contradicts itself or names what does not exist."""

    code = "OFFER_SETTINGS_SENSELESS"
