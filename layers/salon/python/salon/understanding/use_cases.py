"""Understands a message."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salon.understanding.clauses import split_in_two, split_wishes
from salon.understanding.domain import GRAMMAR_VERSION, Context, Intent, Understood, When
from salon.understanding.errors import ContextNotUsable
from salon.understanding.grammar.completion import completion_words, mark_completion
from salon.understanding.grammar.engine import Env
from salon.understanding.grammar.parse import parse_when
from salon.understanding.grammar.tokens import Token, tokenise
from salon.understanding.grammar.vocabulary import known_words
from salon.understanding.intent_features import Spans
from salon.understanding.intent_model import MODEL, Judge
from salon.understanding.intents import Evidence, intent_words
from salon.understanding.repository import Lexicon, load_lexicon
from salon.understanding.salon_words import salon_words
from salon.understanding.services import find_services, service_words
from salon.understanding.staff import find_staff, name_words
from salon.understanding.text import prepare

_DOUBT_FACTOR = 0.6
_NOTHING_READ = 0.3
"""The most that a reading without an intent is worth, however sure it is that there is none."""

_ABOUT_SERVICES = frozenset((Intent.BOOK, Intent.PRICES, Intent.WHO, Intent.WAIT))


def understand(
    text: str, context: Context, *, lexicon: Lexicon | None = None, judge: Judge | None = None
) -> Understood:
    """Read a message: what the writer wants, which service, with whom, when.

    The same text, context and lexicon always give the same answer. Any string is accepted.

    Args:
        text: The message as it came; a transcript will do.
        context: The moment, the salon's zone and hours, its catalogue, and what was asked before.
        lexicon: The words of the language; the shared one when None.
        judge: Where the intent model runs and is counted; in this process and uncounted when None.

    Raises:
        ContextNotUsable: ``context.now`` is naive or ``context.timezone`` is unknown.
    """
    words = lexicon or load_lexicon()
    judging = judge or Judge()
    found = _read(text, context, words, judging)
    pieces = split_wishes(text, words)
    wishes = tuple(_read(piece, context, words, judging) for piece in pieces)
    if not pieces and len(found.services) > 1:
        pairs = (tuple(_read(part, context, words, judging) for part in pair) for pair in split_in_two(text, words))
        return replace(found, wishes=next((whole for pair in pairs if (whole := _each_its_own(*pair))), ()))
    return replace(found, wishes=_told_apart(wishes)) if pieces else found


def _each_its_own(first: Understood, second: Understood) -> tuple[Understood, ...]:
    """Two wishes when each has a service of its own, and a day of its own or a deed of its own; else nothing."""
    if len(first.services) != 1 or len(second.services) != 1 or first.services[0].id == second.services[0].id:
        return ()
    if {first.intent, second.intent} == {Intent.CANCEL, Intent.RESCHEDULE}:
        return first, second
    if first.intent is not Intent.BOOK or second.intent not in {Intent.BOOK, Intent.OTHER}:
        return ()
    days = [_days(one.when) for one in (first, second)]
    return (first, replace(second, intent=Intent.BOOK)) if all(days) and days[0] != days[1] else ()


def _days(when: When | None) -> tuple[date, ...]:
    if when is None:
        return ()
    return when.dates or tuple(day for day in (when.date or when.date_from,) if day is not None)


def _told_apart(wishes: tuple[Understood, ...]) -> tuple[Understood, ...]:
    """The wishes if each is one; a service named only in the first is meant in the others too, as is the person."""
    intents = [wish.intent for wish in wishes]
    if Intent.OTHER in intents or len(set(intents)) < len(intents):
        return ()
    first = wishes[0]
    return tuple(
        wish
        if wish.service is not None or wish.intent not in _ABOUT_SERVICES
        else replace(wish, service=first.service, services=first.services, staff=wish.staff or first.staff)
        for wish in wishes
    )


def _read(text: str, context: Context, words: Lexicon, judge: Judge) -> Understood:
    env = _environment(context, words)
    prepared = prepare(text, words, _known(words), salon_words(context.catalogue, words))
    calendar = known_words(words)
    people = find_staff(prepared, context.catalogue, words, calendar)
    offered = find_services(prepared, context.catalogue, words, people.masked, calendar)
    tokens = tokenise(prepared, words, [*people.masked, *offered.masked])
    marked = mark_completion(tokens, completion_words(words))
    when = parse_when(marked, env, truncated=prepared.truncated)
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
    judged = judge.judge(prepared, words, evidence, Spans(people.masked, offered.masked))
    intent, intent_confidence = judged.intent, judged.confidence
    if intent is Intent.LATE:
        when = _delay(tokens, when)
    elif intent is Intent.RESCHEDULE and when is None and any(token.cls in "hm" for token in tokens):
        when = When(ambiguous=("shift",))
    service = offered.services[0] if offered.services else None
    sure = min(intent_confidence, _NOTHING_READ) if intent is Intent.OTHER else intent_confidence
    parts = [sure, *(match.confidence for match in (service, people.staff) if match)]
    doubt = _DOUBT_FACTOR if when is not None and when.ambiguous else 1.0
    return Understood(
        text=text,
        intent=intent,
        intent_confidence=intent_confidence,
        intent_alternatives=judged.alternatives,
        intent_span=judged.span,
        service=service,
        services=offered.services,
        staff=people.staff,
        when=when,
        confidence=round(min(parts) * doubt, 3),
        phone=prepared.phone,
        email=prepared.email,
        negated_services=offered.negated,
        negated_staff=people.negated,
        unknown_staff=people.unknown,
        versions={"lexicon": words.version, "grammar": GRAMMAR_VERSION, MODEL: judged.version},
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
    """Read the minutes of «опаздываю на 10 минут» as a move of that length; «через час», «к двум часам» are moments.

    A length that is not said as a move («ехать 40 минут, буду к шести») gives way to what was said of the time.
    """
    has_time = when is not None and (when.time or when.time_from or when.time_to or when.finish_by) is not None
    for place, token in enumerate(tokens):
        before = {other.cls for other in tokens[max(0, place - 2) : place]}
        is_length = "n" in before or [other.cls for other in tokens[place + 1 : place + 2]] == ["n"] or not has_time
        if token.cls in "hm" and is_length and not _says_when(tokens, place, before):
            near = [other for other in tokens[max(0, place - 2) : place + 3] if other.cls == "N" and other.value > 0]
            amount = near[0].value if near else 1
            minutes = amount * (60 if token.cls == "h" else 1)
            return When(shift_minutes=minutes)
    return when


_MOMENT_BEFORE = frozenset("xbvkdps<>z")
_MOMENT_AFTER = frozenset("xOPv")


def _says_when(tokens: list[Token], place: int, before: set[str]) -> bool:
    """Whether an hour or a minute word belongs to a time of day rather than to a length."""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    is_followed = after is not None and (after.cls in _MOMENT_AFTER or after.text == "дня")
    return bool(before & _MOMENT_BEFORE) or is_followed
