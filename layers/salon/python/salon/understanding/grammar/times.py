"""Rules that join times of day: bare numbers beside days, ranges, alternatives, when to be done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from salon.understanding.grammar.clock import duration
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, point_from, values
from salon.understanding.grammar.tokens import Point, Token

_ONE_THING = frozenset({"один", "одна", "одну", "одной", "одном", "одним", "одному"})
"""Nobody says «в одну» for an hour."""


def _number_to_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    changed: list[Token] = []
    if any(token.cls == "N" and token.text in _ONE_THING for token in taken):
        return None
    for token in taken:
        if token.cls != "N":
            changed.append(token)
            continue
        text = token.text if token.text.isdecimal() else ""
        is_end = changed and changed[-1].cls in "d-i" and token.value == 24  # noqa: PLR2004 - midnight, as an end
        point = Point(0, fixed=True) if is_end else point_from(token.value, text=text)
        if point is None:
            return None
        changed.append(atom("T", point, [token]))
    return changed


def _approximate(taken: list[Token], _: Env) -> Sequence[Token] | None:
    token = taken[-1]
    ends = token.value if token.cls == "6" else (token.value,)
    for point in ends[:2]:
        if point is not None:
            point.approx = True
    return [token]


def _range(taken: list[Token], _: Env) -> Sequence[Token] | None:
    first, last = values(taken, "T")
    return [atom("6", (first, last), taken)]


def _loose_range(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«3-4 часа» without a preposition may as well be how long it takes."""
    first, last = values(taken, "T")
    return [atom("6", (first, last, "time"), taken)] if last.loose else None


def _from(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("6", (taken[-1].value, None), taken)]


def _until(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("6", (None, taken[-1].value), taken)]


def _join(taken: list[Token], _: Env) -> Sequence[Token] | None:
    one, other = values(taken, "6")
    if (one[0] and other[0]) or (one[1] and other[1]):
        return None
    return [atom("6", (one[0] or other[0], one[1] or other[1]), taken)]


def _either(taken: list[Token], _: Env) -> Sequence[Token] | None:
    points = values(taken, "T")
    return [atom("6", (points[0], points[-1], "time"), taken)]


def _finish(taken: list[Token], _: Env) -> Sequence[Token] | None:
    found = values(taken, "T6")
    point = found[0] if isinstance(found[0], Point) else found[0][1]
    kept = [token for token in taken if token.cls == "D"]
    return [*kept, atom("7", point, taken)] if point else None


