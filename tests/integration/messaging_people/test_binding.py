"""A chat becomes somebody's of the salon by a code: once, within a day, and not by guessing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.identity import use_cases as identity
from salon.identity.access import Role
from salon.identity.errors import RoleNotYours, UserInactive
from salon.messaging import repository as messaging
from salon.messaging.people import use_cases as people
from salon.messaging.people.errors import BindingInGroup
from salon.platform.errors import Refusal
from support.races import drop_row_locks, inside
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
LIVE = "SELECT count(*) FROM staff_contacts WHERE ended_at IS NULL"


def staff_of(desk, person):
    return desk.do(people.find_staff, person.conversation.id)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: f"/bind {code}",
        lambda code: f"/bind@probe_bot {code.lower()}",
        lambda code: code,
        lambda code: code.replace("-", "").lower().translate(str.maketrans("abcehkmptxy", "авсенкмртху")),
    ],
)
def test_a_code_binds_a_chat_however_it_is_typed(desk, typed):
    user_id = desk.user()
    person = desk.person(9)

    assert "Готово, Ольга Админова" in person.write(typed(desk.code(user_id)))
    assert staff_of(desk, person).user_id == user_id


def test_a_deep_link_binds(desk):
    user_id = desk.user(Role.OWNER)
    person = desk.person(9)
    person.say(f"/start bind_{desk.code(user_id).replace('-', '')}")

    found = staff_of(desk, person)
    assert (found.user_id, set(found.notices)) == (user_id, {"handover", "low_rating", "failed", "account", "stock"})


def test_a_code_works_once_and_only_its_digest_is_kept(desk, client):
    code = desk.code(desk.user())
    dump = str(desk.rows("SELECT code_hash FROM binding_codes")) + str(desk.rows("SELECT data FROM audit_log"))
    assert code not in dump
    assert code.replace("-", "") not in dump

    desk.person(9).write(f"/bind {code}")
    assert "уже использован" in client.write(f"/bind {code}")
    assert staff_of(desk, client) is None


def test_old_codes_are_void(desk, client):
    user_id = desk.user()
    first = desk.code(user_id)
    second = desk.code(user_id)

    assert "больше не действует" in client.write(f"/bind {first}")
    desk.clock.advance(timedelta(hours=24))
    assert "больше не действует" in client.write(f"/bind {second}")
    assert "Такого кода нет" in client.write("/bind ABCD-2345")
    assert "Напишите код" in client.write("/bind")
    assert staff_of(desk, client) is None


def test_codes_cannot_be_guessed(desk, client):
    right = desk.code(desk.user())
    other = desk.person(6)
    for number in range(5):
        assert "Такого кода нет" in client.write(f"/bind ABCD-234{number + 2}")

    assert "Слишком много попыток" in client.write(f"/bind {right}")
    desk.clock.advance(timedelta(minutes=55))
    assert "Слишком много попыток" in client.write(f"/bind {right}")
    assert staff_of(desk, client) is None
    assert "Готово" in other.write(f"/bind {right}")  # another chat has its own tries
    desk.clock.advance(timedelta(minutes=6))
    assert "уже использован" in client.write(f"/bind {right}")


def test_a_chat_moves_by_a_new_code_only(desk, olga):
    vera = desk.user(name="Вера")
    before = staff_of(desk, olga)

    olga.write("/bind ABCD-2345")
    assert staff_of(desk, olga) == before
    olga.write(f"/bind {desk.code(vera)}")
    assert staff_of(desk, olga).user_id == vera
    assert desk.do(people.list_contacts, before.user_id) == []


def test_a_user_has_several_chats_and_ends_them(desk, olga):
    user_id = staff_of(desk, olga).user_id
    second = desk.person(71)
    second.write(f"/bind {desk.code(user_id)}")
    assert len(desk.do(people.list_contacts, user_id)) == 2

    assert "отвязан" in second.write("/unbind")
    assert [one.conversation_id for one in desk.do(people.list_contacts, user_id)] == [olga.conversation.id]
    assert desk.do(people.end_contacts, user_id, actor=ACTOR, now=desk.clock.now()) == 1
    assert staff_of(desk, olga) is None


def test_whoever_may_not_enter_is_nobody_in_the_chat(desk, olga):
    user_id = staff_of(desk, olga).user_id
    code = desk.code(user_id)
    change = {"actor": ACTOR, "actor_role": Role.OWNER, "now": desk.clock.now()}
    desk.do(identity.deactivate_user, user_id, **change)

    assert staff_of(desk, olga) is None
    assert "отключена" in desk.person(9).write(f"/bind {code}")
    with pytest.raises(UserInactive):
        desk.code(user_id)
    desk.do(identity.activate_user, user_id, **change)
    assert staff_of(desk, olga).user_id == user_id


def test_an_admin_cannot_become_the_owner_by_a_code(desk):
    owner = desk.user(Role.OWNER)
    with pytest.raises(RoleNotYours):
        desk.do(people.issue_binding_code, owner, actor=ACTOR, actor_role=Role.ADMIN, now=desk.clock.now())


def test_a_group_is_nobodys(desk, client):
    code = desk.code(desk.user())
    group = replace(client.conversation, is_group=True)
    with pytest.raises(BindingInGroup):
        desk.do(people.bind_by_code, group, code, desk.clock.now())


def test_a_car_plate_is_a_message_as_any_other(desk, client, olga):
    assert "кода" not in client.write("А777АА77")
    desk.hand_over(client)
    olga.press("Взять")
    olga.hear()
    assert client.write("К234ТХ77") == ""
    assert "К234ТХ77" in olga.hear()
    client.hear()
    olga.write("ВТК23452")
    assert client.hear() == "ВТК23452"


def test_bare_codes_cannot_be_guessed_either(desk, client):
    right = desk.code(desk.user())
    for number in range(5):
        assert "кода" not in client.write(f"ABCD-234{number + 2}")
    client.write(right)
    assert staff_of(desk, client) is None
    desk.clock.advance(timedelta(hours=1))
    assert "Готово" in client.write(right)


@pytest.mark.parametrize("answers_groups", [False, True])
def test_a_code_that_a_group_has_read_binds_nothing(desk, client, answers_groups):
    code = desk.code(desk.user())
    config = text("UPDATE channel_accounts SET config = cast(:config AS jsonb) WHERE id = :id")
    named = {"config": json.dumps({"answers_groups": answers_groups}), "id": desk.world.account_id}
    desk.do(lambda session: session.execute(config, named))
    update = client.message(text=f"/bind {code}")
    update["message"]["chat"] = {"id": -100, "type": "group", "title": "Чат"}
    client.send(update)

    assert "больше не действует" in client.write(f"/bind {code}")
    words = [body["text"] for body in group_words(desk)]
    assert any("в общем чате его увидели все" in one for one in words) is answers_groups


def group_words(desk):
    with desk.database.read(desk.world.tenant_id) as session:
        chat = messaging.find_conversation(session, account_id=desk.world.account_id, chat_id="-100")
        said = messaging.list_messages(session, chat.id) if chat else []
    return [body for way, _, body in said if way == "out"]


def bind_at_once(desk, owner_engine, code):
    """Two chats use one code while its row is locked by a third; what became of each."""
    chats = [desk.person(number) for number in (91, 92)]
    for chat in chats:
        chat.write("Здравствуйте")
    conversations = [chat.conversation for chat in chats]

    def bind(conversation):
        try:
            desk.do(people.bind_by_code, conversation, code, desk.clock.now())
        except Refusal as refusal:
            return refusal.code
        return "bound"

    waiting = inside(owner_engine, 2)
    with ThreadPoolExecutor(2) as pool:
        with owner_engine.begin() as owner:
            owner.execute(text("SELECT id FROM binding_codes FOR UPDATE"))
            futures = [pool.submit(bind, one) for one in conversations]
            while not waiting():
                assert not any(future.done() for future in futures), "somebody needed no lock"
        return sorted(future.result() for future in futures)


def test_one_of_two_chats_gets_the_code(desk, owner_engine):
    code = desk.code(desk.user())
    assert bind_at_once(desk, owner_engine, code) == ["BINDING_CODE_USED", "bound"]
    assert desk.rows(LIVE) == [(1,)]


def test_without_row_locks_both_would_get_it(desk, owner_engine, engine):
    code = desk.code(desk.user())
    drop_row_locks(engine)
    assert bind_at_once(desk, owner_engine, code) == ["bound", "bound"]
