"""Rules that combine days: stretches between them, lists, what is excluded, what only moves from them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar.dates import between
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, values
from salon.understanding.grammar.periods import DAYS_IN_WEEK, stretch
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
    """«до пятницы» has the Friday in it, «до выходных», «до апреля» end the day before, «по пятницам» has no end."""
    if taken[0].cls == "i" and taken[-1].text.endswith(("ам", "ям")):
        return None
    first, last = _edges(taken[-1])
    if taken[0].cls == "d" and taken[-1].cls == "2" and first is not None and first > env.today:
        last = first - timedelta(days=1)
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


def _eve_too(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«на восьмое марта или накануне»."""
    day: Day = taken[0].value
    if day.date is None:
        return None
    return [atom("3", [day, Day(day.date - timedelta(days=1), flags=day.flags)], taken)]


def _day_before(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«20-го свадьба, хочу накануне», «…за день до этого»."""
    day: Day = taken[0].value
    if day.date is None or has(taken, "H"):
        return None
    amount = (2 if has(taken, "w") else (values(taken, "N") or [1])[0]) * (DAYS_IN_WEEK if has(taken, "e") else 1)
    found = days.plus_months(day.date, -1) if has(taken, "o") else days.plus_days(day.date, -amount)
    between_them = [token for token in taken[1:] if token.cls in "_,"]
    return [*between_them, atom("D", Day(found, flags=day.flags), taken)]


def _day_after(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«на следующий день после восьмого марта», «через неделю после Пасхи»."""
    last = _edges(taken[-1])[1]
    if last is None:
        return None
    counted = next((token.value for token in taken if token.cls == "χ"), None)
    if counted is None:
        return [atom("D", Day(last + timedelta(days=1), flags=taken[-1].value.flags), taken)]
    amount = 2 if has(counted, "w") else (values(counted, "N") or [1])[0]
    unit = next(token.cls for token in counted if token.cls in "yeo")
    if has(counted, "H") or (unit == "y" and not values(counted, "Nw")):
        return [atom("D", Day(last + timedelta(days=1), flags=("date",)), taken)]
    moved = days.plus_months(last, amount) if unit == "o" else days.plus_days(
        last, amount * (DAYS_IN_WEEK if unit == "e" else 1)
    )  # fmt: skip
    return [atom("D", Day(moved, flags=taken[-1].value.flags), taken)]


def _joined(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«после 1 июня, но до 10 июня»."""
    one, other = values(taken, "2")
    for first, last in ((one, other), (other, one)):
        if first.last is None and last.first is None and first.first and last.last and first.first <= last.last:
            return [atom("2", Span(first.first, last.last, flags=(*first.flags, *last.flags)), taken)]
    return None


def _side_by_side(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«на этой или на следующей неделе»."""
    one, other = values(taken, "2")
    if None in {one.first, one.last, other.first, other.last} or (other.first - one.last).days != 1:
        return None
    return [atom("2", Span(one.first, other.last, flags=(*one.flags, *other.flags)), taken)]


def _unable_till(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«до среды не могу»: from then on."""
    first = _edges(taken[1])[0]
    return [atom("2", Span(first, None, flags=taken[1].value.flags), taken)] if first else None


def _different_kinds(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«после 18:30 или в выходные»: the hour does not belong to the days, so neither is booked unasked."""
    mark = Token("θ", "date", "", taken[0].start, taken[-1].end)
    return [taken[0], mark, taken[-1]]


def _as_it_is(_: list[Token], __: Env) -> Sequence[Token] | None:
    return []


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
    framed = next((day for day in found if day.week), None)
    if framed is None or framed.week is None:
        return found
    return [day if day.weekday == framed.weekday else day.within(framed.week) for day in found]


def _alternatives(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("3", _members(taken), taken)]


def _enumerated(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«четверг, пятница, суббота»: any of them, when all are plain weekdays."""
    named = [token.value.weekday for token in taken if token.cls == "D"]
    return _alternatives(taken, env) if None not in named and len(set(named)) == len(named) else None


def _excluded(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("4", _members(taken), taken)]


def _negated_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """A time that does not suit cannot be written down as a wish: leave a mark to ask."""
    if taken[0].cls == "4" and taken[0].text.startswith(_EXCEPT):
        return None
    mark = Token("θ", "negation", "", taken[0].start, taken[-1].end)
    return [*(token for token in taken if token.cls == "4"), mark]


def _keep_last(classes: str) -> Callable[[list[Token], Env], Sequence[Token] | None]:
    def action(taken: list[Token], _: Env) -> Sequence[Token] | None:
        return [next(token for token in reversed(taken) if token.cls in classes)]

    return action


_EXCEPT = ("кроме", "за исключением", "исключая")
"""«кроме воскресенья после пяти»: the hour belongs to the other days."""

SPAN_RULES: tuple[Rule, ...] = (
    ("s[D2][vn]?[P6T]?_?n[D2]", _keep_last("D2")),
    ("[prnk]_?/,?(?=[vn]?D)|(?<=D),?[prnk]_?/", _as_it_is),
    ("(?<![prdskui<>])(?<![prdskui<>]_)[vn]?/(?=.*[D2])", _as_it_is),
    ("[vnk]?D_{3,8}λ_{0,2}[vn]?(?=[D23])", _as_it_is),
    ("π_{0,3}[vn]?[D2](?:,?[vn]?T)?(?=.*[D23])|[vns]?[D2]I?_{0,2}π(?=.*[D23])", _as_it_is),
    ("(?<![sdprui<>])(?:[vnk]?[D2],?){1,2}(?:,?[vn]?T)?[_,/]{0,8},_{0,2}λ_{0,2}[vn]?(?=[D23])", _as_it_is),
    ("[vn]?D_{1,4},[a_]?[vn]?(?=D_?β)", _as_it_is),
    ("[vn]?D_{0,3}Ω_{0,2}(?=.*[D23])", _as_it_is),
    ("μ_{0,2}[vn]?D_{0,2}n[vn]?D", _keep_last("D")),
    ("π_{0,3}[vn]?[D2](?=.*8)", _as_it_is),
    ("D,?_{0,2}lu(?![D%])", _eve_too),
    ("D[,_;~λ]{1,8}u(?![D%])|D[,_]{1,6}=[NwH]?[yeo]ρ", _day_before),
    ("[vn]?Zyp[D2]|χ[D2]", _day_after),
    ("dDU|dD_U", _unable_till),
    ("s[D2](?:i|d|-)[D2]", _between),
    ("z[D2]j[D2]", _between),
    ("D-D", _between),
    ("=[NwH]?[yeo]d[D2]", _ahead_of),
    ("p[D2]", _after),
    ("[ur][D2]", _before),
    ("[<s][D2]", _since),
    ("[di>][D2]", _up_to),
    ("[vn]?D(?:,[vn]?D){2,}(?!,?[lj])", _enumerated),
    ("[D3][,]?[lj][vn]?D|D,[vn]?D(?=,?[lj][vn]?D)", _alternatives),
    ("I[λμ]?[vnk]?[D32]", _excluded),
    ("4,?[jI]{1,2}[vn]?[D3]", _excluded),
    ("[vn]?[D3][,_]?[_]?U", _excluded),
    ("[vn]?2[,_]?[_]?U(?=.*[D2])", _excluded),
    ("U_?[vn]?[D3]", _excluded),
    ("4,?a?[vn]?Dυ", _excluded),
    ("U_?[T6P]|4[T6P]", _negated_time),
    ("[vn][D23]", _keep_last("D23")),
    ("k[D2]", _up_to),
    ("2,?[lj][vn]?2", _side_by_side),
    ("2,?[aj]{0,2}2", _joined),
    ("[6TP],?l[vn]?[D23]|[D23],?l[6TP]", _different_kinds),
)  # fmt: skip
