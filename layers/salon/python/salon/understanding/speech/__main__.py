"""What writing speech down costs: ``python -m salon.understanding.speech --help``."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from salon.platform.shared_data import SharedDataMissing, shared_path
from salon.understanding.speech.costs import Choice, Cost, Limits, Load, choose
from salon.understanding.speech.prices import (
    ComputedEntry,
    MeteredEntry,
    PriceFile,
    PricesUnreadable,
    engines_of,
    read_prices,
)

_EXAMPLE = """examples:
  python -m salon.understanding.speech costs --minutes 30000
  python -m salon.understanding.speech costs --minutes 200 --clip-seconds 5 --max-wer none --json

The rule takes the cheapest engine per minute at the given volume, of those within --max-wer and --max-p95. An engine
whose error rate nobody has published is not within any: give --max-wer none to do without the ceiling."""

_KOPECK = Decimal("0.01")
_NONE = "none"
_MOST_MINUTES = Decimal(1_000_000_000)
_HOUR_S = Decimal(3600)


def _number(what: str, *, most: Decimal, above: bool = True, least: Decimal = Decimal(0)) -> Callable[[str], Decimal]:
    """A reader of decimal numbers between two bounds."""

    def read(text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not value.is_finite() or value > most or value < least or (above and value == least):
            bounds = f"{'above' if above else 'at least'} {least} and at most {most}"
            raise argparse.ArgumentTypeError(f"{what} must be {bounds}, not {text}")
        return value

    return read


def _limit(what: str, most: Decimal) -> Callable[[str], Decimal | None]:
    """A reader of a ceiling, or of the word that takes it away."""
    number = _number(what, most=most)
    return lambda text: None if text.lower() == _NONE else number(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m salon.understanding.speech",
        description="Figures for choosing who writes voice messages down.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    costs = commands.add_parser(
        "costs",
        help="the cost of a minute with each engine, and the cheapest",
        description="The cost of a minute of voice messages with each engine, and which one the rule takes.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    share = _number("a share", above=False, most=Decimal(1))
    costs.add_argument(
        "--minutes",
        type=_number("a volume", most=_MOST_MINUTES),
        required=True,
        help="minutes of voice messages a month",
    )
    costs.add_argument(
        "--clip-seconds",
        type=_number("a length", most=_HOUR_S),
        default=Decimal(8),
        metavar="S",
        help="how long a typical message is, in seconds (default: %(default)s)",
    )
    costs.add_argument(
        "--cold-share",
        type=share,
        default=Decimal("0.02"),
        metavar="P",
        help="share of calls that find no warm container, 0 to 1 (default: %(default)s)",
    )
    costs.add_argument(
        "--messenger-share",
        type=share,
        default=Decimal(0),
        metavar="P",
        help="share that a messenger has written down already, at no cost (default: %(default)s)",
    )
    costs.add_argument(
        "--max-wer",
        type=_limit("a word error rate", Decimal(100)),
        default=Decimal(15),
        metavar="PERCENT",
        help="highest word error rate on Russian, or none (default: %(default)s)",
    )
    costs.add_argument(
        "--max-p95",
        type=_limit("a time", _HOUR_S),
        default=None,
        metavar="S",
        help="longest time for 95 of 100 messages in seconds, or none (default: none)",
    )
    costs.add_argument(
        "--engines", metavar="A,B", help="only these: the ones that can be had (default: all of the file)"
    )
    costs.add_argument("--prices", type=Path, metavar="FILE", help="prices of your own (default: shared/speech)")
    costs.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 with a choice, 1 when no engine is within the limits, 2 when the request makes no sense."""
    given = _parser().parse_args(arguments)
    try:
        file = read_prices(given.prices or shared_path("speech/prices.json"))
        engines = engines_of(file)
        if given.engines is not None:
            wanted = [name.strip() for name in given.engines.split(",") if name.strip()]
            known = {engine.name: engine for engine in engines}
            if not wanted or (unknown := [name for name in wanted if name not in known]):
                missing = ", ".join(unknown) if wanted else "no engine"
                print(f"error: --engines names {missing}; there are {', '.join(known)}", file=sys.stderr)
                return 2
            engines = tuple(known[name] for name in dict.fromkeys(wanted))
    except (PricesUnreadable, SharedDataMissing, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    load = Load(
        minutes=given.minutes,
        clip_s=given.clip_seconds,
        cold_share=given.cold_share,
        messenger_share=given.messenger_share,
    )
    choice = choose(engines, load, Limits(max_wer_percent=given.max_wer, max_p95_s=given.max_p95))
    print(_as_json(choice, load, file) if given.json else _as_table(choice, load, file))
    return 0 if choice.chosen is not None else 1


def _as_table(choice: Choice, load: Load, file: PriceFile) -> str:
    unit = file.currency
    cold, written = _percent(load.cold_share), _percent(load.messenger_share)
    lines = [
        f"{load.minutes} minutes a month in messages of {load.clip_s} s, {cold} of the calls start cold.",
        f"Of the messages {written} come with the messenger's own transcript, which costs nothing.",
        f"Amounts in {unit}, VAT {_vat(file)}; a month includes what the cloud gives free.",
        "",
        f"  {'engine':<16} {'list/min':>9} {'at volume/min':>14} {'a month':>12} {'WER %':>6} {'p95 s':>6}",
    ]
    for cost in choice.costs:
        mark = "*" if cost is choice.chosen else "-" if cost.failings else " "
        wer = "?" if cost.engine.wer_percent is None else f"{cost.engine.wer_percent}"
        lines.append(
            f"{mark} {cost.engine.name:<16} {_money(cost.list_a_minute):>9} {_money(cost.a_minute):>14}"
            f" {_money(cost.a_month):>12} {wer:>6} {cost.p95_s:>6}"
        )
    lines += ["", "* chosen, - out of the question", "", choice.reason, "", "Prices:"]
    lines += [
        f"  {price.amount} {unit} per {price.unit}, {price.provenance}, as of {price.as_of}: {price.source}"
        for price in file.prices.values()
    ]
    lines += ["", "Error rates:"]
    lines += [f"  {entry.name}: {_wer_in_words(entry)}" for entry in file.engines]
    return "\n".join(lines)


def _as_json(choice: Choice, load: Load, file: PriceFile) -> str:
    value = {
        "minutes": float(load.minutes),
        "clip_seconds": float(load.clip_s),
        "cold_share": float(load.cold_share),
        "messenger_share": float(load.messenger_share),
        "currency": file.currency,
        "prices_version": file.version,
        "engines": [_row(cost, file) for cost in choice.costs],
        "chosen": choice.chosen.engine.name if choice.chosen is not None else None,
        "reason": choice.reason,
    }
    return json.dumps(value, ensure_ascii=False)


def _row(cost: Cost, file: PriceFile) -> dict[str, object]:
    wer = cost.engine.wer_percent
    return {
        "name": cost.engine.name,
        "list_per_minute": round(float(cost.list_a_minute), 4),
        "per_minute": round(float(cost.a_minute), 4),
        "per_month": float(cost.a_month.quantize(_KOPECK)),
        "wer_percent": None if wer is None else float(wer),
        "p95_s": float(cost.p95_s),
        "wer_note": _wer_in_words(file.entry(cost.engine.name)),
        "within_limits": not cost.failings,
        "failings": list(cost.failings),
        "assumed": list(cost.engine.guesses),
        "oldest_price": min(price.as_of for price in file.used_by(cost.engine.name)).isoformat(),
    }


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(_KOPECK)}"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _wer_in_words(entry: ComputedEntry | MeteredEntry) -> str:
    wer = entry.wer_percent
    return entry.wer_note or "not known" if wer is None else f"{wer.amount} %, {wer.provenance}: {wer.source}"


def _vat(file: PriceFile) -> str:
    included = {price.vat_included for price in file.prices.values()}
    return "partly included" if len(included) > 1 else "included" if included == {True} else "not included"


if __name__ == "__main__":
    sys.exit(main())
