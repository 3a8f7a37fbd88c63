"""From atoms to one answer, with every doubt written down."""

from datetime import date, datetime, time, timedelta

from salon.platform.dayparts import BORDERS, Daypart
from salon.understanding import days
from salon.understanding.domain import When
from salon.understanding.grammar.draft import LEFT_OVER, Draft, collect, is_empty
from salon.understanding.grammar.engine import Day, Env, Span
from salon.understanding.grammar.hours import belongs, part_ahead, resolve, resolve_end, resolve_range
from salon.understanding.grammar.tokens import Point, Token

_NEAR_DAYS = 3
_ATOMS = frozenset("D234!T678PXQSθη")
_SURE, _SLIPPED, _DOUBTFUL = 0.97, 0.85, 0.4
"""Confidence: as it was said, with a slip of the pen forgiven, with something to ask."""


def assemble(tokens: list[Token], env: Env) -> When | None:
    """Merge the atoms of a message; None when it has nothing to do with time."""
    draft = collect(tokens)
    _settle_days(draft)
    when_day, first, last = _days(draft)
    start, end, point = _times(draft, env)
    by = draft.finish[0] if len(draft.finish) == 1 else None
    if when_day and when_day.is_today:
        when_day = _settle_today(draft, when_day, start or point or by, env)
    done_by = resolve_end(draft, by, env) if by else None
    if point is not None and done_by is not None and resolve(Draft(), point, None, env) >= done_by:
        point = None  # «в 18 тренировка, освободиться надо к 17:30»: an hour after the end is of something else
    moment = _moment(draft, when_day, point, env)
    part = Daypart(draft.parts[0]) if len(draft.parts) == 1 else None
    _check_past(draft, when_day, moment or end or done_by, env)
    if part is not None and not _fits_part(part, moment or start, None if moment else end):
        draft.doubt("time")
    if is_empty(draft):
        return None
    evidence = [token for token in tokens if token.cls in _ATOMS or token.cls in LEFT_OVER]
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
        daypart=part if point is None else None,
        approx=draft.approx,
        asap=draft.asap,
        finish_by=done_by,
        shift_minutes=shift[0],
        shift_days=shift[1],
        ambiguous=tuple(draft.doubts),
        confidence=_DOUBTFUL if draft.doubts else _SLIPPED if any(token.slip for token in evidence) else _SURE,
        span=(min(token.start for token in evidence), max(token.end for token in evidence)) if evidence else None,
    )


def _fits_part(part: Daypart, start: time | None, end: time | None) -> bool:
    """Tell whether what was said of the hour and of the part of the day goes together."""
    if start is not None:
        return belongs(start, part)
    return end is None or part is Daypart.NIGHT or end > BORDERS[part][0]


def _dates(found: list[Day]) -> tuple[date, ...]:
    return tuple(sorted({day.date for day in found if day.date}))


def _settle_days(draft: Draft) -> None:
    """Make one day out of several that agree («во вторник, 17-го»), or say that they do not."""
    _unlist(draft)
    draft.days = _agreed(_without_rough(draft.days))
    if len(draft.days) > 1:
        draft.doubt("date")
        draft.lists.insert(0, draft.days)
        draft.days = []
    if any("date" in day.flags and day.weekday is not None for day in draft.excluded):
        draft.doubt("date")  # «по вторникам работаю»: not only this one
    _nest(draft)
    if len(draft.spans) > 1 or (draft.lists and draft.spans) or len(draft.lists) > 1:
        draft.doubt("date")
    for about, several in (("daypart", draft.parts), ("shift", draft.shifts), ("time", draft.finish)):
        if len(several) > 1:
            draft.doubt(about)
    if (draft.days or draft.spans or draft.lists) and draft.past:
        draft.past = []
    draft.approx = draft.approx or any(day.approx for day in draft.days) or any(span.approx for span in draft.spans)


def _agreed(found: list[Day]) -> list[Day]:
    """The one day that all of them name, or all of them."""
    explicit = [day for day in found if day.weekday is None]
    named = [day for day in found if day.weekday is not None]
    if len(explicit) == 1 and named and explicit[0].date is not None:
        if all(day.weekday == explicit[0].date.weekday() for day in named):
            return explicit
    elif len({day.date for day in found}) == 1:
        return sorted(found, key=lambda day: len(day.flags))[:1]
    return found


def _unlist(draft: Draft) -> None:
    """«завтра или в воскресенье», said on a Saturday, is one day."""
    for options in [options for options in draft.lists if len({day.date for day in options}) == 1]:
        draft.lists.remove(options)
        draft.days.append(options[0])


