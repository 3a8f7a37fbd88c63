"""Dates, times, people and politeness as they are said: the pieces that the sentences are made of."""

import random

from infra.training.speech import words as w

_GENDERED = {
    "следующ": ("ий", "ую", "ее"), "ближайш": ("ий", "ую", "ее"), "будущ": ("ий", "ую", "ее"), "эт": ("от", "у", "о"),
}  # fmt: skip
_FEMININE, _NEUTER = {2, 4, 5}, {6}
_FIRST_HOUR, _LAST_HOUR = 8, 21
_NOON = 12
_DATE_AND_TIME, _TIME_AND_DATE, _DATE_ALONE = 0.6, 0.7, 0.88  # where each share ends

HESITATIONS = ("ну", "э", "эм", "так", "вот", "короче", "в общем", "значит", "слушайте", "ой", "а")
HELLOS = (
    "здравствуйте", "добрый день", "доброе утро", "добрый вечер", "привет", "алло", "доброго дня",
    "здравствуйте девушка",
)  # fmt: skip
PLEASES = (
    "пожалуйста", "если можно", "будьте добры", "если есть место", "спасибо", "заранее спасибо", "если получится",
)  # fmt: skip


def chance(rng: random.Random, share: float) -> bool:
    """Tell whether something that happens so often happens now."""
    return rng.random() < share


def date(rng: random.Random) -> str:
    """Return when, as a date: «завтра», «в следующую среду», «двадцать второго мая»."""
    day = rng.randrange(7)
    accusative = w.WEEKDAYS[day][1]
    particle = "во" if accusative == "вторник" else "в"
    which = 1 if day in _FEMININE else 2 if day in _NEUTER else 0
    stem = rng.choice(list(_GENDERED))
    return rng.choice((
        "завтра", "завтра", "завтра", "послезавтра", "послезавтра", "сегодня", "сегодня",
        f"{particle} {accusative}", f"{particle} {accusative}", f"{particle} {accusative}", f"на {accusative}",
        f"в {stem}{_GENDERED[stem][which]} {accusative}",
        f"{w.ordinal(rng.randint(1, 31))} {rng.choice(w.MONTHS)}",
        f"{w.ordinal(rng.randint(1, 31))} {rng.choice(w.MONTHS)}",
        f"на {w.ordinal(rng.randint(1, 31), 'ое')} {rng.choice(w.MONTHS)}",
        f"{w.ordinal(rng.randint(1, 31))} числа",
        f"на {w.ordinal(rng.randint(1, 31), 'ое')} число",
        f"через {rng.choice(('два дня', 'три дня', 'пять дней', 'неделю', 'две недели', 'месяц', 'день'))}",
        "на выходных", "в выходные", "на следующей неделе", "на этой неделе", "в начале недели", "в конце недели",
        "на завтра", "на послезавтра", "на сегодня",
        f"до {w.WEEKDAYS[day][2]}", f"{'со' if day == 1 else 'с'} {w.WEEKDAYS[day][2]}", f"к {w.WEEKDAYS[day][3]}",
        f"кроме {w.WEEKDAYS[day][2]}", f"в {rng.choice(w.IN_MONTHS)}",
        "в ближайшее время", "в ближайшие дни", "в будни", "на днях",
    ))  # fmt: skip


def _exact(rng: random.Random) -> str:
    hour = rng.randint(_FIRST_HOUR, _LAST_HOUR)
    spoken = hour if chance(rng, 0.35) or hour == _NOON else (hour - 1) % 12 + 1
    minutes = rng.choice((5, 10, 15, 15, 20, 25, 30, 30, 30, 30, 35, 40, 45, 45, 50, 55, rng.randint(1, 59)))
    said = "час" if spoken == 1 else w.number(spoken)
    lead = rng.choice(("в", "в", "в", "в", "на", "к"))
    if lead == "к":
        dative = {"один": "часу", "два": "двум", "три": "трём", "четыре": "четырём"}
        said = dative.get(w.number(spoken), said[:-1] + "и" if said.endswith("ь") else said)
        return f"к {said.replace('восеми', 'восьми')}"
    unit = rng.choice(("часов", "часа", "")) if spoken != 1 else ""
    unit = "часа" if unit and spoken in {2, 3, 4, 22} else ("часов" if unit else "")
    part = ""
    if spoken <= _NOON and chance(rng, 0.6):
        part = "утра" if hour < _NOON else "дня" if hour < 17 else "вечера"  # noqa: PLR2004 - evening begins
    spelled = w.number(minutes) if minutes >= 10 else f"ноль {w.number(minutes)}"  # noqa: PLR2004 - two digits
    chosen = rng.choice((
        f"{lead} {said} {unit} {part}", f"{lead} {said} {part}", f"{lead} {said}", f"{lead} {said} {unit}",
        f"{lead} {w.number(spoken)} {spelled}", f"{lead} {w.number(spoken)} {spelled} {part}",
        f"{lead} {w.number(hour)} ноль ноль", f"{lead} {w.number(hour)} {spelled}",
    ))  # fmt: skip
    return " ".join(chosen.split())


