"""Rules that make times of day, moves and durations out of numbers and words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from salon.understanding import days
from salon.understanding.grammar.engine import Day, Env, Rule, atom, has, point_from, values
from salon.understanding.grammar.tokens import Point, Token

_PREPOSITIONS = "vnkdspbz"
_GENITIVE_PARTS = {"утра", "вечера", "ночи", "утречка", "вечерка", "веч"}
_HOUR_WORDS = {"час", "часу", "часа", "часик", "часок", "часом"}
_ABOUT_HOURS = {"часов", "часа", "часиков", "часика", "часам", "часикам", "часу"}
_HOURS_BY_DAY = {5, 6, 12}
"""«на 2 дня» is how long, and nobody calls ten an hour of the day."""
_HOUR_LONG = {"часик", "часок", "часочек"}
_ONE_MINUTE = {"минуту", "минутку", "минута"}
_MINUTES_IN = {"h": 60, "m": 1}
_MOVES_BY = ("сдвин", "подвин", "отодвин", "отлож", "передвин")
"""Verbs of moving by so much; «перенести» is as often to an hour."""
_MAX_MINUTE = 59
_PAIR = 2
_FIRST_YEAR = 1950
_TWO_DIGITS = 10
"""Minutes below are said with a nought; «в 15 5» is no time."""
LONGEST_VISIT = 4
"""Hours: what is said without a preposition, «2 часа», may be how long up to here."""
_WITHIN_HOUR = {"start": (0, 15), "middle": (30, 30), "end": (45, 59)}


def _amount(taken: list[Token]) -> float:
    """Return the number said with a unit: one when none is said, two for «пару»."""
    for token in taken:
        if token.cls == "N":
            return float(token.value)
        if token.cls == "w":
            return _PAIR
        if token.cls == "H":
            return float(token.value or 1.5)
    return 1


def _elapsed(taken: list[Token]) -> int:
    """Return the minutes of «2 часа 30 минут», «полтора часа», «минут на 15»."""
    units = [token for token in taken if token.cls in "hmNwH"]
    if len(units) == 2 and units[0].cls in "hm":  # noqa: PLR2004 - «минут на 15»
        units.reverse()
    total, pending = 0.0, None
    for token in units:
        if token.cls in "NwH":
            pending = {"w": 2.0, "H": token.value or 1.5}.get(token.cls) or float(token.value)
        elif token.cls in "hm":
            total += (1.0 if pending is None else pending) * _MINUTES_IN[token.cls]
            pending = None
    return int(total)


def _after_elapsed(taken: list[Token], env: Env) -> Sequence[Token] | None:
    counted = taken[0].cls == "x" or taken[-1].cls == "x"
    if taken[-1].cls == "x" and taken[-1].text != "спустя":
        return None
    unit = next(token.cls for token in taken if token.cls in "hm")
    minutes = _elapsed(taken) if counted else int(_amount(taken) * _MINUTES_IN[unit])
    if not 0 < minutes < 60 * 24 * 60:
        return None
    moment = days.later_local(env.now, env.zone, timedelta(minutes=minutes))
    approx = has(taken, "w") or not counted
    point = Point(moment.hour, moment.minute, fixed=True, approx=approx)
    return [atom("D", Day(moment.date()), taken), atom("T", point, taken[-1:])]


def _shift(taken: list[Token], _: Env) -> Sequence[Token] | None:
    sign = 1 if has(taken, "S") else -1
    if has(taken, "y") or has(taken, "e"):
        amount = int(_amount(taken) * (7 if has(taken, "e") else 1))
        return [atom("8", (None, sign * amount), taken)]
    return [atom("8", (sign * _elapsed(taken), None), taken)]


def _shift_back(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«на 45 минут назад»: earlier for most who say so, but not for all."""
    unit = next(token.cls for token in taken if token.cls in "hmye")
    if unit in "ye":
        return [atom("8", (None, -int(_amount(taken) * (7 if unit == "e" else 1))), taken), _unsure("shift", taken)]
    return [atom("8", (-_elapsed(taken), None), taken), _unsure("shift", taken)]


