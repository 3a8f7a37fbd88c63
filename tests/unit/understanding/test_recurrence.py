"""What a message says about repeating, and what is left of it."""

from __future__ import annotations

import pytest

from salon.understanding.recurrence import find_recurrence


@pytest.mark.parametrize(
    ("text", "every_days", "count", "weekday", "rest"),
    [
        ("Запиши на маникюр каждые три недели по вторникам в 14", 21, None, 1, "Запиши на маникюр в 14"),
        ("раз в две недели", 14, None, None, ""),
        ("1 раз в 2 недели на стрижку", 14, None, None, "на стрижку"),
        ("каждую субботу в 12", 7, None, 5, "в 12"),
        ("раз в месяц по средам, 6 раз", 28, 6, 2, ","),
        ("каждую вторую неделю в пятницу", 14, None, None, "в пятницу"),
        ("два раза в месяц", 14, None, None, ""),
        ("каждые 10 дней", 10, None, None, ""),
        ("еженедельно на 3 месяца", 7, 12, None, ""),
        ("ежемесячно на полгода", 28, 6, None, ""),
        ("Ещё на 5 раз", None, 5, None, ""),
        ("запиши на стрижку по вторникам в 14", 7, None, 1, "запиши на стрижку в 14"),
        ("запиши раз в неделю по вторникам и четвергам", 7, None, None, "запиши"),
    ],
)
def test_what_repeats(text, every_days, count, weekday, rest):
    found = find_recurrence(text)

    assert (found.every_days, found.count, found.weekday, found.rest) == (every_days, count, weekday, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "на стрижку завтра",
        "каждый день после шести",
        "могу по вторникам после 14",
        "я уже 5 раз писала",
        "три раза в неделю",
        "как в прошлый раз",
        "каждый раз опаздываете",
    ],
)
def test_what_does_not(text):
    assert find_recurrence(text) is None


def test_an_answer_about_a_series_may_be_short():
    assert find_recurrence("5 раз") is None
    assert find_recurrence("5 раз", is_going_on=True).count == 5
    assert find_recurrence("по средам", is_going_on=True).weekday == 2
