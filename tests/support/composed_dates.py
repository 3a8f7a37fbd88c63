"""Phrases put together from parts whose meaning is known, by a reckoning that shares nothing with the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

NUMBERS = {
    1: ("час", "часу", "часу", "первого"), 2: ("два", "двух", "двум", "второго"),
    3: ("три", "трёх", "трём", "третьего"),
    4: ("четыре", "четырёх", "четырём", "четвёртого"), 5: ("пять", "пяти", "пяти", "пятого"),
    6: ("шесть", "шести", "шести", "шестого"), 7: ("семь", "семи", "семи", "седьмого"),
    8: ("восемь", "восьми", "восьми", "восьмого"), 9: ("девять", "девяти", "девяти", "девятого"),
    10: ("десять", "десяти", "десяти", "десятого"), 11: ("одиннадцать", "одиннадцати", "одиннадцати", "одиннадцатого"),
    12: ("двенадцать", "двенадцати", "двенадцати", "двенадцатого"),
}  # fmt: skip
"""The hours of the dial: accusative, genitive, dative, and the ordinal that names the hour running towards it."""
BIG_HOURS = {
    13: "тринадцать", 14: "четырнадцать", 15: "пятнадцать", 16: "шестнадцать", 17: "семнадцать", 18: "восемнадцать",
    19: "девятнадцать", 20: "двадцать",
}  # fmt: skip
MINUTES = {5: "ноль пять", 10: "десять", 15: "пятнадцать", 17: "семнадцать", 20: "двадцать", 30: "тридцать",
           45: "сорок пять", 50: "пятьдесят"}  # fmt: skip
LACKING = {5: "пяти", 10: "десяти", 15: "пятнадцати", 20: "двадцати"}
WEEKDAYS = ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
NOT_ON = ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
THIS = ("этот", "этот", "эту", "этот", "эту", "эту", "это")
NEXT = ("следующий", "следующий", "следующую", "следующий", "следующую", "следующую", "следующее")
GENITIVE = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")  # fmt: skip
DAYS_OF_MONTH = {1: "первого", 7: "седьмого", 12: "двенадцатого", 19: "девятнадцатого", 20: "двадцатого",
                 22: "двадцать второго", 25: "двадцать пятого", 30: "тридцатого"}  # fmt: skip
PARTS = {"утром": "morning", "днём": "day", "в обед": "lunch", "вечером": "evening", "после обеда": "afternoon",
         "до обеда": "morning", "с утра": "morning", "после работы": "evening"}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """The moment and the salon that a phrase is said to."""

    now: datetime
    zone: str
    opens: time
    closes: time

    @property
    def today(self) -> date:
        return self.now.date()

    def is_open(self, at: time) -> bool:
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes

    def hour(self, hour: int, minute: int = 0) -> time | None:
        """What a bare hour of the dial means; None where that has to be asked."""
        both = {time(hour % 12, minute), time(hour % 12 + 12, minute)}
        fitting = [at for at in both if self.is_open(at)]
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class Said:
    """Words and what they mean.

    Attributes:
        asks: the honest answer is a question.
        weekday: of a day said by its weekday alone.
        is_bare: an hour in words, after which minutes could follow.
    """

    words: str
    means: dict[str, object] = field(default_factory=dict)
    asks: bool = False
    weekday: int | None = None
    is_bare: bool = False


def ahead(today: date, weekday: int) -> date:
    day = today
    while day.weekday() != weekday:
        day += timedelta(days=1)
    return day


def day_of_month(today: date, number: int) -> date:
    day = today
    while day.day != number:
        day += timedelta(days=1)
    return day


def days(scene: Scene) -> Iterator[Said]:
    """Single days."""
    today = scene.today
    monday = today - timedelta(days=today.weekday())
    for shift, words in enumerate(("сегодня", "завтра", "послезавтра")):
        yield Said(words, {"date": today + timedelta(days=shift)})
    yield Said("на завтра", {"date": today + timedelta(days=1)})
    for weekday, name in enumerate(WEEKDAYS):
        in_ = "во" if weekday == 1 else "в"
        following = monday + timedelta(days=7 + weekday)
        yield Said(f"{in_} {name}", {"date": ahead(today, weekday)}, weekday=weekday)
        yield Said(f"на {name}", {"date": ahead(today, weekday)}, weekday=weekday)
        yield Said(f"в {NEXT[weekday]} {name}", {"date": following})
        yield Said(f"на следующей неделе {in_} {name}", {"date": following})
        yield Said(f"{in_} {name} на следующей неделе", {"date": following})
        yield Said(f"через неделю {in_} {name}", {"date": following})
        yield Said(f"через две недели {in_} {name}", {"date": following + timedelta(days=7)})
        if weekday > today.weekday():
            yield Said(f"в {THIS[weekday]} {name}", {"date": monday + timedelta(days=weekday)})
            yield Said(f"на этой неделе {in_} {name}", {"date": monday + timedelta(days=weekday)})
    for number, ordinal in DAYS_OF_MONTH.items():
        on = day_of_month(today, number)
        yield Said(f"{number} числа", {"date": on})
        yield Said(f"{number}-го", {"date": on})
        yield Said(f"{ordinal} числа", {"date": on})
        yield Said(f"{number} {MONTHS[on.month - 1]}", {"date": on})
        yield Said(f"{ordinal} {MONTHS[on.month - 1]}", {"date": on})
        yield Said(f"{on:%d.%m.%Y}", {"date": on})
        yield Said(f"{number} {MONTHS[on.month - 1]} {on.year} года", {"date": on})
    for amount, words in ((3, "через 3 дня"), (5, "через пять дней"), (7, "через неделю"), (14, "через две недели")):
        yield Said(words, {"date": today + timedelta(days=amount)})


def hours_of_the_dial(scene: Scene) -> Iterator[Said]:
    """Exact times whose half of the day the opening hours settle, or a word beside them."""
    for hour, (accusative, _, dative, towards) in NUMBERS.items():
        bare = scene.hour(hour)
        yield Said(f"в {accusative}", {"time": bare}, asks=bare is None, is_bare=True)
        for words in (f"к {dative}", *((f"в {hour}", f"на {hour}") if hour > 1 else ())):
            yield Said(words, {"time": bare}, asks=bare is None)
        half = scene.hour(hour - 1 or 12, 30)
        for words in (f"в пол{towards}", f"в половине {towards}", f"в половину {towards}"):
            yield Said(words, {"time": half}, asks=half is None)
        quarter = scene.hour(hour - 1 or 12, 15)
        yield Said(f"в четверть {towards}", {"time": quarter}, asks=quarter is None)
        past = scene.hour(hour - 1 or 12, 20)
        yield Said(f"в двадцать минут {towards}", {"time": past}, asks=past is None)
        almost = scene.hour(hour - 1 or 12, 45)
        yield Said(f"без четверти {accusative}", {"time": almost}, asks=almost is None)
        for lacking, words in LACKING.items():
            short = scene.hour(hour - 1 or 12, 60 - lacking)
            yield Said(f"без {words} {accusative}", {"time": short}, asks=short is None)
        yield from _with_minutes(scene, hour, accusative)
        yield from _with_part(hour, accusative)


def _with_minutes(scene: Scene, hour: int, accusative: str) -> Iterator[Said]:
    if hour > 1:
        for minute, words in MINUTES.items():
            exact = scene.hour(hour, minute)
            yield Said(f"в {accusative} {words}", {"time": exact}, asks=exact is None)
            yield Said(f"в {hour}:{minute:02}", {"time": exact}, asks=exact is None)


def _with_part(hour: int, accusative: str) -> Iterator[Said]:
    if 5 <= hour < 12:
        yield Said(f"в {accusative} утра", {"time": time(hour)})
    if hour < 5:
        yield Said(f"в {accusative} дня", {"time": time(hour + 12)})
    if 4 <= hour < 12:
        yield Said(f"в {accusative} вечера", {"time": time(hour + 12)})
        yield Said(f"вечером в {accusative}", {"time": time(hour + 12)})


def hours_of_the_day() -> Iterator[Said]:
    """Exact times after noon, as a timetable has them."""
    for hour, word in BIG_HOURS.items():
        yield Said(f"в {word}", {"time": time(hour)}, is_bare=True)
        yield Said(f"в {hour}", {"time": time(hour)})
        yield Said(f"на {hour} часов", {"time": time(hour)})
        yield Said(f"в {word} ноль ноль", {"time": time(hour)})
        for minute, words in MINUTES.items():
            yield Said(f"в {word} {words}", {"time": time(hour, minute)})
            yield Said(f"в {hour}.{minute:02}", {"time": time(hour, minute)})
            yield Said(f"в {hour}{minute:02}", {"time": time(hour, minute)})
            yield Said(f"в {hour} {minute:02}", {"time": time(hour, minute)})
            yield Said(f"{hour}-{minute:02}" if minute in {30, 45, 50} else f"{hour}:{minute:02}",
                       {"time": time(hour, minute)})  # fmt: skip


def stretches(scene: Scene) -> Iterator[Said]:
    """Parts of a day: from, until, between, dayparts."""
    for words, part in PARTS.items():
        yield Said(words, {"daypart": part})
    for hour in (13, 15, 16, 18, 19):
        word = NUMBERS[hour - 12][1]
        if scene.hour(hour - 12) != time(hour):
            continue
        yield Said(f"после {word}", {"time_from": time(hour)})
        yield Said(f"не раньше {word}", {"time_from": time(hour)})
        yield Said(f"после {hour}:00", {"time_from": time(hour)})
        yield Said(f"до {hour}", {"time_to": time(hour)})
        yield Said(f"не позже {hour}:30", {"time_to": time(hour, 30)})
        yield Said(f"с {hour} до {hour + 1}", {"time_from": time(hour), "time_to": time(hour + 1)})
        yield Said(f"с {hour}:30 до {hour + 2}:00", {"time_from": time(hour, 30), "time_to": time(hour + 2)})
        yield Said(f"{hour}-{hour + 2}", {"time_from": time(hour), "time_to": time(hour + 2)})
        yield Said(f"чтобы к {hour} закончить", {"finish_by": time(hour)})


def composed(scene: Scene) -> Iterator[Said]:
    """A day and a time in either order, among words that mean nothing here."""
    frames = ("{}", "запишите меня {}", "можно {}?", "хочу на маникюр {}", "здравствуйте, {} есть окошко",
              "а {} свободно?",
              "к Ольге {} пожалуйста", "{}, спасибо", "давайте {}", "мне бы {} на стрижку")  # fmt: skip
    place = 0
    moments = [*hours_of_the_dial(scene), *hours_of_the_day(), *stretches(scene)]
    for index, day in enumerate(days(scene)):
        for step, moment in enumerate(moments):
            if (index + step) % 7:
                continue
            place += 1
            if moment.asks and day.means["date"] == scene.today:
                continue  # the hours that have gone by may settle it
            if day.weekday == scene.today.weekday() and not ({"time", "time_from"} & set(moment.means) or moment.asks):
                continue
            frame = frames[place % len(frames)]
            for first, last in ((day, moment), (moment, day)):
                yield _settled(scene, frame.format(f"{first.words} {last.words}"), day, moment, _two_ways(first, last))


def _settled(scene: Scene, words: str, day: Said, moment: Said, is_unclear: bool) -> Said:  # noqa: FBT001 - of a test
    on = day.means["date"]
    at = moment.means.get("time")
    if day.weekday is not None and on == scene.today:
        starts = at or moment.means.get("time_from")
        if moment.asks or starts is None:
            return Said(words, {}, asks=True)
        if starts <= scene.now.time():
            on = on + timedelta(days=7)
    past = on == scene.today and at is not None and at <= scene.now.time()
    return Said(words, {**day.means, "date": on, **moment.means}, asks=moment.asks or past or is_unclear)


def _two_ways(first: Said, last: Said) -> bool:
    """«в тринадцать двадцать первого» is 13:20 on the first, or 13:00 on the twenty-first."""
    tens, _, rest = last.words.partition(" ")
    if tens in {"двадцать", "тридцать"} and rest.split()[0] in _UNITS:
        return first.is_bare
    left = first.words.rpartition(" ")[2]
    unit = last.words.split()[0]
    return unit in _UNITS and (left == "двадцать" or (left == "тридцать" and unit == "первого"))


_UNITS = ("первого", "второго", "пятого", "седьмого")


def combined(scene: Scene) -> Iterator[Said]:
    """Two days: corrected, excluded, either of them, from one to the other."""
    tomorrow = scene.today + timedelta(days=1)
    names = [weekday for weekday in range(7) if weekday != scene.today.weekday()]
    for first in names:
        for second in names:
            if first == second:
                continue
            one, other = ahead(scene.today, first), ahead(scene.today, second)
            a, b = (f"в{'о' if day == 1 else ''} {WEEKDAYS[day]}" for day in (first, second))
            yield Said(f"{a}, нет, {b}", {"date": other})
            yield Said(f"нет, не {a}, {b}", {"date": other})
            yield Said(f"не {a}, а {b} в 15:00", {"date": other, "time": time(15)})
            yield Said(f"{a}... ой, то есть {b}", {"date": other})
            yield Said(f"{a} не могу, давайте {b}", {"date": other})
            yield Said(f"{a} в 14:00, точнее {b}", {"date": other, "time": time(14)})
            yield Said(f"{a} или {b} после 18", {"dates": sorted((one, other)), "time_from": time(18)})
            yield Said(f"кроме {GENITIVE[first]} и {GENITIVE[second]}", {"excluded_dates": sorted((one, other))})
            yield Said(
                f"перенесите с {GENITIVE[first]} на {WEEKDAYS[second]} на 16:30", {"date": other, "time": time(16, 30)}
            )
            if one < other:
                by = "со" if first in {1, 2} else "с"
                yield Said(f"{by} {GENITIVE[first]} по {WEEKDAYS[second]}", {"date_from": one, "date_to": other})
        if ahead(scene.today, first) != tomorrow:
            only = [ahead(scene.today, first)]
            yield Said(f"только не в {NOT_ON[first]}", {"excluded_dates": only})
