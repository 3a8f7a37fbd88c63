"""Rules that combine days: stretches between them, lists, what is excluded, what only moves from them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar.dates import DAYS_IN_WEEK, between, stretch
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, values
from salon.understanding.grammar.tokens import Token


def _edges(token: Token) -> tuple[date | None, date | None]:
    if token.cls == "D":
        return token.value.date, token.value.date
    return token.value.first, token.value.last


def _between(taken: list[Token], env: Env) -> Sequence[Token] | None:
    first, last = (token for token in taken if token.cls in "D2")
    start = first.value if first.cls == "D" else Day(first.value.first, flags=first.value.flags)
    end = last.value if last.cls == "D" else Day(last.value.last, flags=last.value.flags)
    return [atom("2", between(start, end, env), taken)]


def _open_span(taken: list[Token], first: date | None, last: date | None) -> list[Token]:
    """A stretch that starts or ends at a day keeps that day's doubts."""
    return [atom("2", Span(first, last, flags=taken[-1].value.flags), taken)]


def _after(taken: list[Token], _: Env) -> Sequence[Token] | None:
    last = _edges(taken[-1])[1]
    return _open_span(taken, last + timedelta(days=1), None) if last else None


def _since(taken: list[Token], _: Env) -> Sequence[Token] | None:
    first = _edges(taken[-1])[0]
    return _open_span(taken, first, None) if first else None


def _up_to(taken: list[Token], env: Env) -> Sequence[Token] | None:
    last = _edges(taken[-1])[1]
    return _open_span(taken, env.today if taken[-1].cls == "2" else None, last) if last else None


def _ahead_of(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«за неделю до 8 марта»."""
    first = _edges(taken[-1])[0]
    if first is None or has(taken, "H"):
        return None
    amount = 2 if has(taken, "w") else (values(taken[:-1], "N") or [1])[0]
    found = days.plus_months(first, -amount) if has(taken, "o") else days.plus_days(
        first, -amount * (DAYS_IN_WEEK if has(taken, "e") else 1)
    )  # fmt: skip
    return [atom("D", Day(found, flags=taken[-1].value.flags, approx=has(taken, "w")), taken)]


def _before(taken: list[Token], env: Env) -> Sequence[Token] | None:
    first = _edges(taken[-1])[0]
    if first is None:
        return None
    if taken[0].cls == "u":
        return [atom("D", Day(first - timedelta(days=1), flags=taken[-1].value.flags), taken)]
    last = first - timedelta(days=1)
    return stretch(taken, max(env.today, last - timedelta(days=6)), last, approx=True)


def _members(taken: list[Token]) -> list[Day]:
    """Return the days said; a week named with one of several weekdays holds for all of them."""
    found: list[Day] = []
    for token in taken:
        if token.cls == "D":
            found.append(token.value)
        elif token.cls in "34":
            found += token.value
        elif token.cls == "2" and token.value.first and token.value.last:
            reach = min((token.value.last - token.value.first).days, 31)
            found += [Day(token.value.first + timedelta(days=ahead)) for ahead in range(reach + 1)]
    week = next((day.week for day in found if day.week), None)
    return [day.within(week) if week else day for day in found]


def _alternatives(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("3", _members(taken), taken)]


def _excluded(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("4", _members(taken), taken)]


def _negated_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """A time that does not suit cannot be written down as a wish: leave a mark to ask."""
    return [*(token for token in taken if token.cls == "4"), atom("I", "negation", taken)]


def _keep_last(classes: str) -> Callable[[list[Token], Env], Sequence[Token] | None]:
    def action(taken: list[Token], _: Env) -> Sequence[Token] | None:
        return [next(token for token in reversed(taken) if token.cls in classes)]

    return action


SPAN_RULES: tuple[Rule, ...] = (
    ("s[D2][vn]?[P6T]?_?n[D2]", _keep_last("D2")),
    ("s[D2](?:i|d|-)[D2]", _between),
    ("z[D2]j[D2]", _between),
    ("D-D", _between),
    ("=[NwH]?[yeo]d[D2]", _ahead_of),
    ("p[D2]", _after),
    ("[ur][D2]", _before),
    ("[<s][D2]", _since),
    ("[d>][D2]", _up_to),
    ("[D3][,]?[lj][vn]?D|D,[vn]?D(?=,?[lj][vn]?D)", _alternatives),
    ("I[vnk]?[D32]", _excluded),
    ("4,?[jI]{1,2}[vn]?[D3]", _excluded),
    ("[vn]?[D3][,_]?[_]?U", _excluded),
    ("U_?[vn]?[D3]", _excluded),
    ("U_?[T6P]|4[T6P]", _negated_time),
    ("[vn][D23]", _keep_last("D23")),
    ("k[D2]", _up_to),
)  # fmt: skip
