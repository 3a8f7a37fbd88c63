"""Services and the options that change their length and price. Values only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from salon.catalog.domain.names import MAX_KEY_CHARS, require_name, require_short, require_synonyms
from salon.catalog.errors import OptionNotFound, OptionNotOffered, OptionsExclusive, ServiceLengthImpossible
from salon.platform.errors import Invalid

MAX_DURATION_MIN = 24 * 60
MAX_EXTRA_MIN = 12 * 60
MAX_BUFFER_MIN = 24 * 60
MAX_NOTICE_MIN = 30 * 24 * 60
MAX_POSITION = 32_767  # a smallint


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDetails:
    """What a person says about a service of the tenant.

    Attributes:
        synonyms: other words clients use for it; understanding matches them as well as the name.
        duration_min: minutes the client sits; a member of staff may have a time of their own.
        buffer_before_min: minutes of preparation before; the staff member is busy, the client does not see them.
        buffer_after_min: minutes of cleaning after.
        requires_staff: False for what needs no person, such as a solarium.
        processing_from_min: minutes after the start from which the staff member is free while the colour works; the
            chair is not. None for a service without such a time.
        processing_min: how long that lasts; the staff member is needed again before the client gets up.
        min_notice_min: a start is offered at least so many minutes ahead; None takes the tenant's setting.
    """

    name: str
    duration_min: int
    category: str = ""
    synonyms: tuple[str, ...] = ()
    buffer_before_min: int = 0
    buffer_after_min: int = 0
    requires_staff: bool = True
    processing_from_min: int | None = None
    processing_min: int = 0
    min_notice_min: int | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless service and impossible minutes."""
        require_name(self.name)
        require_duration(self.duration_min)
        require_short(self.category)
        require_synonyms(self.synonyms)
        if any(not 0 <= minutes <= MAX_BUFFER_MIN for minutes in (self.buffer_before_min, self.buffer_after_min)):
            raise Invalid(f"A buffer takes 0 to {MAX_BUFFER_MIN} minutes.")
        if self.min_notice_min is not None and not 0 <= self.min_notice_min <= MAX_NOTICE_MIN:
            raise Invalid(f"A notice is 0 to {MAX_NOTICE_MIN} minutes.")
        if self.processing_min < 0:
            raise Invalid("Processing time cannot be negative.")
        if (self.processing_min > 0) != (self.processing_from_min is not None):
            raise Invalid("Processing time has a first minute and a length, or neither.")
        if self.processing_from_min is not None and self.processing_from_min < 1:
            raise Invalid("Processing begins a minute after the start at the earliest.")
        if self.processing_from_min is not None and not self.requires_staff:
            raise Invalid("Nobody is set free while a service without staff is processing.")
        if self.duration_min < self.shortest_min:
            raise ServiceLengthImpossible(self.duration_min, self.shortest_min)

    @property
    def shortest_min(self) -> int:
        """The least minutes it can take: processing ends while the client still sits."""
        return 1 if self.processing_from_min is None else self.processing_from_min + self.processing_min + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(ServiceDetails):
    """What is sold as work."""

    id: UUID
    is_active: bool

    @property
    def buffer_before(self) -> timedelta:
        """Preparation before the client sits down."""
        return timedelta(minutes=self.buffer_before_min)

    @property
    def buffer_after(self) -> timedelta:
        """Cleaning after the client has left."""
        return timedelta(minutes=self.buffer_after_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptionDetails:
    """What a person says about an option of a service.

    Attributes:
        choice: options of one choice exclude each other («длина волос»); empty for an add-on.
        extra_min: minutes it adds; negative when it saves some.
        position: the lower, the earlier it is shown.
    """

    name: str
    choice: str = ""
    extra_min: int = 0
    position: int = 0

    def __post_init__(self) -> None:
        """Refuse a nameless option and impossible minutes."""
        require_name(self.name)
        require_short(self.choice)
        require_short(f"{self.choice}: {self.name}", most=MAX_KEY_CHARS)
        if abs(self.extra_min) > MAX_EXTRA_MIN:
            raise Invalid(f"An option adds or saves at most {MAX_EXTRA_MIN} minutes.")
        if not 0 <= self.position <= MAX_POSITION:
            raise Invalid(f"A position is between 0 and {MAX_POSITION}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOption(ServiceOptionDetails):
    """The length of the hair, an add-on; its price stands in the price lists."""

    id: UUID
    service_id: UUID
    is_active: bool


def choose_options(
    service_id: UUID, known: Iterable[ServiceOption], option_ids: Iterable[UUID]
) -> tuple[ServiceOption, ...]:
    """The options of these ids, in the order they are shown; naming one twice is naming it once.

    Raises:
        OptionNotFound: the service has no such option.
        OptionNotOffered: an option is out of use.
        OptionsExclusive: two are of one choice.
    """
    by_id = {option.id: option for option in known if option.service_id == service_id}
    chosen = []
    for option_id in dict.fromkeys(option_ids):
        if option_id not in by_id:
            raise OptionNotFound(option_id)
        if not by_id[option_id].is_active:
            raise OptionNotOffered(option_id)
        chosen.append(by_id[option_id])
    choices = [option.choice for option in chosen if option.choice]
    for choice in choices:
        if choices.count(choice) > 1:
            raise OptionsExclusive(choice)
    return tuple(sorted(chosen, key=shown_order))


def shown_order(option: ServiceOptionDetails) -> tuple[str, int, str]:
    """Choices first, in alphabetical order, add-ons last; within them by position."""
    return (option.choice or "\U0010ffff", option.position, option.name)


def check_lengths(
    service: ServiceDetails, own_durations: Iterable[int], options: Sequence[ServiceOptionDetails]
) -> None:
    """Refuse a service that some member of staff with some choice of options could not do.

    With it, whatever a client chooses has a length: at least a minute, beyond the processing time, at most a day.

    Args:
        service: what is sold.
        own_durations: of the staff who have their own, minutes.
        options: those in use.

    Raises:
        ServiceLengthImpossible: it would come out too short or too long.
    """
    by_choice: dict[str, list[int]] = defaultdict(list)
    least = most = 0
    for option in options:
        if option.choice:
            by_choice[option.choice].append(option.extra_min)
        else:
            least += min(0, option.extra_min)
            most += max(0, option.extra_min)
    for extras in by_choice.values():
        least += min(0, *extras)
        most += max(0, *extras)
    durations = [service.duration_min, *own_durations]
    if min(durations) + least < service.shortest_min:
        raise ServiceLengthImpossible(min(durations) + least, service.shortest_min)
    if max(durations) + most > MAX_DURATION_MIN:
        raise ServiceLengthImpossible(max(durations) + most, service.shortest_min)


def require_duration(minutes: int) -> None:
    """Refuse a duration that is not between a minute and a day.

    Raises:
        Invalid: it is not.
    """
    if not 1 <= minutes <= MAX_DURATION_MIN:
        raise Invalid(f"A duration is between 1 and {MAX_DURATION_MIN} minutes, not {minutes}.")
