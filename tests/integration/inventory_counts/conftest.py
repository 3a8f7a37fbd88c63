from __future__ import annotations

from decimal import Decimal

import pytest

from salon.identity.domain import Actor, ActorKind
from salon.inventory.counts import use_cases as counts
from support.stock_world import make_stock_world


class Desk:
    """Counts in a world; `by` is whoever counts."""

    def __init__(self, world):
        self.world = world

    def do(self, use_case, *arguments, by="one", **more):
        with self.world.database.transaction(self.world.tenant_id) as session:
            actor = Actor(ActorKind.USER, by)
            return use_case(session, *arguments, actor=actor, now=self.world.now, **more)

    def open(self, **more):
        return self.do(counts.open_count, location_id=self.world.location_id, **more)

    def enter(self, count, item, packs, remainder="0", *, by="one", **more):
        self.world.after(minutes=1)
        return self.do(
            counts.enter_count,
            count.id,
            item_id=item.id,
            packs=Decimal(packs),
            remainder=Decimal(remainder),
            by=by,
            **more,
        )

    def close(self, count, **more):
        self.world.after(minutes=1)
        return self.do(counts.close_count, count.id, **more)

    def post(self, count, **more):
        self.world.after(minutes=1)
        return self.do(counts.post_count, count.id, reason="Пересчитали", **more)

    def line(self, report, item):
        return next(line.snapshot for line in report.lines if line.place.item_id == item.id)

    def counted(self, item, packs, remainder="0"):
        """A count of one item, closed; its snapshot."""
        count = self.open()
        self.enter(count, item, packs, remainder)
        return count, self.line(self.close(count), item)


@pytest.fixture
def world(database, tenant_id, clock):
    return make_stock_world(database, tenant_id, now=clock.now())


@pytest.fixture
def desk(world):
    return Desk(world)


@pytest.fixture
def paint(world):
    """Ten tubes of 60 ml for 60 roubles."""
    item = world.item(category="Краска")
    world.receive(item, "600", 6_000)
    world.after(minutes=1)
    return item
