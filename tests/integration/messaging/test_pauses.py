"""A conversation that pauses for days, changes its subject, or comes back: nothing is asked twice, nothing is stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from salon.messaging import repository

pytestmark = pytest.mark.database


def test_what_was_said_two_days_ago_still_holds(salon, anna):
    assert "На какую услугу" in anna.write("запишите меня к Анне")
    salon.clock.advance(timedelta(days=2))

    assert "Стрижка" in anna.write("стрижка")
    assert anna.labels
    assert all("Анна" in label for label in anna.labels if "·" in label)


def test_a_day_that_is_over_is_no_wish_any_more(salon, anna):
    anna.write("хочу завтра вечером")
    salon.clock.advance(timedelta(days=2))

    said = anna.write("на стрижку")
    assert "Стрижка: ближайшее свободное время" in said or "вот что свободно вечером" in said
    assert "прошёл" not in said
    anna.press(anna.labels[0])
    assert "Записала вас" in anna.text


def test_a_question_in_between_takes_nothing_away(salon, anna):
    anna.write("запишите на стрижку к Анне")
    anna.write("а какой у вас адрес?")
    anna.write("и кто делает маникюр?")
    anna.write("спасибо")

    said = anna.write("завтра в 12")
    assert "Стрижка: вот что свободно завтра" in said
    assert any("12:00" in label and "Анна" in label for label in anna.labels)


def test_written_numbers_choose_what_was_written_out(salon, anna):
    anna.write("стрижка завтра")
    offered = anna.labels
    with salon.database.transaction(salon.world.tenant_id) as session:
        conversation = repository.find_conversation(session, account_id=salon.world.account_id, chat_id="5")
        payloads = tuple(button["payload"] for button in anna.buttons(anna.heard))
        state = replace(conversation.state, numbered=payloads)
        repository.save_state(session, conversation, state, salon.clock.now())

    assert "Записала вас" in anna.write("2")
    assert anna.rows()[0][3].endswith(offered[1].split(", ")[1].split(" ")[0])
