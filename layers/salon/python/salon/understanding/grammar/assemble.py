"""From atoms to one answer, with every doubt written down."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from salon.understanding import days
from salon.understanding.domain import Daypart, When
from salon.understanding.grammar.engine import Day, Env, Span
from salon.understanding.grammar.tokens import Point, Token

_MIDDAY = 12
_LEFT_OVER = set("NOWMRfqFYKJZB&x5c/")
_TELLING = set("WMR&/")
_ATOM_DIMENSIONS = {"D": "date", "2": "date", "3": "date", "T": "time", "6": "time", "P": "time", "7": "time"}
_EVENING_FROM = 4
_LUNCH_UNTIL = 4


@dataclass(slots=True)
class _Draft:
    days: list[Day] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    lists: list[list[Day]] = field(default_factory=list)
    excluded: list[Day] = field(default_factory=list)
    past: list[Day] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    ranges: list[tuple[Point | None, ...]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    finish: list[Point] = field(default_factory=list)
    shifts: list[tuple[int | None, int | None]] = field(default_factory=list)
    asap: bool = False
    approx: bool = False
    doubts: list[str] = field(default_factory=list)

    def doubt(self, *entries: str) -> None:
        self.doubts += [entry for entry in entries if entry not in self.doubts]


def correct(tokens: list[Token]) -> list[Token]:
    """Let what follows «ой нет», «лучше», «точнее» replace what it corrects."""
    kept: list[Token] = []
    seen: set[str] = set()
    replaced: set[str] = set()
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        dimension = _ATOM_DIMENSIONS.get(token.cls)
        if token.cls == "C" and _corrects(tokens, index):
            replaced |= seen
        elif dimension is None or dimension not in replaced:
            kept.append(token)
            if dimension:
                seen.add(dimension)
    return kept[::-1]


def _corrects(tokens: list[Token], index: int) -> bool:
    rest = [later.cls for later in tokens[index + 1 : index + 4]]
    if tokens[index].text == "лучше":
        return bool(rest) and any(cls in _ATOM_DIMENSIONS for cls in rest[:2])
    return True


def assemble(tokens: list[Token], env: Env) -> When | None:
    """Merge the atoms of a message; None when it has nothing to do with time."""
    draft = _collect(tokens)
    _settle_days(draft)
    when_day, first, last = _days(draft)
    start, end, point = _times(draft, env)
    if when_day and when_day.is_today:
        when_day = _settle_today(draft, when_day, start or point, env)
    moment = _check_past(draft, when_day, point, env)
    if moment is not None and len(draft.parts) == 1 and not _belongs(moment, draft.parts[0], env):
        draft.doubt("time")
    if _is_empty(draft):
        return None
    part = draft.parts[0] if len(draft.parts) == 1 and point is None else None
    shift = draft.shifts[0] if len(draft.shifts) == 1 else (None, None)
    return When(
        date=when_day.date if when_day else None,
        date_from=first,
        date_to=last,
        dates=_dates(draft.lists[0] if draft.lists else []),
        excluded_dates=_dates(draft.excluded),
        time=moment,
        time_from=start,
        time_to=end,
        daypart=Daypart(part) if part else None,
        approx=draft.approx,
        asap=draft.asap,
        finish_by=_resolve_end(draft, draft.finish[0], env) if len(draft.finish) == 1 else None,
        shift_minutes=shift[0],
        shift_days=shift[1],
        ambiguous=tuple(draft.doubts),
    )


def _dates(found: list[Day]) -> tuple[date, ...]:
    return tuple(sorted({day.date for day in found if day.date}))


def _is_empty(draft: _Draft) -> bool:
    return not any(
        (draft.days, draft.spans, draft.lists, draft.excluded, draft.past, draft.points, draft.ranges, draft.parts,
         draft.finish, draft.shifts, draft.asap, draft.doubts)
    )  # fmt: skip


def _collect(tokens: list[Token]) -> _Draft:
    draft = _Draft()
    for index, token in enumerate(tokens):
        _take(draft, token, tokens[index - 1] if index else None)
    firm = [point for point in draft.points if not point.loose]
    if len(draft.points) > 1 and firm:
        draft.points = firm
    elif draft.ranges and not firm:
        draft.points = []
    unread = any(token.cls in _LEFT_OVER for token in tokens)
    if unread and (not _is_empty(draft) or any(token.cls in _TELLING for token in tokens)):
        draft.doubt("unread")
    has_wish = draft.days or draft.points or draft.ranges or draft.lists or draft.spans
    if has_wish and any(token.cls == "t" for token in tokens):
        draft.doubt("condition")
    if (draft.days or draft.spans) and any(token.cls == "A" for token in tokens):
        draft.approx = True
    if (has_wish or draft.parts) and any(token.cls == "U" for token in tokens):
        draft.doubt("negation")
    if any(_is_stranded(token, after) for token, after in pairwise(tokens)):
        draft.doubt("unread")
    if any(token.cls in "IU" and token.value == "negation" for token in tokens):
        draft.doubt("negation")
    return draft


def _is_stranded(token: Token, after: Token) -> bool:
    """A «до», «после», «с», «не» that no rule took changes what follows: never read it as if it were not there."""
    return token.cls in "Idpszrubx<>" and after.cls in "D23T6" and token.value is None


_PLACES = {
    "D": "days", "2": "spans", "3": "lists", "!": "past", "T": "points", "6": "ranges", "7": "finish", "8": "shifts",
}  # fmt: skip


_BEFORE_OR_AFTER = {"раньше", "ранее", "позже", "позднее"}
_SETTLES_EARLIER = set("T6P")
"""A time after «пораньше» says how early: «пораньше, часов в девять». Before it, it does not: «в шесть… а попозже?»"""


def _take(draft: _Draft, token: Token, before: Token | None) -> None:
    if token.cls in _SETTLES_EARLIER:
        draft.doubts = [doubt for doubt in draft.doubts if doubt not in {"earlier", "later"}]
    if place := _PLACES.get(token.cls):
        getattr(draft, place).append(token.value)
    elif token.cls == "4":
        draft.excluded += token.value
    elif token.cls == "P" and before is not None and (before.cls in "I<>dps" or before.text in _BEFORE_OR_AFTER):
        draft.doubt("daypart")
    elif token.cls == "P" and token.value not in draft.parts:
        draft.parts.append(token.value)
    elif token.cls == "X":
        draft.asap = True
    elif token.cls in {"Q", "S"}:
        draft.doubt("earlier" if token.cls == "Q" else "later")


def _settle_days(draft: _Draft) -> None:
    """Make one day out of several that agree («во вторник, 17-го»), or say that they do not."""
    explicit = [day for day in draft.days if day.weekday is None]
    named = [day for day in draft.days if day.weekday is not None]
    if len(explicit) == 1 and named and explicit[0].date is not None:
        if all(day.weekday == explicit[0].date.weekday() for day in named):
            draft.days = explicit
    elif len({day.date for day in draft.days}) == 1:
        draft.days = draft.days[:1]
    if len(draft.days) > 1:
        draft.doubt("date")
        draft.lists.insert(0, draft.days)
        draft.days = []
    _nest(draft)
    if len(draft.spans) > 1 or (draft.lists and draft.spans) or len(draft.lists) > 1:
        draft.doubt("date")
    if len(draft.parts) > 1:
        draft.doubt("daypart")
    if len(draft.shifts) > 1:
        draft.doubt("shift")
    if len(draft.finish) > 1:
        draft.doubt("time")
    if (draft.days or draft.spans or draft.lists) and draft.past:
        draft.past = []
    draft.approx = draft.approx or any(day.approx for day in draft.days) or any(span.approx for span in draft.spans)


def _nest(draft: _Draft) -> None:
    """Let a stretch frame what else was said: «на следующей неделе, в среду или в пятницу», «…только не в среду»."""
    if len(draft.spans) == 2:  # noqa: PLR2004 - one inside the other
        outer, inner = sorted(draft.spans, key=_length, reverse=True)
        if _covers(outer, inner.first) and _covers(outer, inner.last):
            draft.spans = [inner]
    if len(draft.spans) != 1 or (first := draft.spans[0].first) is None:
        return
    draft.excluded = [day.within(first) for day in draft.excluded]
    draft.days = [day.within(first) for day in draft.days]
    if len(draft.lists) == 1:
        options = [day.within(first) for day in draft.lists[0]]
        if all(_covers(draft.spans[0], day.date) for day in options):
            draft.lists, draft.spans = [options], []


def _length(span: Span) -> timedelta:
    return (span.last or date.max) - (span.first or date.min)


def _covers(span: Span, day: date | None) -> bool:
    return day is not None and (span.first or date.min) <= day <= (span.last or date.max)


def _days(draft: _Draft) -> tuple[Day | None, date | None, date | None]:
    """Return the single day, or the first and last of a stretch."""
    if draft.past:
        draft.doubt("past")
        return draft.past[0], None, None
    if draft.days:
        day = draft.days[0]
        draft.doubt(*day.flags)
        if day.date is None:
            draft.doubt("date")
        _check_span(draft, day)
        draft.excluded = [other for other in draft.excluded if other.date == day.date]
        if draft.excluded:
            draft.doubt("date")
        return day, None, None
    if draft.spans:
        span = draft.spans[0]
        draft.doubt(*span.flags)
        return None, span.first, span.last
    if any(day.date is None or day.flags or day.is_today for options in draft.lists for day in options):
        draft.doubt("date")
    return None, None, None


def _check_span(draft: _Draft, day: Day) -> None:
    """A stretch beside a day must contain it: «на следующей неделе, в субботу»."""
    if not all(_covers(span, day.date) for span in draft.spans):
        draft.doubt("date")


def _times(draft: _Draft, env: Env) -> tuple[time | None, time | None, Point | None]:
    several = len({(point.hour, point.minute) for point in draft.points}) > 1 or len(draft.ranges) > 1
    if several or (draft.points and draft.ranges):
        draft.doubt("time")
        return None, None, None
    if draft.ranges:
        start, end = draft.ranges[0][:2]
        if len(draft.ranges[0]) > 2:  # noqa: PLR2004 - the third says: one or the other, no range
            draft.doubt("time")
        draft.approx = draft.approx or any(point.approx for point in (start, end) if point)
        return *_resolve_range(draft, start, end, env), None
    if draft.points:
        draft.approx = draft.approx or draft.points[0].approx
        return None, None, draft.points[0]
    return None, None, None


def _meridiem(point: Point, part: str | None) -> list[time]:
    """Return the readings of a time as said, before the opening hours choose."""
    hour, minute = point.hour, point.minute
    if point.fixed:
        return [time(hour % 24, minute)]
    early, late = time(hour % 12, minute), time(hour % 12 + 12, minute)
    match point.meridiem or part:
        case "morning":
            return [late if hour == _MIDDAY else early]
        case "day" | "lunch" | "afternoon":
            return [early if hour in {10, 11} else late]
        case "evening":
            return [late if _EVENING_FROM <= hour < _MIDDAY else early if hour == _MIDDAY else late]
        case "night":
            return [late if 9 <= hour < _MIDDAY else early]  # noqa: PLR2004 - night starts at nine
        case _:
            return [early, late]


def _is_open(moment: time, env: Env, *, closing: bool = False) -> bool:
    start, end = env.hours
    if start == end:
        return True
    inside = start <= moment < end if start < end else (moment >= start or moment < end)
    if closing:
        return moment == end or (inside and moment != start)
    return inside


def _resolve(draft: _Draft, point: Point, day: date | None, env: Env) -> time:
    part = draft.parts[0] if len(draft.parts) == 1 else None
    readings = _meridiem(point, part)
    if len(readings) == 1:
        return readings[0]
    fitting = [reading for reading in readings if _is_open(reading, env)]
    if day == env.today and len(fitting) > 1:
        fitting = [reading for reading in fitting if reading > env.now.time()] or fitting
    if len(fitting) == 1:
        return fitting[0]
    likely = sorted(readings, key=lambda reading: not 9 <= reading.hour < 21)  # noqa: PLR2004 - when people come
    draft.doubt("time:" + "/".join(reading.strftime("%H:%M") for reading in readings))
    return likely[0]


def _resolve_end(draft: _Draft, point: Point, env: Env) -> time:
    readings = _meridiem(point, None)
    fitting = [reading for reading in readings if _is_open(reading, env, closing=True)]
    if len(fitting) > 1 and len(draft.parts) == 1:
        fitting = _meridiem(point, draft.parts[0])
    if len(readings) > 1 and len(fitting) != 1:
        draft.doubt("time:" + "/".join(reading.strftime("%H:%M") for reading in readings))
    return (fitting or readings)[-1]


def _resolve_range(draft: _Draft, start: Point | None, end: Point | None, env: Env) -> tuple[time | None, time | None]:
    if start is None or end is None:
        if start is not None:
            return _resolve(draft, start, None, env), None
        return None, _resolve_end(draft, end, env) if end is not None else None
    part = draft.parts[0] if len(draft.parts) == 1 else None
    if end.meridiem and not start.meridiem and not start.fixed and start.hour < end.hour:
        start.meridiem = end.meridiem
    pairs = [(low, high) for low in _meridiem(start, part) for high in _meridiem(end, part) if low < high] or [
        (_meridiem(start, part)[0], _meridiem(end, part)[-1])
    ]
    open_pairs = [pair for pair in pairs if _is_open(pair[0], env) and _is_open(pair[1], env, closing=True)]
    if len(pairs) > 1 and len(open_pairs) > 1:
        open_pairs.sort(key=lambda pair: (pair[1].hour - pair[0].hour, pair[0]))
        if open_pairs[0][1].hour - open_pairs[0][0].hour == open_pairs[1][1].hour - open_pairs[1][0].hour:
            draft.doubt("time")
    bare = len(_meridiem(start, part)) + len(_meridiem(end, part)) > 2  # noqa: PLR2004 - one reading each
    if (bare and not open_pairs) or pairs[0][0] >= pairs[0][1]:
        draft.doubt("time")
    return (open_pairs or pairs)[0]


def _settle_today(draft: _Draft, day: Day, moment: time | Point | None, env: Env) -> Day:
    """A weekday that is today's means today only if its time is still ahead; without a time it is asked."""
    if day.date is None:
        return day
    later = Day(day.date + timedelta(days=7), day.weekday)
    if isinstance(moment, Point):
        moment = _resolve(draft, moment, None, env)
    if moment is not None:
        return day if moment > env.now.time() else later
    if draft.parts:
        return day if _part_ahead(draft.parts[0], env) else later
    draft.doubt("date")
    return later


def _belongs(moment: time, part: str, env: Env) -> bool:
    """«к 14… с утра» contradicts itself, or speaks of two things."""
    start, end = env.daypart_hours[part]
    text = moment.strftime("%H:%M")
    return start <= text <= end if start < end else text >= start or text <= end


def _part_ahead(part: str, env: Env) -> bool:
    ends = {"morning": 12, "lunch": 15, "day": 17, "afternoon": 18}
    return env.now.hour < ends.get(part, 24)


def _check_past(draft: _Draft, day: Day | None, point: Point | None, env: Env) -> time | None:
    """Resolve the exact time and report a moment that is gone or that the clocks skip."""
    on = day.date if day else None
    moment = _resolve(draft, point, on, env) if point else None
    if on is None:
        return moment
    if on < env.today or (on == env.today and moment is not None and moment <= env.now.time().replace(second=0)):
        draft.doubt("past")
    if moment is not None and not days.exists_locally(datetime.combine(on, moment), env.zone):
        draft.doubt("time")
    return moment
