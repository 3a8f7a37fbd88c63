"""A batch with a bad message in it: AWS is told which one, Yandex gets the whole batch back and nothing doubles."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from salon.platform.clock import FrozenClock
from salon.platform.triggers import BatchFailed, UnknownTriggerShape
from support.cloud import open_cloud
from support.functions import NOWHERE
from support.salon_world import Chat

pytestmark = pytest.mark.database


@pytest.fixture(params=["aws", "yandex"])
def cloud(request, moto, furnished_url):
    with open_cloud(request.param, furnished_url, moto) as found:
        yield found


def test_one_bad_message_does_not_keep_the_others_from_being_handled(cloud, salons, furnished, capsys):
    world = furnished.first
    chats = [Chat(salons, world, FrozenClock(furnished.now), NOWHERE, user_id) for user_id in (5, 6)]
    ids = [chat.keep(chat.message(text="что у вас есть?")) for chat in chats]
    url = cloud.values["InboundQueue"]
    good = [{"tenant_id": str(world.tenant_id), "inbox_id": str(inbox_id)} for inbox_id in ids]
    for body in (json.dumps(good[0]), '{"tenant_id":"Лукерья +79000000777"}', json.dumps(good[1])):
        cloud.sqs.send_message(QueueUrl=url, MessageBody=body)

    for _ in range(3):
        cloud.pump()
        assert cloud.waiting("InboundQueue") == (1 if cloud.flavour == "aws" else 3)
        assert len(cloud.refused) == (1 if cloud.flavour == "aws" else 3)
        cloud.return_failed()

    with salons.read(world.tenant_id) as session:
        rows = session.execute(text("SELECT status, attempts FROM inbox")).all()
        answers = session.scalars(text("SELECT count(*) FROM message_log WHERE direction = 'out'")).one()
    assert [tuple(row) for row in rows] == [("done", 1)] * 2
    assert answers == 2
    assert all(isinstance(error, BatchFailed) for error in cloud.errors)
    assert len(cloud.errors) == (0 if cloud.flavour == "aws" else 3)
    assert "Лукерья" not in capsys.readouterr().out + "".join(map(str, cloud.errors))


def test_an_event_of_no_known_shape_is_never_counted_as_a_success(cloud):
    for function in (name for name in cloud.blueprint.functions if not name.startswith("http_")):
        for event in ({}, {"messages": []}, {"Records": []}, {"hello": "world"}, [], None):
            with pytest.raises(UnknownTriggerShape):
                cloud.invoke(function, event)
