"""The section `offers` of a tenant's settings: weights of the score, variants and experiments, quiet hours that pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from salon.availability.offers.domain import CONTROL, VARIANTS, RuleSet, rules_of, share_of
from salon.availability.offers.errors import OfferSettingsSenseless
from salon.availability.packing import DEFAULT_WEIGHTS, PackingWeights
from salon.platform.money import Money

SECTION = "offers"
WHOLE = 100.0


class QuietHours(BaseModel):
    """Hours of the week in which few come, by the clock of the location.

    Attributes:
        days: ISO weekdays, 1 is Monday; all unless told.
        start: the first start that counts.
        end: starts from here on do not count any more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    days: frozenset[Annotated[int, Field(ge=1, le=7)]] = frozenset(range(1, 8))
    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError("quiet hours end after they start, on the same day")
        return self

    def have(self, local: datetime) -> bool:
        """Whether a start lies in them."""
        return local.isoweekday() in self.days and self.start <= local.time() < self.end


class OffPeak(BaseModel):
    """Quiet hours, and what whoever comes then is spared: a sum or a share of the price, whichever is set."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    hours: tuple[QuietHours, ...] = ()
    incentive_minor: int = Field(default=0, ge=0)
    incentive_percent: int = Field(default=0, ge=0, le=100)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.incentive_minor and self.incentive_percent:
            raise ValueError("an incentive is a sum or a share of the price, not both")
        return self

    def have(self, local: datetime) -> bool:
        """Whether a start lies in quiet hours."""
        return any(hours.have(local) for hours in self.hours)

    def incentive(self, local: datetime, price: Money | None) -> Money | None:
        """What is taken off the price of a visit that starts then; never more than the price. None is nothing."""
        if price is None or not self.have(local):
            return None
        minor = min(price.minor, self.incentive_minor or price.minor * self.incentive_percent // 100)
        return Money(minor, price.currency) if minor > 0 else None


class OfferSettings(BaseModel):
    """The section as a person writes it; everything has a default.

    Attributes:
        variant: the rule set of whoever is in no experiment.
        experiment: percent of the subjects for each variant; the rest gets `variant`. A subject stays where it is.
        weights: of the packing score, by their names; what is not named keeps its default.
        off_peak: quiet hours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    variant: str = CONTROL
    experiment: dict[str, Annotated[float, Field(ge=0, le=WHOLE)]] = Field(default_factory=dict)
    weights: dict[str, float] = Field(default_factory=dict)
    off_peak: OffPeak = Field(default_factory=OffPeak)

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = {self.variant, *self.experiment} - VARIANTS.keys()
        if unknown:
            raise ValueError(f"there is no exposure variant {sorted(unknown)}")
        if sum(self.experiment.values()) > WHOLE:
            raise ValueError("the shares of an experiment come to more than 100 percent")
        names = {weight.name for weight in fields(PackingWeights)}
        if not self.weights.keys() <= names:
            raise ValueError(f"there is no weight {sorted(self.weights.keys() - names)}")
        PackingWeights(**self.weights)  # refuses what makes no sense
        return self


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """How a tenant offers."""

    settings: OfferSettings = field(default_factory=OfferSettings)
    weights: PackingWeights = DEFAULT_WEIGHTS

    def rules_for(self, subject: str, tenant_id: UUID, variant: str | None) -> RuleSet:
        """The rule set that was asked for; otherwise the one of the subject's place in the experiment.

        Raises:
            UnknownVariant: there is no such rule set.
        """
        if variant is not None:
            return rules_of(variant)
        place = share_of(subject, tenant_id) * WHOLE
        for name, percent in sorted(self.settings.experiment.items()):
            place -= percent
            if place < 0:
                return rules_of(name)
        return rules_of(self.settings.variant)


def parse_policy(values: Mapping[str, Any]) -> OfferPolicy:
    """The policy that a section of settings says; an empty one is the default.

    Raises:
        OfferSettingsSenseless: it contradicts itself or names what does not exist.
    """
    try:
        settings = OfferSettings.model_validate(values)
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        raise OfferSettingsSenseless(f"Settings of offers: {'; '.join(problems)}.") from None
    return OfferPolicy(settings, PackingWeights(**settings.weights) if settings.weights else DEFAULT_WEIGHTS)
