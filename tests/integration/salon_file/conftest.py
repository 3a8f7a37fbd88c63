"""Tenants, and a file with something of everything a salon is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salon.availability.salon_file.use_cases import export_salon, import_salon, read_salon_file, render
from support.factories import ACTOR
from support.fixtures import make_tenant

EVERYTHING: dict[str, Any] = {
    "version": 1,
    "tenant": {"name": "Ромашка", "locale": "en", "quiet_from": "21:30", "quiet_until": "10:00"},
    "settings": {"booking": {"horizon_days": 14, "deposit": {"share": 0.2}}},
    "resource_pools": [{"name": "Климазоны", "kind": "device"}, {"name": "Кресла", "kind": "chair"}],
    "services": [
        {
            "name": "Окрашивание",
            "category": "Волосы",
            "synonyms": ["покраситься", "тонирование"],
            "duration_min": 120,
            "buffer_after_min": 10,
            "processing_from_min": 40,
            "processing_min": 30,
            "min_notice_min": 180,
            "options": [
                {"name": "длинные", "choice": "Длина", "extra_min": 30},
                {"name": "короткие", "choice": "Длина", "extra_min": -20, "position": 1},
                {"name": "Уход", "extra_min": 15},
                {"name": "Ампула", "position": 1, "is_active": False},
            ],
            "pools": ["Климазоны", "Кресла"],
        },
        {"name": "Солярий", "duration_min": 15, "requires_staff": False, "pools": []},
        {"name": "Стрижка", "duration_min": 60, "pools": ["Кресла"]},
        {"name": "Завивка", "duration_min": 90, "is_active": False, "pools": []},
    ],
    "templates": [
        {
            "name": "2/2",
            "cycle_days": 4,
            "entries": [
                {"day": 1, "from": "10:00", "to": "20:00", "granularity_min": 30},
                {"day": 2, "from": "10:00", "to": "20:00"},
                {"day": 2, "from": "14:00", "to": "15:00", "is_break": True},
            ],
        }
    ],
    "locations": [
        {
            "name": "Центр",
            "timezone": "Europe/Moscow",
            "address": "ул. Пробная, 1",
            "phone": "+7 900 000-00-01",
            "opening_hours": [
                {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "13:00"},
                {"days": [1, 2, 3, 4, 5], "from": "14:00", "to": "00:00"},
                {"days": [6], "from": "10:00", "to": "18:00"},
            ],
            "latitude": 55.751244,
            "longitude": 37.618423,
            "travel_min": 25,
            "services": ["Окрашивание", "Солярий", "Стрижка"],
            "hours": [
                {"service": "Солярий", "days": [1], "from": "08:00", "to": "22:00", "capacity": 2},
                {"days": [1, 2, 3, 4, 5, 6], "from": "09:00", "to": "21:00", "granularity_min": 30},
                {"kind": "exception", "valid_from": "2026-05-01", "valid_to": "2026-05-01", "closed": True},
            ],
            "shifts": [],
            "breaks": [],
            "time_off": [],
        },
        {
            "name": "Восток",
            "timezone": "Asia/Kamchatka",
            "is_active": False,
            "services": [],
            "hours": [],
            "shifts": [],
            "breaks": [],
            "time_off": [],
        },
        {
            "name": "Север",
            "timezone": "Europe/Moscow",
            "services": ["Стрижка"],
            "hours": [],
            "shifts": [],
            "breaks": [],
            "time_off": [],
        },
    ],
    "resources": [
        {"name": "Климазон 1", "location": "Центр", "pool": "Климазоны"},
        {"name": "Кресло 1", "location": "Центр", "pool": "Кресла"},
        {"name": "Кресло 2", "location": "Центр", "pool": "Кресла", "is_active": False},
        {"name": "Кресло 1", "location": "Север", "pool": "Кресла"},
    ],
    "staff": [
        {
            "name": "Анна",
            "location": "Центр",
            "title": "топ-стилист",
            "speciality": "колорист",
            "grade": "top",
            "skills": {"Окрашивание": 110, "Стрижка": None},
            "hours": [],
            "shifts": [
                {"days": [1, 2, 3], "from": "10:00", "to": "20:00"},
                {"location": "Север", "days": [4], "from": "12:00", "to": "18:00"},
                {
                    "kind": "date_range", "from": "10:00", "to": "20:00", "valid_from": "2026-03-20",
                    "valid_to": "2026-03-20", "template": "2/2",
                },
                {
                    "kind": "date_range", "valid_from": "2026-03-22", "valid_to": "2026-03-22", "closed": True,
                    "template": "2/2",
                },
            ],
            "breaks": [{"days": [1, 2, 3], "from": "14:00", "to": "14:30"}],
            "time_off": [
                {"kind": "exception", "valid_from": "2026-07-01", "valid_to": "2026-07-14", "group": 1},
                {
                    "kind": "exception", "location": "Север", "valid_from": "2026-07-01", "valid_to": "2026-07-14",
                    "group": 1,
                },
            ],
        },
        {
            "name": "Анна", "key": "Анна #2", "location": "Север", "skills": {"Стрижка": 75}, "hours": [],
            "shifts": [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "to": "21:00"}], "breaks": [], "time_off": [],
        },
        {
            "name": "Борис", "location": "Центр", "is_active": False, "skills": {}, "hours": [], "shifts": [],
            "breaks": [], "time_off": [],
        },
    ],
    "price_lists": [
        {
            "name": "Прошлогодний",
            "valid_from": "2025-01-01",
            "valid_to": "2025-12-31",
            "prices": {"Стрижка": {"": 200_000}},
        },
        {
            "name": "Основной",
            "valid_from": "2026-01-01",
            "prices": {"Стрижка": {"": 250_000, "top": 320_000}, "Окрашивание": {"": 550_000}},
            "option_prices": {"Окрашивание": {"Длина: длинные": {"": 150_000}, "Уход": {"": 80_000, "top": 90_000}}},
        },
        {
            "name": "Северный",
            "valid_from": "2026-02-01",
            "location": "Север",
            "currency": "USD",
            "prices": {"Стрижка": {"": 3_000}},
        },
    ],
    "norms": [
        {"service": "Окрашивание", "item": "Краска", "quantity": "60", "unit": "g"},
        {"service": "Окрашивание", "option": "Длина: длинные", "item": "Краска", "quantity": "90.5", "unit": "g"},
        {"service": "Окрашивание", "staff": "Анна", "item": "Перчатки", "quantity": "2", "unit": "pcs"},
    ],
}  # fmt: skip


class Salon:
    """A tenant whose file comes and goes."""

    def __init__(self, database, tenant_id, clock):
        self.database, self.tenant_id, self.clock = database, tenant_id, clock

    def load(self, content, **more):
        with self.database.transaction(self.tenant_id) as session:
            file = read_salon_file(content)
            return import_salon(session, file, actor=ACTOR, now=self.clock.now(), **more)

    def export(self):
        with self.database.read(self.tenant_id) as session:
            return render(export_salon(session))

    def rows(self, sql, **parameters):
        from sqlalchemy import text

        with self.database.read(self.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql), parameters)]


@pytest.fixture
def salon(database, tenant_id, clock) -> Salon:
    return Salon(database, tenant_id, clock)


@pytest.fixture
def another(database, clock) -> Callable[[], Salon]:
    return lambda: Salon(database, make_tenant(database, clock.now()), clock)
