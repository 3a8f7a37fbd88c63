"""What a minute of speech costs with each engine at a given volume, and which one the rule takes.

The rule: of the engines that are accurate and quick enough, the cheapest per minute at the target volume.

A computed engine runs in a container that is paid for by vCPU, memory and time, a metered one is a service that is
paid for by the started unit of audio. The formula is that of facts/domain.md §3.5:

    cost a minute = (t_compute + p_cold * t_cold) * (vcpu * R_vcpu + gb * R_gb) / 3600 * 60 / clip

with two additions that it leaves out: a started billing step counts whole, and calls have a price too. What the cloud
gives free each month counts for every engine as if it had it alone. Amounts are Decimal and in one currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

SECONDS_A_MINUTE = Decimal(60)
SECONDS_AN_HOUR = Decimal(3600)
MILLION = Decimal(1_000_000)
ONE_IN_TWENTY = Decimal("0.05")
"""More cold starts than this, and the 95th percentile is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where containers run: prices and what is free in a month.

    Attributes:
        vcpu_hour, gb_hour, million_calls: prices.
        rounding_s: the billing step of a call's time, in seconds.
        free_vcpu_hours, free_gb_hours, free_calls: a month.
    """

    vcpu_hour: Decimal
    gb_hour: Decimal
    million_calls: Decimal
    rounding_s: Decimal
    free_vcpu_hours: Decimal = Decimal(0)
    free_gb_hours: Decimal = Decimal(0)
    free_calls: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Someone who writes speech down.

    Attributes:
        name: as the data file calls it.
        p95_s: 95th percentile of the time for one clip, warm, in seconds.
        wer_percent: word error rate on Russian; None where nobody has published one.
        guesses: which of its figures are assumed, in words.
    """

    name: str
    p95_s: Decimal
    wer_percent: Decimal | None
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed(Engine):
    """Runs in a container of ours.

    Attributes:
        vcpu, memory_gb: of the container.
        window_s: seconds of audio that are computed at once; a started window costs as much as a full one.
        compute_s: seconds for one window.
        cold_start_s: seconds that a call takes longer when no container was warm.
    """

    host: Host
    vcpu: Decimal
    memory_gb: Decimal
    window_s: Decimal
    compute_s: Decimal
    cold_start_s: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered(Engine):
    """A service that is paid for by the started unit.

    Attributes:
        unit_price: of one unit of audio.
        unit_s: the unit's length in seconds.
        longest_s: what one call takes; a longer clip is cut, and every piece is rounded up by itself.
    """

    unit_price: Decimal
    unit_s: Decimal
    longest_s: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is to be written down in a month.

    Attributes:
        minutes: of voice messages.
        clip_s: seconds of a typical one.
        cold_share: the share of calls that find no warm container, 0 to 1.
        messenger_share: the share that messengers have written down already (MAX, VK); it costs nothing.
    """

    minutes: Decimal
    clip_s: Decimal = Decimal(8)
    cold_share: Decimal = Decimal("0.02")
    messenger_share: Decimal = Decimal(0)

    @property
    def paid_minutes(self) -> Decimal:
        """What is left to an engine."""
        return self.minutes * (1 - self.messenger_share)

    @property
    def clips(self) -> Decimal:
        """How many messages that is."""
        return self.paid_minutes * SECONDS_A_MINUTE / self.clip_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an engine must not exceed; None: it does not matter."""

    max_wer_percent: Decimal | None = None
    max_p95_s: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One line of the table.

    Attributes:
        list_a_minute: by the formula, with nothing free.
        a_minute: at this volume, with what is free; what the rule compares.
        a_month: in all.
        p95_s: 95th percentile, cold starts included when more than one call in twenty is one.
        failings: why the engine is out of the question, in words; empty when it is not.
    """

    engine: Engine
    list_a_minute: Decimal
    a_minute: Decimal
    a_month: Decimal
    p95_s: Decimal
    failings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The table, cheapest first, what the rule takes from it (None: nothing fits), and why."""

    costs: tuple[Cost, ...]
    chosen: Cost | None
    reason: str


def list_price_a_minute(engine: Engine, *, clip_s: Decimal, cold_share: Decimal = Decimal(0)) -> Decimal:
    """What a minute of clips of `clip_s` seconds costs, with nothing free."""
    clips = SECONDS_A_MINUTE / clip_s
    if isinstance(engine, Metered):
        return clips * _units(clip_s, engine) * engine.unit_price
    if isinstance(engine, Computed):
        host = engine.host
        hours = clips * _billed_s(engine, clip_s, cold_share) / SECONDS_AN_HOUR
        by_time = hours * (engine.vcpu * host.vcpu_hour + engine.memory_gb * host.gb_hour)
        return by_time + clips * host.million_calls / MILLION
    raise TypeError(f"{type(engine).__name__} is neither computed nor metered.")


