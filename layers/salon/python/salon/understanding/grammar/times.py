"""Rules that make times of day, time ranges, moves and durations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from salon.understanding import days
from salon.understanding.grammar.engine import Day, Env, Rule, atom, has, point_from, values
from salon.understanding.grammar.tokens import Point, Token

_PREPOSITIONS = "vnkdspbz"
_GENITIVE_PARTS = {"утра", "вечера", "ночи", "утречка", "вечерка"}
_HOUR_WORDS = {"час", "часу", "часа", "часик", "часом"}
_MINUTES_IN = {"h": 60, "m": 1}
_MAX_MINUTE = 59
_PAIR = 2
_LONGEST_VISIT = 4


def _amount(taken: list[Token]) -> float:
    """Return the number said with a unit: one when none is said, two for «пару»."""
    for token in taken:
        if token.cls == "N":
            return float(token.value)
        if token.cls == "w":
            return _PAIR
        if token.cls == "H":
            return 1.5
    return 1


def _elapsed(taken: list[Token]) -> int:
    """Return the minutes of «2 часа 30 минут», «полтора часа», «минут на 15»."""
    units = [token for token in taken if token.cls in "hmNwH"]
    if len(units) == 2 and units[0].cls in "hm":  # noqa: PLR2004 - «минут на 15»
        units.reverse()
    total, pending = 0.0, None
    for token in units:
        if token.cls in "NwH":
            pending = {"w": 2.0, "H": 1.5}.get(token.cls) or float(token.value)
        elif token.cls in "hm":
            total += (1.0 if pending is None else pending) * _MINUTES_IN[token.cls]
            pending = None
    return int(total)


def _after_elapsed(taken: list[Token], env: Env) -> Sequence[Token] | None:
    minutes = _elapsed(taken) if taken[0].cls == "x" else int(_amount(taken) * _MINUTES_IN[taken[0].cls])
    if not 0 < minutes < 60 * 24 * 60:
        return None
    moment = days.later_local(env.now, env.zone, timedelta(minutes=minutes))
    approx = has(taken, "w") or taken[0].cls != "x"
    point = Point(moment.hour, moment.minute, fixed=True, approx=approx)
    return [atom("D", Day(moment.date()), taken), atom("T", point, taken[-1:])]


def _shift(taken: list[Token], _: Env) -> Sequence[Token] | None:
    sign = 1 if has(taken, "S") else -1
    if has(taken, "y") or has(taken, "e"):
        amount = int(_amount(taken) * (7 if has(taken, "e") else 1))
        return [atom("8", (None, sign * amount), taken)]
    return [atom("8", (sign * _elapsed(taken), None), taken)]


def _half(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return _quarter_of(taken, 30)


def _quarter(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return _quarter_of(taken, 15)


def _quarter_of(taken: list[Token], minutes: int) -> Sequence[Token] | None:
    hour = taken[-1].value
    if not 1 <= hour <= 12:  # noqa: PLR2004 - the dial
        return None
    return [atom("T", Point((hour - 2) % 12 + 1, minutes), taken)]


def _minutes_of(taken: list[Token], _: Env) -> Sequence[Token] | None:
    minutes = taken[0].value
    return _quarter_of(taken, minutes) if 0 < minutes <= _MAX_MINUTE else None


def _without(taken: list[Token], _: Env) -> Sequence[Token] | None:
    minutes = 15 if has(taken, "q") else taken[1].value
    last = next(token for token in reversed(taken) if token.cls in "NhT")
    rest = [token for token in taken[2:] if token.cls == "N"]
    hour = rest[-1].value if rest else (1 if last.cls == "h" else -1)
    if not (0 < minutes <= _MAX_MINUTE and 1 <= hour <= 24):  # noqa: PLR2004 - a clock
        return None
    point = point_from((hour - 1) % 24 or (12 if hour == 1 else 0), 60 - minutes)
    return [atom("T", point, taken)] if point else None


def _clock(taken: list[Token], _: Env) -> Sequence[Token] | None:
    head = [taken[0]] if taken[0].cls in _PREPOSITIONS + "-" else []
    numbers = [token for token in taken if token.cls in "N0"]
    minute = 30 if has(taken, "5") else (0 if len(numbers) < 2 or numbers[1].cls == "0" else numbers[1].value)  # noqa: PLR2004 - a pair
    if len(numbers) > 1 and not has(taken, "m") and not (minute >= 10 or numbers[1].text in {"00", "05", "ноль ноль"}):  # noqa: PLR2004 - «в 15 5» is no time
        return None
    point = point_from(numbers[0].value, minute, text=numbers[0].text if numbers[0].text.isdecimal() else "")
    if point is None:
        return None
    if numbers[-1].text in {"00", "ноль ноль"} and not head and numbers[0].value <= 12:  # noqa: PLR2004 - the dial
        point.loose = False
    return [*head, atom("T", point, taken[len(head) :])]


def _glued(taken: list[Token], _: Env) -> Sequence[Token] | None:
    token = taken[-1]
    if len(token.text) not in {3, 4} or not token.text.isdecimal():
        return None
    point = point_from(token.value // 100, token.value % 100, text=token.text)
    return [*taken[:-1], atom("T", point, [token])] if point else None


def _hours(taken: list[Token], _: Env) -> Sequence[Token] | None:
    number = next(token for token in taken if token.cls == "N")
    point = point_from(number.value, text=number.text if number.text.isdecimal() else "")
    if point is None:
        return None
    head = [token for token in taken if token.cls not in "Nh"]
    point.loose = not head or head[-1].cls == "n"
    return [*head, atom("T", point, [number, taken[-1]])]


def _one_o_clock(taken: list[Token], _: Env) -> Sequence[Token] | None:
    if taken[-1].text not in _HOUR_WORDS:
        return None
    return [taken[0], atom("T", Point(1, loose=taken[0].cls == "n"), taken[1:])]


def _hour_of(taken: list[Token], _: Env) -> Sequence[Token] | None:
    hour = taken[1].value
    if not 1 <= hour <= 12:  # noqa: PLR2004 - the dial
        return None
    return [atom("6", (Point((hour - 2) % 12 + 1), Point(hour)), taken)]


def _with_part(taken: list[Token], _: Env) -> Sequence[Token] | None:
    head = [token for token in taken[:-2] if token.cls not in "NTh"]
    time_token, part = taken[len(head)], taken[-1]
    if part.cls == "P" and part.text not in _GENITIVE_PARTS:
        return None
    if part.cls == "y" and (part.text != "дня" or (time_token.cls == "N" and not head)):
        return None
    if part.cls == "y" and head and head[-1].cls == "n":
        return None
    named: Point = time_token.value
    point = named if time_token.cls == "T" else point_from(1 if time_token.cls == "h" else time_token.value)
    if point is None:
        return None
    meridiem = part.value if part.cls == "P" else "day"
    return [*head, atom("T", Point(point.hour, point.minute, point.fixed, meridiem, point.approx), taken[len(head) :])]


def _number_to_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    changed: list[Token] = []
    for token in taken:
        if token.cls != "N":
            changed.append(token)
            continue
        point = point_from(token.value, text=token.text if token.text.isdecimal() else "")
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


def _few_hours(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«часа на три» is how long, «часов на двенадцать» is when."""
    return _duration(taken, _) if taken[-1].value <= _LONGEST_VISIT else None


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
    first, last = values(taken, "T")
    return [atom("6", (first, last, "time"), taken)]