def _without_rough(found: list[Day]) -> list[Day]:
    """«через неделю, двадцать четвёртого»: the more exact of two days that lie near each other."""
    exact = [day for day in found if not day.about]
    rough = [day for day in found if day.about and day.date]
    near = all(
        any(other.date and abs((other.date - day.date).days) <= _NEAR_DAYS for other in exact)
        for day in rough
        if day.date
    )
    return exact if exact and near else found


def _nest(draft: Draft) -> None:
    """Let a stretch frame what else was said: «на следующей неделе, в среду или в пятницу», «…только не в среду»."""
    if len(draft.spans) == 2:  # noqa: PLR2004 - one inside the other
        outer, inner = sorted(draft.spans, key=_length, reverse=True)
        if _covers(outer, inner.first) and _covers(outer, inner.last):
            draft.spans = [inner]
    if len(draft.spans) != 1 or (first := draft.spans[0].first) is None:
        return
    draft.excluded = [day.within(first) for day in draft.excluded]
    draft.days = [_numbered_within(day.within(first), draft.spans[0]) for day in draft.days]
    if len(draft.lists) == 1:
        options = [day.within(first) for day in draft.lists[0]]
        if all(_covers(draft.spans[0], day.date) for day in options):
            draft.lists, draft.spans = [options], []


def _numbered_within(day: Day, span: Span) -> Day:
    """«в декабре, 20-го», «перед новым годом, 30-го»: the day of that number in the stretch, if it has one."""
    if day.number is None or span.first is None or _covers(span, day.date):
        return day
    found = days.next_month_day(span.first, day.number)
    return Day(found) if found is not None and _covers(span, found) else day


def _length(span: Span) -> timedelta:
    return (span.last or date.max) - (span.first or date.min)


def _covers(span: Span, day: date | None) -> bool:
    return day is not None and (span.first or date.min) <= day <= (span.last or date.max)


def _days(draft: Draft) -> tuple[Day | None, date | None, date | None]:
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


def _check_span(draft: Draft, day: Day) -> None:
    """A stretch beside a day must contain it: «на следующей неделе, в субботу»."""
    if not all(_covers(span, day.date) for span in draft.spans):
        draft.doubt("date")


def _times(draft: Draft, env: Env) -> tuple[time | None, time | None, Point | None]:
    several = len({(point.hour, point.minute) for point in draft.points}) > 1 or len(draft.ranges) > 1
    if several or (draft.points and draft.ranges):
        draft.doubt("time")
        return None, None, None
    if draft.ranges:
        start, end = draft.ranges[0][:2]
        if len(draft.ranges[0]) > 2:  # noqa: PLR2004 - the third says: one or the other, no range
            draft.doubt("time")
        draft.approx = draft.approx or any(point.approx for point in (start, end) if point)
        return *resolve_range(draft, start, end, env), None
    if draft.points:
        draft.approx = draft.approx or draft.points[0].approx
        return None, None, draft.points[0]
    return None, None, None


def _settle_today(draft: Draft, day: Day, moment: time | Point | None, env: Env) -> Day:
    """A weekday that is today's means today only if its time is still ahead; without a time it is asked."""
    if day.date is None:
        return day
    later = Day(day.date + timedelta(days=7), day.weekday)
    if isinstance(moment, Point):
        moment = resolve(draft, moment, None, env)
    if moment is not None:
        return day if moment > env.now.time() else later
    if draft.parts:
        return day if part_ahead(Daypart(draft.parts[0]), env) else later
    draft.doubt("date")
    return later


def _moment(draft: Draft, day: Day | None, point: Point | None, env: Env) -> time | None:
    """Resolve the exact time, and doubt one that the clocks skip that day."""
    on = day.date if day else None
    moment = resolve(draft, point, on, env) if point else None
    if on is not None and moment is not None and not days.exists_locally(datetime.combine(on, moment), env.zone):
        draft.doubt("time")
    return moment


def _check_past(draft: Draft, day: Day | None, last: time | None, env: Env) -> None:
    """Report a day or an hour that is gone: the hour said, the end of a stretch, or today's part of the day."""
    if day is None or day.date is None:
        return
    gone = last is not None and last != time(0) and last <= env.now.time().replace(second=0)
    if last is None and len(draft.parts) == 1:
        gone = not part_ahead(Daypart(draft.parts[0]), env)
    if day.date < env.today or (day.date == env.today and gone):
        draft.doubt("past")