def price_a_month(engine: Engine, load: Load) -> Decimal:
    """What a month costs, with what the host gives free."""
    if not isinstance(engine, Computed):
        return load.paid_minutes * list_price_a_minute(engine, clip_s=load.clip_s)
    host, clips = engine.host, load.clips
    hours = clips * _billed_s(engine, load.clip_s, load.cold_share) / SECONDS_AN_HOUR
    zero = Decimal(0)
    return (
        max(zero, hours * engine.vcpu - host.free_vcpu_hours) * host.vcpu_hour
        + max(zero, hours * engine.memory_gb - host.free_gb_hours) * host.gb_hour
        + max(zero, clips - host.free_calls) * host.million_calls / MILLION
    )


def cost_of(engine: Engine, load: Load, limits: Limits) -> Cost:
    """One line of the table."""
    p95 = engine.p95_s
    if isinstance(engine, Computed) and load.cold_share > ONE_IN_TWENTY:
        p95 += engine.cold_start_s
    month = price_a_month(engine, load)
    return Cost(
        engine=engine,
        list_a_minute=list_price_a_minute(engine, clip_s=load.clip_s, cold_share=load.cold_share),
        a_minute=month / load.minutes,
        a_month=month,
        p95_s=p95,
        failings=_failings(engine, p95, limits),
    )


def choose(engines: Sequence[Engine], load: Load, limits: Limits) -> Choice:
    """The cheapest per minute of those within the limits, and why it is that one.

    Of two at one price the more accurate is taken.
    """
    costs = tuple(sorted((cost_of(engine, load, limits) for engine in engines), key=_rank))
    fitting = [cost for cost in costs if not cost.failings]
    chosen = fitting[0] if fitting else None
    return Choice(costs=costs, chosen=chosen, reason=_reason(costs, fitting))


def _units(clip_s: Decimal, engine: Metered) -> Decimal:
    """Billing units of one clip, each piece of it rounded up."""
    whole, rest = divmod(clip_s, engine.longest_s)
    return whole * _steps(engine.longest_s, engine.unit_s) + _steps(rest, engine.unit_s)


def _billed_s(engine: Computed, clip_s: Decimal, cold_share: Decimal) -> Decimal:
    """Seconds paid for a clip, on average over warm and cold calls."""
    step = engine.host.rounding_s
    warm = _steps(clip_s, engine.window_s) * engine.compute_s
    cold = warm + engine.cold_start_s
    return (1 - cold_share) * _steps(warm, step) * step + cold_share * _steps(cold, step) * step


def _steps(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_CEILING)


def _rank(cost: Cost) -> tuple[Decimal, Decimal, str]:
    wer = cost.engine.wer_percent
    return cost.a_minute, Decimal(100) if wer is None else wer, cost.engine.name


def _failings(engine: Engine, p95: Decimal, limits: Limits) -> tuple[str, ...]:
    found = []
    if limits.max_wer_percent is not None:
        if engine.wer_percent is None:
            found.append(f"its word error rate is not known, {limits.max_wer_percent} % is the most allowed")
        elif engine.wer_percent > limits.max_wer_percent:
            found.append(f"a word error rate of {engine.wer_percent} %, {limits.max_wer_percent} % is the most allowed")
    if limits.max_p95_s is not None and p95 > limits.max_p95_s:
        found.append(f"one in twenty takes {p95} s or longer, {limits.max_p95_s} s is the most allowed")
    return tuple(found)


def _reason(costs: Sequence[Cost], fitting: Sequence[Cost]) -> str:
    out = "; ".join(f"{cost.engine.name}: {', '.join(cost.failings)}" for cost in costs if cost.failings)
    if not fitting:
        return f"No engine is within the limits. {out}."
    best = fitting[0]
    said = f"{best.engine.name} is the cheapest per minute at this volume"
    if len(fitting) > 1:
        second = fitting[1]
        more = (second.a_month - best.a_month).quantize(Decimal("0.01"))
        said += f"; {second.engine.name}, the next, costs {more} more a month"
    said += f". Out of the question: {out}." if out else "."
    if best.engine.guesses:
        said += f" Assumed, not measured: {', '.join(best.engine.guesses)}."
    return said
