"""The settings section `messaging`: what is understood, what is refused, and by which name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.messaging.domain.habits import MessagingSettings, check_settings, habits_from
from salon.messaging.domain.remarks import asks_for_news
from salon.messaging.domain.reminders import ReminderKind
from salon.messaging.errors import HabitSenseless


def test_what_is_left_out_has_its_default_and_what_is_not_known_is_passed_over():
    assert habits_from({}) == MessagingSettings() == habits_from({"of_a_newer_release": 1})
    habits = MessagingSettings()
    assert habits.lead_of(ReminderKind.DAY_BEFORE) == timedelta(hours=24)
    assert habits.lead_of(ReminderKind.SOON) == timedelta(hours=2)
    assert habits.lead_of(ReminderKind.FEEDBACK) is None


def test_reminders_are_those_that_are_named():
    some = habits_from({"reminders": [{"kind": "soon", "lead_min": 60}]})
    assert some.lead_of(ReminderKind.SOON) == timedelta(hours=1)
    assert some.lead_of(ReminderKind.DAY_BEFORE) is None
    assert habits_from({"reminders": []}).reminders == ()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"reminder": []}, "reminder"),
        ({"reminders": {}}, "reminders"),
        ({"reminders": ["soon"]}, "reminders.kind"),
        ({"reminders": [{"kind": "feedback", "lead_min": 60}]}, "reminders.kind"),
        ({"reminders": [{"kind": ["soon"], "lead_min": 60}]}, "reminders.kind"),
        ({"reminders": [{"kind": "soon"}]}, "reminders.lead_min"),
        ({"reminders": [{"kind": "soon", "lead_min": 60, "text": ""}]}, "reminders.text"),
        ({"reminders": [{"kind": "soon", "lead_min": 60}] * 2}, "reminders.kind"),
        (
            {"reminders": [{"kind": "soon", "lead_min": 60}, {"kind": "day_before", "lead_min": 60}]},
            "reminders.lead_min",
        ),
        ({"feedback_delay_min": -1}, "feedback_delay_min"),
        ({"low_rating": True}, "low_rating"),
        ({"low_rating": 5}, "low_rating"),
        ({"marketing_per_week": 8}, "marketing_per_week"),
        ({"asks_feedback": 1}, "asks_feedback"),
        ({"privacy_url": "http://salon.example"}, "privacy_url"),
        ({"review_url": "https://salon.example/a b"}, "review_url"),
        ({"review_url": None}, "review_url"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(content, name):
    with pytest.raises(HabitSenseless) as refused:
        check_settings(content)
    assert refused.value.name == name


@pytest.mark.parametrize(
    "text", ["Подпишите обратно", "подпиши меня снова", "Верните рассылку", "снова присылайте новости"]
)
def test_somebody_wants_our_news_again(text):
    assert asks_for_news(text)


@pytest.mark.parametrize("text", ["стоп", "отпишите меня", "отписаться", "запишите обратно к Анне", "снова к Анне"])
def test_somebody_wants_something_else(text):
    assert not asks_for_news(text)
