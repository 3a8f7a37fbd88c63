"""Single rules of the grammar, each seen through a whole message (Wednesday 11 March 2026, 10:30, open 9 to 21)."""

from datetime import datetime, time

import pytest

from salon.understanding.domain import Catalogue, Context
from salon.understanding.schemas import when_to_json
from salon.understanding.use_cases import understand


def read(text: str) -> dict | None:
    now = datetime.fromisoformat("2026-03-11T10:30:00+03:00")
    found = when_to_json(understand(text, Context(now, "Europe/Moscow", (time(9), time(21)), Catalogue())).when)
    return found and {key: value for key, value in found.items() if value not in (None, [], False)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("за неделю до 15 мая", {"date": "2026-05-08"}),
        ("за 2 дня до 20 мая", {"date": "2026-05-18"}),
        ("за месяц до 20 мая", {"date": "2026-04-20"}),
        ("накануне 20 марта", {"date": "2026-03-19"}),
        ("перед 20 марта", {"date_from": "2026-03-13", "date_to": "2026-03-19", "approx": True}),
        ("после майских", {"date_from": "2026-05-12"}),
        ("на майские", {"date_from": "2026-05-01", "date_to": "2026-05-11"}),
        ("на Пасху", {"date": "2026-04-12"}),
        ("к 20 марта", {"date_to": "2026-03-20"}),
        ("до конца недели", {"date_from": "2026-03-11", "date_to": "2026-03-15"}),
        ("до конца месяца", {"date_from": "2026-03-11", "date_to": "2026-03-31"}),
        ("в начале недели", {"date_from": "2026-03-16", "date_to": "2026-03-17"}),
        ("в начале месяца", {"date_from": "2026-03-01", "date_to": "2026-03-10", "ambiguous": ["past"]}),
        ("в первых числах апреля", {"date_from": "2026-04-01", "date_to": "2026-04-10"}),
        ("по будням", {"date_from": "2026-03-11", "date_to": "2026-03-13"}),
        ("на днях", {"date_from": "2026-03-11", "date_to": "2026-03-14", "approx": True}),
        ("на неделе", {"date_from": "2026-03-11", "date_to": "2026-03-15"}),
        ("числа двадцатого", {"date": "2026-03-20", "approx": True}),
        ("в апреле 5 числа", {"date": "2026-04-05"}),
        ("12, 13 или 14 числа", {"dates": ["2026-03-12", "2026-03-13", "2026-03-14"]}),
        ("с 20-го по 25-е", {"date_from": "2026-03-20", "date_to": "2026-03-25"}),
        ("с 20 по 27", {"date_from": "2026-03-20", "date_to": "2026-03-27"}),
        ("с 28 февраля по 2 марта", {"date_from": "2027-02-28", "date_to": "2027-03-02", "ambiguous": ["past"]}),
        ("с 30 по 31 апреля", {"ambiguous": ["date"]}),
        ("на 27", {"date": "2026-03-27"}),
        ("5 апреля 27 года", {"date": "2027-04-05"}),
        ("через год", {"date": "2027-03-11"}),
        ("через день", {"date": "2026-03-13"}),
        ("через пару недель", {"date": "2026-03-25", "approx": True}),
        ("через пятницу", {"date": "2026-03-20", "ambiguous": ["date"]}),
        ("в прошлую среду", {"date": "2026-03-04", "ambiguous": ["past"]}),
        ("в этот понедельник", {"date": "2026-03-16", "ambiguous": ["date"]}),
        ("на этой неделе в понедельник", {"date": "2026-03-16", "ambiguous": ["date"]}),
        ("на следующей неделе во вторник или среду", {"dates": ["2026-03-17", "2026-03-18"]}),
        ("на следующей неделе с понедельника по среду", {"date_from": "2026-03-16", "date_to": "2026-03-18"}),
        ("на этой неделе, в понедельник", {"date": "2026-03-16", "ambiguous": ["date"]}),
        ("кроме субботы и воскресенья", {"excluded_dates": ["2026-03-14", "2026-03-15"]}),
        ("перенесите с пятницы 15:00 на субботу 17:00", {"date": "2026-03-14", "time": "17:00"}),
        ("без двадцати пяти пять", {"time": "16:35"}),
        ("без пяти час", {"time": "12:55"}),
        ("в пятом часу", {"time_from": "16:00", "time_to": "17:00"}),
        ("в пять с половиной", {"time": "17:30"}),
        ("в 930", {"time": "09:30"}),
        ("в 15 00", {"time": "15:00"}),
        ("часа через два", {"date": "2026-03-11", "time": "12:30", "approx": True}),
        ("10 ч. 30 мин. завтра", {"date": "2026-03-12", "time": "10:30"}),
        ("в 12 ночи", {"time": "00:00"}),
        ("в 11 дня", {"time": "11:00"}),
        ("до полудня", {"time_to": "12:00"}),
        ("с 8 вечера до 9", {"time_from": "20:00", "time_to": "21:00"}),
        ("с 6 до 8 вечера", {"time_from": "18:00", "time_to": "20:00"}),
        ("с 5 до 5", {"time_from": "05:00", "time_to": "17:00", "ambiguous": ["time"]}),
        ("в 9 и в 10", {"time_from": "09:00", "time_to": "10:00", "ambiguous": ["time"]}),
        ("на 2 часа раньше", {"shift_minutes": -120}),
        ("на 1 час 30 минут позже", {"shift_minutes": 90}),
        ("пораньше, часов в 10", {"time": "10:00", "approx": True}),
        ("на час позже или на день раньше", {"ambiguous": ["shift"]}),
        ("стрижка на 3-4 часа", {"time_from": "15:00", "time_to": "16:00", "ambiguous": ["time"]}),
        ("часа на три завтра", {"date": "2026-03-12"}),
        ("занимает 2 часа, завтра в 12", {"date": "2026-03-12", "time": "12:00"}),
        ("не позже обеда", {"daypart": "morning"}),
        ("не позже вечера", {"ambiguous": ["daypart"]}),
        ("утром или вечером", {"ambiguous": ["daypart"]}),
        ("закончить к шести и освободиться к семи", {"ambiguous": ["time"]}),
        ("в первую субботу", {"date": "2026-03-14", "ambiguous": ["date"]}),
        ("в последнюю неделю апреля", {"date_from": "2026-04-24", "date_to": "2026-04-30", "ambiguous": ["date"]}),
        ("через полторы недели", {"date": "2026-03-21", "ambiguous": ["date"]}),
        ("через неделю после Пасхи", {"date": "2026-04-19"}),
        ("на следующий день после Пасхи", {"date": "2026-04-13"}),
        ("в начале седьмого", {"time_from": "18:00", "time_to": "18:15", "ambiguous": ["time"]}),
        ("мне в шесть за ребёнком", {"finish_by": "18:00", "ambiguous": ["time"]}),
        ("успею к шести?", {"finish_by": "18:00", "ambiguous": ["time"]}),
        ("хочу закончить до обеда", {"ambiguous": ["time"]}),
        ("перенесите на 2 часа", {"time": "14:00", "ambiguous": ["shift"]}),
        ("отодвиньте на неделю", {"shift_days": 7, "ambiguous": ["shift"]}),
        (
            "после 18:30 или в выходные",
            {
                "date_from": "2026-03-14",
                "date_to": "2026-03-15",
                "time_from": "18:30",
                "ambiguous": ["date"],
            },
        ),
        ("в семь двадцать первого", {"date": "2026-03-21", "time": "19:00", "ambiguous": ["date"]}),
        ("2 апреля 2030", {"date": "2026-04-02", "time": "20:30", "ambiguous": ["time"]}),
        ("в деять часов", {"ambiguous": ["unread"]}),
        ("завтра в шстб утра", {"date": "2026-03-12", "daypart": "morning", "ambiguous": ["unread"]}),
        (
            "сегодня с 8 до 10",
            {
                "date": "2026-03-11",
                "time_from": "08:00",
                "time_to": "10:00",
                "ambiguous": ["past", "time"],
            },
        ),
        ("перезвоните после 18, запись на завтра", {"date": "2026-03-12"}),
        ("лечу 20-го, надо до этого", {"date": "2026-03-20", "ambiguous": ["unread"]}),
        ("по вторникам работаю", {"excluded_dates": ["2026-03-17"], "ambiguous": ["date"]}),
        ("20 минут", None),
        ("завтра 25:00", {"date": "2026-03-12", "ambiguous": ["unread"]}),
        ("завтра на 3 дня", {"date": "2026-03-12", "ambiguous": ["unread"]}),
    ],
)
def test_a_rule_reads(text, expected):
    found = read(text)
    if expected and "ambiguous" in expected and found:
        assert set(expected["ambiguous"]) <= set(found["ambiguous"])
        found, expected = found | {"ambiguous": []}, expected | {"ambiguous": []}
    if expected == {"ambiguous": []}:
        return
    assert found == expected
