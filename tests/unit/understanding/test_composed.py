"""Thousands of composed phrases: what is answered without a doubt is what the parts mean."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from salon.understanding.domain import Catalogue, CatalogueEntry, Context
from salon.understanding.use_cases import understand
from support.composed_dates import Said, Scene, combined, composed

CATALOGUE = Catalogue(
    (CatalogueEntry("m", "Маникюр"), CatalogueEntry("s", "Стрижка женская")), (CatalogueEntry("o", "Ольга"),)
)
FIELDS = ("date", "date_from", "date_to", "time", "time_from", "time_to", "daypart", "finish_by")
SCENES = [
    Scene(datetime(2026, 3, 11, 10, 30, tzinfo=ZoneInfo("Europe/Moscow")), "Europe/Moscow", time(9), time(21)),
    Scene(datetime(2026, 12, 29, 23, 50, tzinfo=ZoneInfo("Asia/Vladivostok")), "Asia/Vladivostok", time(10), time(22)),
    Scene(datetime(2027, 2, 28, 0, 5, tzinfo=ZoneInfo("Asia/Kamchatka")), "Asia/Kamchatka", time(0), time(0)),
    Scene(datetime(2026, 6, 19, 17, 0, tzinfo=ZoneInfo("Europe/Berlin")), "Europe/Berlin", time(12), time(2)),
]  # fmt: skip
# The same sentences in each zone: measuring one is enough, and coverage's tracer takes twice the time of all else.
SCENES_ONCE_MEASURED = [SCENES[0], *(pytest.param(scene, marks=pytest.mark.no_cover) for scene in SCENES[1:])]

STEP = 19
"""Every so-manyth of some 25,000 compositions a scene; all of them take minutes and were right as well."""


def answer(said: Said, scene: Scene) -> tuple[dict, tuple[str, ...]]:
    context = Context(scene.now, scene.zone, (scene.opens, scene.closes), CATALOGUE)
    when = understand(said.words, context).when
    if when is None:
        return {}, ()
    found = {name: getattr(when, name) for name in FIELDS if getattr(when, name) is not None}
    found |= {name: list(value) for name in ("dates", "excluded_dates") if (value := getattr(when, name))}
    return found, when.ambiguous


def judge(phrases: Iterator[Said], scene: Scene) -> tuple[int, list[str], list[str]]:
    total, silent, asked = 0, [], []
    for said in phrases:
        total += 1
        found, doubts = answer(said, scene)
        told = f"{said.words!r}: {found} {doubts}, means {'a question' if said.asks else said.means}"
        if doubts and not said.asks:
            asked.append(told)
        elif not doubts and (said.asks or found != said.means):
            gap = not said.asks and found.items() <= said.means.items()
            (asked if gap else silent).append(told)
    return total, silent, asked


@pytest.mark.parametrize("scene", SCENES_ONCE_MEASURED, ids=lambda scene: scene.zone)
def test_a_day_and_a_time_in_any_words_and_order(scene):
    total, silent, asked = judge(islice(composed(scene), 0, None, STEP), scene)
    assert total > 1000
    assert not silent, "\n".join(silent[:40])
    assert len(asked) <= total * 0.01, "\n".join(asked[:40])


@pytest.mark.parametrize("scene", SCENES_ONCE_MEASURED, ids=lambda scene: scene.zone)
def test_two_days_corrected_excluded_or_either(scene):
    total, silent, asked = judge(combined(scene), scene)
    assert total > 250
    assert not silent, "\n".join(silent[:40])
    assert len(asked) <= total * 0.01, "\n".join(asked[:40])


def test_an_unread_day_of_the_calendar_would_be_seen():
    """The check itself: a reading that is off by a day is found out."""
    scene = SCENES[0]
    wrong = Said("завтра в 15:00", {"date": date(2026, 3, 13), "time": time(15)})
    assert judge(iter([wrong]), scene)[1]


LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


def mistyped(word: str, draw: random.Random) -> str:
    """The word with a letter lost, doubled up, exchanged or wrong; the first letter stays."""
    place = draw.randint(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    wrong = draw.choice(LETTERS)
    return draw.choice(
        [before + after, before + wrong + letter + after, before + wrong + after, before + after + letter]
    )


def test_a_slip_of_the_pen_is_forgiven_or_asked_about():
    """One slip in one word of five letters or more: read right or asked about, wrong in silence once in a hundred."""
    draw, scene = random.Random(5), SCENES[0]
    slipped = []
    for said in islice(composed(scene), 0, None, STEP):
        words = said.words.split()
        places = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
        if said.asks or not places:
            continue
        place = draw.choice(places)
        words[place] = mistyped(words[place], draw)
        slipped.append(Said(" ".join(words), said.means))
    total, silent, asked = judge(iter(slipped), scene)
    assert total > 800
    assert len(silent) <= total * 0.01, "\n".join(silent)
    assert len(asked) <= total * 0.25, "\n".join(asked[:40])