def _after_on(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«с четверга 15:00 на пятницу 17:00»: only where it moves to counts."""
    place = next(i for i, token in enumerate(taken) if token.cls == "n")
    return [token for token in taken[place + 1 :] if token.cls in "D2T"]


def _inner_first(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return taken[:1]


def _inner_range(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return taken[-1:]


def _compact(token: Token) -> Token | None:
    """«завтра 1745»."""
    point = point_from(token.value // 100, token.value % 100, text=token.text) if len(token.text) > 2 else None  # noqa: PLR2004 - hours and minutes
    return atom("T", point, [token]) if point and token.text.isdecimal() else None


def _after_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A bare number after a date is a time; after a weekday whose date it equals it could be either."""
    if found := _compact(taken[-1]):
        return [*taken[:-1], found]
    changed = _number_to_time(taken, env)
    day = taken[0].value
    if changed and isinstance(day, Day) and day.weekday is not None and day.date and day.date.day == taken[-1].value:
        doubt = replace(day, flags=(*day.flags, f"time:{taken[-1].value}:00"))
        return [Token("D", doubt, taken[0].text, taken[0].start, taken[0].end), *changed[1:]]
    return changed


def _firm(taken: list[Token], _: Env) -> Sequence[Token] | None:
    token = taken[-1]
    point: Any = token.value
    if taken[0].cls != "n":
        point.loose = False
    return [token]


def _since_or_until(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в 5 или позже», «в 5 или раньше»."""
    point = values(taken, "T")[0]
    return [atom("6", (None, point) if has(taken, "Q") else (point, None), taken)]


def _unable_beyond(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«до шести не могу» leaves what comes after, «после шести не могу» what comes before."""
    inner = next(token for token in taken if token.cls in "6D2")
    if inner.cls == "6":
        start, end = inner.value[:2]
        return [atom("6", (end, start), taken)] if start is None or end is None else None
    return [atom("2", Span(inner.value.date, None, flags=inner.value.flags), taken)] if inner.cls == "D" else None


def _not_beyond(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«не приду раньше 15»: from then on."""
    point = taken[-1].value
    return [atom("6", (point, None) if has(taken, "Q") else (None, point), taken)]


def _free_from(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«освобожусь в шесть», «работаю до шести»."""
    found = taken[-1]
    if found.cls == "D":
        return [atom("2", Span(found.value.date, None, flags=found.value.flags), taken)]
    if found.cls == "6" and found.value[0] and found.value[1]:
        return [found]
    point = found.value if found.cls == "T" else (found.value[0] or found.value[1])
    return [atom("6", (point, None), taken)]


def _due(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«к шести мне на работу»: done by then; «в шесть за ребёнком» does not say when to be done, so it is asked."""
    return [atom("η", (values(taken, "T")[0], has(taken, "v")), taken)]


def _done_earlier(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«раньше освободиться»: earlier than what was named, which is what «освободиться» says already."""
    return [token for token in taken if token.cls == "V"]


def _hurry(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«успею к шести?» may speak of coming, «успеем до шести?» of being done."""
    made = _finish(taken, _)
    if made is None or has(taken, "d") or any(token.cls == "ψ" and token.text == "успеть" for token in taken):
        return made
    return [*made, doubt("time", taken)]


def _done_in_part(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«закончить до обеда» names no hour."""
    return [doubt("time", taken)]


def _done_before_that(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в 18:00 меня заберут, закончить надо до этого»."""
    place = next(index for index, token in enumerate(taken) if token.cls == "T")
    if sum(token.cls in "T6" for token in taken) > 1:
        return None
    return [*(_finish(taken[place : place + 1], env) or []), *taken[place + 1 : -1]]


def _ahead_of_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«за час до шести»."""
    point: Point = taken[-1].value
    minutes = point.hour * 60 + point.minute - taken[0].value
    if minutes < 0:
        return None
    return [atom("T", replace(point, hour=minutes // 60 or 12, minute=minutes % 60), taken)]


def doubt(about: str, taken: list[Token]) -> Token:
    """Make a token that stands for a doubt and nothing else."""
    return Token("θ", about, "", taken[0].start, taken[-1].end)


def _day_of_booked(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«я записана на пятницу на 3, хочу на 5»: the hour is what it was, the day may stay."""
    return [token for token in taken if token.cls in "πD2"]


def _denied_again(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«у меня в два, а можно не в два, а в четыре»: what was named first is what is denied then."""
    first, again = (token.value for token in taken if token.cls == "T")
    if (first.hour, first.minute) != (again.hour, again.minute):
        return None
    place = next(index for index, token in enumerate(taken) if token.cls == "T")
    return [token for token in taken[place + 1 : -1] if token.cls not in "Ivkn"]


def _drop(_: list[Token], __: Env) -> Sequence[Token] | None:
    return []


def _nearest(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«дайте ближайшее» names no day: whatever comes first."""
    return [atom("X", None, taken)] if taken[0].text == "ближайшее" else None


NUMBER_RULES: tuple[Rule, ...] = (
    ("^λ,?N;?$", _number_to_time),
    ("[NT][lj-][vk]?[NT](?=P)", _number_to_time),
    ("[vkn]?[NT](?:,[vk]?[NT])+,?l[vk]?[NT](?!-)", _number_to_time),
    ("IN(?=[vkn][NT])|[vk][NT],?a?I[vkn]?N(?![hmM])", _number_to_time),
    ("s[NT][di-][NT]", _number_to_time),
    ("z[NT]j[NT]", _number_to_time),
    ("[NT]-[NT]", _number_to_time),
    ("[NT]d[NT]", _number_to_time),
    ("(?:[vkdspφψκ]|A[vkn]?|[<>QS][vk]?)N(?![myeoα#])", _number_to_time),
    ("nN(?![hmyeo#])", _number_to_time),
    ("T,?l[vk]?N", _number_to_time),
    ("N(?=[_E]?ε|EU)", _number_to_time),
    ("[DP234](?:,|-)?N(?!-)", _after_day),
)

RANGE_RULES: tuple[Rule, ...] = (
    ("(?<=[T6]),?a?I[vkn]?T|(?<=P),?a?IP", _drop),
    ("U_?[QS][vk]?T", _not_beyond),
    ("[vkn]?T[^T6]{0,8}I[vkn]?T(?=[,_aλ]{0,3}[vkn]?[T6])", _denied_again),
    ("γ_{0,3}(?:[vkpds<>]?[T6]|d?P),?", _drop),
    ("P_?n(?=P)", _drop),
    ("π_{0,3}(?:[vn]?[D2])?,?[vn]?T(?=.*[T68])", _day_of_booked),
    ("A[vkn]?[T6]", _approximate),
    ("κT", _ahead_of_time),
    ("Q_?V|V_?Q", _done_earlier),
    ("V_{0,2}D?_?[vkdn>]?T", _finish),
    ("[vkd>]T_{0,3}V", _finish),
    ("ψ_?[kd>]T|[kd>]T_{0,2}ψ", _hurry),
    ("V_{0,2}P|P_{0,2}V", _done_in_part),
    ("[vk]?T.{0,8}V_{0,2}ρ", _done_before_that),
    ("[vkd]T_{0,3}δ|δ_{0,2}[vkd]T", _due),
    ("I[λμ]?[vkn]?[T6](?=[,_aλ]{0,3}[vknspd]{0,2}[T6])|[vkn]?[T6],?_?U(?=.*[T6])", _drop),
    ("(?:I,?)?[vkn]?[T6],?(?:[_E]?εU?|EU)(?=.*[T6])|U_?[vkn]?[T6](?=,?[_aλ]{0,3}[vkn]?[T6])", _drop),
    ("IP(?=,?[aC]?_?P)|P,?_?U(?=[^4]*P)", _drop),
    ("s[D2]?v?T_?n(?:[D2][vn]?)?T", _after_on),
    ("sT[di-]T", _range),
    ("pT,?[_a]?dT", _range),
    ("zTjT", _range),
    ("(?<![vkApdsz])T-T", _loose_range),
    ("(?<![pd])T-T", _range),
    ("TdT", _range),
    ("[vks]?T,?[lj][SQ](?![vk]?T)|[vk]?T,?lp(?!T)", _since_or_until),
    ("[vk]?T(?:,[vk]?T)*,?[lj][vk]?T", _either),
    ("φ_{0,2}[vkpds<]?[T6D]", _free_from),
    ("[p][T]", _from),
    ("<[vkd]?T", _from),
    ("S[vk]?T", _from),
    ("sT", _from),
    (">[vkd]?T", _until),
    ("Q[vk]?T", _until),
    ("dT", _until),
    ("6,?[lj]S", _inner_first),
    ("A[vkn]?[T6]", _approximate),
    ("6,?[ja]{0,2}6", _join),
    ("6,?_?U", _unable_beyond),
    ("dD_?U", _unable_beyond),
    ("I[vkn]?[T6]", lambda taken, _: [doubt("negation", taken)]),
    ("[vkn]T", _firm),
    ("[vn]6", _inner_range),
    ("n?[NwH]?m|mnN|n?[NwH]h|hnN", duration),
    ("B", _nearest),
)  # fmt: skip