def _shift_somewhere(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«отодвиньте на неделю»: later, most likely."""
    unit = taken[-1].cls
    if unit == "h" and values(taken, "N") and not taken[0].text.startswith(_MOVES_BY):
        return [*taken, _unsure("shift", taken)]  # «перенесите на 2 часа»: to two, or by two
    amount = int(_amount(taken) * {"e": 7, "h": 60}.get(unit, 1))
    return [taken[0], atom("8", (amount, None) if unit in "mh" else (None, amount), taken), _unsure("shift", taken)]


def _unsure(about: str, taken: list[Token]) -> Token:
    return Token("θ", about, "", taken[0].start, taken[-1].end)


def _three_quarters(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return _quarter_of(taken, 45) if taken[0].value == 3 else None  # noqa: PLR2004 - three quarters


def _old_year(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«клиент с 2019 года»."""
    return [] if _FIRST_YEAR < taken[1].value < env.today.year else None


def _quarter_hour(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«на четверть часа»."""
    return [atom("N", 15, taken), Token("m", None, "минут", taken[-1].end, taken[-1].end)]


def _neighbours(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«часа в два три»: a speaker's dash is not heard."""
    first, second = taken[1:]
    if second.value != first.value + 1 or second.text[:1] == "0" or second.value >= 10:  # noqa: PLR2004 - «девять десять» is 9:10
        return None
    return [taken[0], first, Token("-", None, "-", first.end, first.end), second]


def _half_sign(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в 1/2 четвёртого»."""
    return _quarter_of(taken, 30) if taken[0].value[2] == "1/2" else None


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
    minutes = values(taken, "N")[0]
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
    if (
        len(numbers) > 1
        and not has(taken, "m")
        and not (minute >= _TWO_DIGITS or numbers[1].text[:1] == "0" or numbers[1].cls == "0")
    ):
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
    if taken[-1].text not in _HOUR_WORDS or (taken[0].cls == "n" and taken[-1].text in _HOUR_LONG):
        return None
    if taken[0].cls == "j":
        return [taken[0], atom("T", Point(1), taken[1:])]
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
    if part.cls == "y" and (
        part.text != "дня" or (time_token.cls == "N" and not head and not _is_hour_by_day(time_token))
    ):
        return None
    if part.cls == "y" and head and head[-1].cls == "n" and not _is_hour_by_day(time_token):
        return None
    named: Point = time_token.value
    point = named if time_token.cls == "T" else point_from(1 if time_token.cls == "h" else time_token.value)
    if point is None:
        return None
    meridiem = part.value if part.cls == "P" else "day"
    return [*head, atom("T", Point(point.hour, point.minute, point.fixed, meridiem, point.approx), taken[len(head) :])]


def _is_hour_by_day(token: Token) -> bool:
    """«на двенадцать дня»: counted days would be «двенадцать дней», so it is an hour; «на два дня» is how long."""
    return token.cls == "N" and token.value in _HOURS_BY_DAY


def _about_elapsed(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через минут двадцать», «через часика полтора»: the number after its unit means about so much."""
    if taken[1].text in _HOUR_WORDS - {"часика", "часа"} or taken[1].text in _ONE_MINUTE:
        return None
    made = _after_elapsed([taken[0], taken[2], taken[1]], env)
    for token in made or ():
        if isinstance(token.value, Point):
            token.value.approx = True
    return made


def _few_hours(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«часа на три» is how long, «часов на двенадцать» is when."""
    return duration(taken, _) if taken[-1].value <= LONGEST_VISIT else None


def _drop(_: list[Token], __: Env) -> Sequence[Token] | None:
    return []


def duration(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """How long it takes, which is not when."""
    return [atom("9", _elapsed(taken), taken)]


def _mark_approx(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«часов в пять», «часика до трёх»: about; «час» is an hour."""
    return [atom("A", None, taken[:1])] if taken[0].text in _ABOUT_HOURS else None


def _past_one(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в час тридцать»."""
    place = next(index for index, token in enumerate(taken) if token.cls == "h")
    minute = taken[place + 1]
    if minute.cls == "0":
        return [*taken[:place], atom("T", Point(1), taken[place:])]
    if taken[place].text not in _HOUR_WORDS or not (minute.value >= 10 or minute.text[:1] == "0"):  # noqa: PLR2004 - «в час 5» is no time
        return None
    point = point_from(1, minute.value)
    return [*taken[:place], atom("T", point, taken[place:])] if point else None


def _about_hour(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«часу в пятом»."""
    return _hour_of(taken[1:], env)


def _part_of_hour(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в начале седьмого» is soon after six; how soon is asked."""
    edge, hour = values(taken, "Y")[0], taken[-1].value
    if edge not in _WITHIN_HOUR or not 1 <= hour <= 12:  # noqa: PLR2004 - the dial
        return None
    low, high = _WITHIN_HOUR[edge]
    begun = (hour - 2) % 12 + 1
    return [atom("6", (Point(begun, low), Point(begun, high), "time"), taken)]


def _ahead(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("κ", _elapsed(taken), taken)]


def _at_edge(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«с открытия», «за час до закрытия»: the opening hours know when that is; «до закрытия» says nothing."""
    opens, closes = env.hours
    is_open = taken[-1].value == "open"
    if opens == closes:
        return None
    if taken[0].cls == "κ":
        moment = datetime.combine(env.today, opens if is_open else closes) - timedelta(minutes=taken[0].value)
        return [atom("T", Point(moment.hour, moment.minute, fixed=True), taken)]
    if not is_open:
        return [] if taken[0].cls == "d" else None
    if taken[0].cls == "d":
        return None
    return [taken[0], atom("T", Point(opens.hour, opens.minute, fixed=True), taken[1:])]


def _later_range(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через час-два», «через 2-3 часа»."""
    unit = next(token.cls for token in taken if token.cls in "hm")
    numbers = values(taken, "N")
    amounts = sorted([1, *numbers] if len(numbers) == 1 else numbers)
    moments = [days.later_local(env.now, env.zone, timedelta(minutes=amount * _MINUTES_IN[unit])) for amount in amounts]
    if moments[0].date() != moments[-1].date():
        return None
    points = tuple(Point(moment.hour, moment.minute, fixed=True, approx=True) for moment in moments)
    return [atom("D", Day(moments[0].date()), taken), atom("6", points, taken[-1:])]


UNIT = "(?:[NwH]?h(?:j?Nm)?|[NwH]?m)"

CLOCK_RULES: tuple[Rule, ...] = (
    ("~", _drop),
    ("(?<!b)qh", _quarter_hour),
    ("[NwH]?[yeohm]_?I_?π|Iπ_{0,3}[NwH]?[yeo](?!x)", _drop),
    ("ζ,?N(?:g|(?=[,;_j]|$))", _drop),
    (f"={UNIT}d", _ahead),
    ("[κknsd]ω", _at_edge),
    (f"={UNIT}", duration),
    ("xN[-l]N[hm]|x[hm][-l]N[hm]?", _later_range),
    ("x[hm][NH](?![hmyeogNM0])", _about_elapsed),
    (f"x{UNIT}", _after_elapsed),
    ("(?<![NwHbq])[hm]x[NH](?![hmyeog])|[NwH]?[hm]x(?![NwHhmyeo])", _after_elapsed),
    ("(?<![MnxcOvkdsp])Ng(?![QS])", _drop),
    (f"n?(?:{UNIT}|[NwH]?[ye])[QS]", _shift),
    ("[hm]nN[QS]", _shift),
    (f"n(?:{UNIT}|[NwH]?[ye])G", _shift_back),
    ("μ_{0,2}n(?:[NwH]?[yem]|[NwH]?h)(?![QSGP])", _shift_somewhere),
    (f"[QS],?n(?:{UNIT}|[NwH]?[ye]|[hm]nN)", _shift),
    ("f-?O", _half),
    ("FO", _half),
    ("F[N](?![hmyeo#])", _half),
    ("f-?N", _half),
    ("NqO", _three_quarters),
    ("qO|(?<!b)qN(?![hmyeo#M])", _quarter),
    ("&O", _half_sign),
    ("m[vn]?NO(?!M)|NmO(?!M)", _minutes_of),
    ("b(?:Nm?|q)N?h?(?<=[Nh])", _without),
    ("[vk]NN(?![NMcyeog#m])", _neighbours),
    ("N5", _clock),
    ("Nhj?Nm", _clock),
    ("[vknpds-]NhN(?![M#hco])", _clock),
    ("[vknpds-]N[N0](?!m?[M#hco])", _clock),
    ("N0", _clock),
    ("NN(?=,?[P~;DRW]|,?[vn]?[RW]|$)", _clock),
    ("[vknpds]N(?!g)", _glued),
    ("[vn]?[Oα]#|αy(?=_?U)|N[j,-]N#", _drop),
    ("[sv]Ng", _old_year),
    ("[vknds]?N[hm]?#|#NhN?m?|#Nm|#hn?N|#N(?=[,;]|$)", _drop),
    ("=N(?![hmyeo])", _drop),
    ("(?<![NwH])hnN", _few_hours),
    ("(?<![NwHvkndspzφ])h_?(?=[vkndsp][NTf])", _mark_approx),
    ("(?<=z[NT])jh", _one_o_clock),
    ("hvO", _about_hour),
    ("vOh", _hour_of),
    ("[vk]?YO(?![cMyeoW])", _part_of_hour),
    ("[vnkdsp<>]?(?:Nh?|T|h)P", _with_part),
    ("(?<!x)(?<!xN)(?<!xN-)[vnkdsp<>-]?(?:Nh?|T|h)y", _with_part),
    ("[vknpds]h(?:N(?![M#hco])|0)|hN(?=[P;]|$)", _past_one),
    ("[vknpds]?Nh", _hours),
    ("[vkdspnz<>φ]h", _one_o_clock),
    ("[vknpds<>]?TP", _with_part),
)  # fmt: skip
