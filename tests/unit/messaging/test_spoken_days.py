"""Days as a person writes them, in the case that the sentence asks for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from salon.messaging.domain.phrases import Phrases
from salon.platform.texts import texts

MONDAY = date(2026, 3, 30)
AFTER_DO = ["понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья"]


@pytest.mark.parametrize(("shift", "weekday"), list(enumerate(AFTER_DO)))
def test_a_day_after_a_preposition_is_in_the_genitive(shift, weekday):
    on = MONDAY + timedelta(days=shift)
    assert Phrases(texts("ru").say).day_genitive(on).startswith(f"{weekday}, {on.day} ")
    assert Phrases(texts("en").say).day_genitive(on) == Phrases(texts("en").say).day(on)