def _finish(taken: list[Token], _: Env) -> Sequence[Token] | None:
    found = values(taken, "T6")
    point = found[0] if isinstance(found[0], Point) else found[0][1]
    return [atom("7", point, taken)] if point else None


def _after_on(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«с четверга 15:00 на пятницу 17:00»: only where it moves to counts."""
    place = next(i for i, token in enumerate(taken) if token.cls == "n")
    return [token for token in taken[place + 1 :] if token.cls in "D2T"]


def _inner_range(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return taken[-1:]


def _after_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A bare number after a date is a time; after a weekday whose date it equals it could be either."""
    changed = _number_to_time(taken, env)
    day = taken[0].value
    if changed and isinstance(day, Day) and day.weekday is not None and day.date and day.date.day == taken[-1].value:
        doubt = replace(day, flags=(*day.flags, f"time:{taken[-1].value}:00"))
        return [Token("D", doubt, taken[0].text, taken[0].start, taken[0].end), *changed[1:]]
    return changed


def _drop(_: list[Token], __: Env) -> Sequence[Token] | None:
    return []


def _firm(taken: list[Token], _: Env) -> Sequence[Token] | None:
    token = taken[-1]
    point: Any = token.value
    if taken[0].cls != "n":
        point.loose = False
    return [token]


def _duration(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("9", _elapsed(taken), taken)]


def _mark_approx(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("A", None, taken[:1])]


_UNIT = "(?:[NwH]?h(?:j?Nm)?|[NwH]?m)"

CLOCK_RULES: tuple[Rule, ...] = (
    ("~", _drop),
    (f"x{_UNIT}", _after_elapsed),
    ("[hm]xN", _after_elapsed),
    (f"n?(?:{_UNIT}|[NwH]?[ye])[QS]", _shift),
    ("[hm]nN[QS]", _shift),
    (f"[QS],?n(?:{_UNIT}|[NwH]?[ye]|[hm]nN)", _shift),
    ("f-?O", _half),
    ("FO", _half),
    ("fN", _half),
    ("qO", _quarter),
    ("NmO(?!M)", _minutes_of),
    ("b(?:Nm?|q)N?h?(?<=[Nh])", _without),
    ("N5", _clock),
    ("Nhj?Nm", _clock),
    ("[vknpds-]NhN(?![M#hc])", _clock),
    ("[vknpds-]N[N0](?!m?[M#hc])", _clock),
    ("N0", _clock),
    ("NN(?=,?[P~;]|$)", _clock),
    ("[vknpds]N(?!g)", _glued),
    ("[vknds]?N[hm]?#|#NhN?m?|#Nm|#hn?N", _drop),
    ("=N(?![hmyeo])", _drop),
    ("hnN", _few_hours),
    ("h(?=[vkn][NTf])", _mark_approx),
    ("vOh", _hour_of),
    ("[vnkdsp]?(?:Nh?|T|h)P", _with_part),
    ("[vnkdsp-]?(?:Nh?|T|h)y", _with_part),
    ("[vknpds]?Nh", _hours),
    ("[vkdspnz]h(?!N)", _one_o_clock),
    ("[vknpds]?TP", _with_part),
)  # fmt: skip

NUMBER_RULES: tuple[Rule, ...] = (
    ("[NT][lj-][vk]?[NT](?=P)", _number_to_time),
    ("s[NT][di-][NT]", _number_to_time),
    ("z[NT]j[NT]", _number_to_time),
    ("[NT]-[NT]", _number_to_time),
    ("[NT]d[NT]", _number_to_time),
    ("(?:[vkdsp]|A[vkn]?|[<>QS][vk]?)N(?![myeo#])", _number_to_time),
    ("nN(?![hmyeo#])", _number_to_time),
    ("T,?l[vk]?N", _number_to_time),
    ("[DP234],?N(?!-)", _after_day),
)

RANGE_RULES: tuple[Rule, ...] = (
    ("A[vkn]?[T6]", _approximate),
    ("V_{0,2}[vkdn>]?T", _finish),
    ("[vkd>]T_?V", _finish),
    ("s[D2]?v?T_?n(?:[D2][vn]?)?T", _after_on),
    ("sT[di-]T", _range),
    ("zTjT", _range),
    ("(?<![vkAsz])T-T", _loose_range),
    ("T-T", _range),
    ("TdT", _range),
    ("[vk]?T,?[lj][vk]?T", _either),
    ("[p][T]", _from),
    ("<[vkd]?T", _from),
    ("S[vk]?T", _from),
    ("sT", _from),
    (">[vkd]?T", _until),
    ("Q[vk]?T", _until),
    ("dT", _until),
    ("A[vkn]?[T6]", _approximate),
    ("6,?[ja]{0,2}6", _join),
    ("I[vkn]?[T6]", lambda taken, _: [atom("I", "negation", taken)]),
    ("[vkn]T", _firm),
    ("[vn]6", _inner_range),
    ("n?[NwH]?m|mnN|n?[NwH]h|hnN", _duration),
)  # fmt: skip