def time(rng: random.Random) -> str:
    """Return when, as a time of day: «в шесть вечера», «без пятнадцати шесть», «после обеда»."""
    if chance(rng, 0.5):
        return _exact(rng)
    half = rng.choice(w.HOURS_OF_HALF)
    first, second = sorted(rng.sample(range(len(w.GENITIVE_HOURS)), 2))
    hour = w.number(rng.randint(2, 12))
    return rng.choice((
        f"в половине {half}", f"на половину {half}", f"в пол{half}", f"на пол{half}", f"в половину {half}",
        f"без {rng.choice(('пятнадцати', 'десяти', 'пяти', 'четверти', 'двадцати'))} {hour}",
        f"после {w.GENITIVE_HOURS[first]}", f"после {w.GENITIVE_HOURS[second]}", f"до {w.GENITIVE_HOURS[second]}",
        f"с {w.GENITIVE_HOURS[first]} до {w.GENITIVE_HOURS[second]}", f"около {w.GENITIVE_HOURS[first]}",
        f"часов в {hour}", f"часам к {rng.choice(('шести', 'семи', 'пяти', 'девяти', 'десяти', 'двум', 'трём'))}",
        "утром", "утром", "вечером", "вечером", "днём", "в обед", "после обеда", "после обеда", "до обеда", "с утра",
        "ближе к вечеру", "попозже", "пораньше", "в полдень", "после работы", "в любое время", "в первой половине дня",
        "во второй половине дня", "рано утром", "поздно вечером", "вечерком",
    ))  # fmt: skip


def when(rng: random.Random) -> str:
    """Return a date, a time or both, in either order."""
    shape = rng.random()
    if shape < _DATE_AND_TIME:
        return f"{date(rng)} {time(rng)}"
    if shape < _TIME_AND_DATE:
        return f"{time(rng)} {date(rng)}"
    return date(rng) if shape < _DATE_ALONE else time(rng)


def person(rng: random.Random) -> tuple[str, str, str, str, str]:
    """Return a name in five cases."""
    pool = rng.choice((w.WOMEN, w.WOMEN, w.DIMINUTIVES, w.DIMINUTIVES, w.MEN))
    if chance(rng, 0.07):
        pool = w.STRANGERS
    name = rng.choice(pool)
    if pool is not w.STRANGERS and chance(rng, 0.3):  # the salons of the project's own examples
        name = rng.choice(("Анна", "Мария", "Юлия", "Анастасия", "Екатерина", "Ольга", "Игорь", "Светлана", "Дарья"))
    return w.inflected(name)


def service(rng: random.Random, case: int) -> str:
    """Return a service, or two; ``case`` is 0 nominative, 1 accusative, 2 genitive."""
    first = rng.choice(w.SERVICES)[case]
    if chance(rng, 0.08):
        return f"{first} и {rng.choice(w.SERVICES)[case]}"
    return first


_LAST_DIGIT = 9


def phone(rng: random.Random) -> str:
    """Return a telephone number in words."""
    groups = [f"восемь {w.number(rng.randint(900, 999))}", w.number(rng.randint(100, 999))]
    pairs = [rng.randrange(100) for _ in range(2)]
    return " ".join([*groups, *(f"ноль {w.number(pair)}" if pair <= _LAST_DIGIT else w.number(pair) for pair in pairs)])


_ONSETS = w.split("б в г д ж з к л м н п р с т ф х ш ч бр вл гр др кр пр ст тр сл св")
_VOWELS = w.split("а е и о у я а о и")
_CODAS = ("", "", "", "н", "р", "м", "с", "т", "к", "л", "й")


def invented_word(rng: random.Random) -> str:
    """Return a word that is none, so that spelling is learnt by ear as well as by heart."""
    syllables = rng.randint(2, 4)
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)) + rng.choice(_CODAS)
