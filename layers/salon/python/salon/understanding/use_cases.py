"""Understands a message."""

from dataclasses import replace
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salon.understanding.domain import GRAMMAR_VERSION, Context, Intent, Understood, When
from salon.understanding.errors import ContextNotUsable
from salon.understanding.grammar.engine import Env
from salon.understanding.grammar.parse import parse_when
from salon.understanding.grammar.tokens import Token, known_words, tokenise
from salon.understanding.intents import Evidence, intent_words, score_intent
from salon.understanding.repository import Lexicon, load_lexicon
from salon.understanding.services import find_services, service_words
from salon.understanding.staff import find_staff, name_words
from salon.understanding.text import prepare

_DOUBT_FACTOR = 0.6


def understand(text: str, context: Context, *, lexicon: Lexicon | None = None) -> Understood:
    """Read a message: what the writer wants, which service, with whom, when.

    The same text, context and lexicon always give the same answer. Any string is accepted.

    Args:
        text: The message as it came; a transcript will do.
        context: The moment, the salon's zone and hours, its catalogue, and what was asked before.
        lexicon: The words of the language; the shared one when None.

    Raises:
        ContextNotUsable: ``context.now`` is naive or ``context.timezone`` is unknown.
    """
    words = lexicon or load_lexicon()
    env = _environment(context, words)
    prepared = prepare(text, words, _known(words))
    calendar = known_words(words)
    people = find_staff(prepared, context.catalogue, words, calendar)
    offered = find_services(prepared, context.catalogue, words, people.masked, calendar)
    tokens = tokenise(prepared, words, [*people.masked, *offered.masked])
    when = parse_when(list(tokens), env, truncated=prepared.truncated)
    evidence = Evidence(
        services=len(offered.services),
        when=when is not None and (when.shift_minutes, when.shift_days) == (None, None) and not _only_doubts(when),
        staff=people.staff is not None,
        shift=when is not None and (when.shift_minutes, when.shift_days) != (None, None),
        unable=any(token.cls == "U" for token in tokens),
        wish=when is not None and replace(when, excluded_dates=(), ambiguous=()) != When(),
        off_topic=_is_off_topic(tokens),
        expecting=context.expecting,
    )
    intent, intent_confidence = score_intent(prepared, words, evidence)
    if intent is Intent.LATE:
        when = _delay(tokens, when)
    elif intent is Intent.RESCHEDULE and when is None and any(token.cls in "hm" for token in tokens):
        when = When(ambiguous=("shift",))
    service = offered.services[0] if offered.services else None
    parts = [intent_confidence, *(match.confidence for match in (service, people.staff) if match)]
    doubt = _DOUBT_FACTOR if when is not None and when.ambiguous else 1.0
    return Understood(
        text=text,
        intent=intent,
        intent_confidence=intent_confidence,
        service=service,
        services=offered.services,
        staff=people.staff,
        when=when,
        confidence=round(min(parts) * doubt, 3),
        phone=prepared.phone,
        negated_services=offered.negated,
        negated_staff=people.negated,
        unknown_staff=people.unknown,
        versions={"lexicon": words.version, "grammar": GRAMMAR_VERSION},
    )


def _environment(context: Context, lexicon: Lexicon) -> Env:
    if context.now.utcoffset() is None:
        raise ContextNotUsable("now must carry an offset or a time zone")
    try:
        zone = ZoneInfo(context.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ContextNotUsable(f"unknown time zone: {context.timezone!r}") from error
    return Env(
        now=context.now.astimezone(zone),
        zone=zone,
        hours=context.hours,
        holidays=lexicon.calendar["holidays"],
        daypart_hours=lexicon.calendar["daypart_hours"],
        expecting=context.expecting,
    )


@lru_cache(maxsize=4)
def _known(lexicon: Lexicon) -> frozenset[str]:
    return known_words(lexicon) | intent_words(lexicon) | service_words(lexicon) | name_words(lexicon)


def _only_doubts(when: When) -> bool:
    return when == When(ambiguous=when.ambiguous)


def _is_off_topic(tokens: list[Token]) -> bool:
    """Tell whether words that mean nothing here outnumber the rest («какая сегодня погода»)."""
    foreign = sum(token.cls == "_" and len(token.text) > 3 for token in tokens)  # noqa: PLR2004 - short words are glue
    return foreign > 1 and foreign > sum(token.cls not in "_,;~" for token in tokens)


def _delay(tokens: list[Token], when: When | None) -> When | None:
    """Read the minutes of «опаздываю на 10 минут» as a move of that length."""
    for place, token in enumerate(tokens):
        if token.cls in "hm":
            near = [other for other in tokens[max(0, place - 2) : place + 3] if other.cls == "N" and other.value > 0]
            amount = near[0].value if near else 1
            minutes = amount * (60 if token.cls == "h" else 1)
            return When(shift_minutes=minutes)
    return when
