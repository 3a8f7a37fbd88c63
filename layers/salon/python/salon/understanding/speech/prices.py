"""The data file of prices and engines (`shared/speech/prices.json`): its form, and what `costs` makes of it.

Every figure says where it comes from: a price its source and date, a time or an error rate whether it was measured,
published or assumed. Numbers are read as Decimal, so that 0.16 is 0.16.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from salon.understanding.speech.costs import Computed, Engine, Host, Metered

NotNegative = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]


class PricesUnreadable(ValueError):
    """The file of prices does not have the form that this module describes; the message names what is wrong."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Entry):
    """What one unit of something costs, and who says so."""

    amount: NotNegative
    unit: str = Field(min_length=1)
    vat_included: bool
    as_of: date
    source: str = Field(min_length=1)
    provenance: Literal["documented", "derived", "assumed"]


class Figure(_Entry):
    """A figure of an engine, and how it came about."""

    amount: NotNegative
    provenance: Literal["measured", "published", "assumed"]
    source: str = Field(min_length=1)


class Free(_Entry):
    """What a host gives free in a month."""

    vcpu_hours: NotNegative = Decimal(0)
    gb_hours: NotNegative = Decimal(0)
    calls: NotNegative = Decimal(0)


class HostEntry(_Entry):
    """A cloud's containers; prices by their names in the file."""

    vcpu_hour: str
    gb_hour: str
    million_calls: str
    rounding_s: Positive
    free_a_month: Free = Free()


class ComputedEntry(_Entry):
    """An engine in a container of ours."""

    name: str = Field(min_length=1)
    kind: Literal["computed"]
    host: str
    vcpu: Positive
    memory_gb: Positive
    window_s: Positive
    compute_s: Figure
    p95_s: Figure
    cold_start_s: Figure
    wer_percent: Figure | None
    wer_note: str = ""


class MeteredEntry(_Entry):
    """A service that is paid for by the started unit of audio; `price` by its name in the file."""

    name: str = Field(min_length=1)
    kind: Literal["metered"]
    price: str
    unit_s: Positive
    longest_s: Positive
    p95_s: Figure
    wer_percent: Figure | None
    wer_note: str = ""


class PriceFile(_Entry):
    """The whole file."""

    version: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    prices: dict[str, Price]
    hosts: dict[str, HostEntry]
    engines: list[Annotated[ComputedEntry | MeteredEntry, Field(discriminator="kind")]] = Field(min_length=1)

    def entry(self, name: str) -> ComputedEntry | MeteredEntry:
        """What the file says of one of its engines."""
        return next(one for one in self.engines if one.name == name)

    def used_by(self, name: str) -> list[Price]:
        """The prices that an engine's cost is made of."""
        entry = self.entry(name)
        if isinstance(entry, MeteredEntry):
            return [self.prices[entry.price]]
        host = self.hosts[entry.host]
        return [self.prices[name] for name in (host.vcpu_hour, host.gb_hour, host.million_calls)]


def read_prices(path: Path) -> PriceFile:
    """Read the file.

    Raises:
        PricesUnreadable: it is not JSON, lacks something, or names a price that it does not hold.
        OSError: it cannot be opened.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise PricesUnreadable(f"{path.name} is not JSON: {error}") from error
    try:
        return PriceFile.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise PricesUnreadable(f"{path.name}: {where}: {first['msg']}") from None


def engines_of(file: PriceFile) -> tuple[Engine, ...]:
    """The engines with their prices filled in.

    Raises:
        PricesUnreadable: a host or a price is named that the file does not hold, or a name twice.
    """
    names = [entry.name for entry in file.engines]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PricesUnreadable(f"{', '.join(twice)} stands twice under engines")
    return tuple(_engine(file, entry) for entry in file.engines)


def _engine(file: PriceFile, entry: ComputedEntry | MeteredEntry) -> Engine:
    wer = entry.wer_percent.amount if entry.wer_percent is not None else None
    if isinstance(entry, MeteredEntry):
        return Metered(
            name=entry.name,
            p95_s=entry.p95_s.amount,
            wer_percent=wer,
            guesses=_guesses({"its slowest calls": entry.p95_s}),
            unit_price=_price(file, entry.price, entry.name),
            unit_s=entry.unit_s,
            longest_s=entry.longest_s,
        )
    if entry.host not in file.hosts:
        raise PricesUnreadable(f"{entry.name}: there is no host {entry.host!r}")
    times = {
        "its time for a clip": entry.compute_s,
        "its slowest calls": entry.p95_s,
        "its cold start": entry.cold_start_s,
    }
    return Computed(
        name=entry.name,
        p95_s=entry.p95_s.amount,
        wer_percent=wer,
        guesses=_guesses(times),
        host=_host(file, entry.host),
        vcpu=entry.vcpu,
        memory_gb=entry.memory_gb,
        window_s=entry.window_s,
        compute_s=entry.compute_s.amount,
        cold_start_s=entry.cold_start_s.amount,
    )


def _host(file: PriceFile, name: str) -> Host:
    entry = file.hosts[name]
    return Host(
        vcpu_hour=_price(file, entry.vcpu_hour, name),
        gb_hour=_price(file, entry.gb_hour, name),
        million_calls=_price(file, entry.million_calls, name),
        rounding_s=entry.rounding_s,
        free_vcpu_hours=entry.free_a_month.vcpu_hours,
        free_gb_hours=entry.free_a_month.gb_hours,
        free_calls=entry.free_a_month.calls,
    )


def _price(file: PriceFile, name: str, wanted_by: str) -> Decimal:
    if name not in file.prices:
        raise PricesUnreadable(f"{wanted_by}: there is no price {name!r}")
    return file.prices[name].amount


def _guesses(figures: dict[str, Figure]) -> tuple[str, ...]:
    return tuple(what for what, figure in figures.items() if figure.provenance == "assumed")
