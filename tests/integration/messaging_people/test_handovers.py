"""A conversation goes to a human and comes back: told, taken by one, answered, relayed, returned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, text

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.clients.events import ClientErased
from salon.identity import use_cases as identity
from salon.identity.access import Role
from salon.messaging import repository
from salon.messaging.domain import Channel
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import HandoverReason, HandoverStatus, ReadPurpose
from salon.messaging.people.errors import HandoverNotFound, HandoverOutdated
from salon.messaging.use_cases.erasure import on_client_erased
from salon.messaging.use_cases.say import Reply, say
from salon.platform.errors import DatabaseBusy, Refusal
from support.fixtures import make_tenant
from support.races import drop_row_locks, inside
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
BY_HUMAN = "SELECT user_id FROM message_log WHERE purpose = 'human' AND conversation_id = :id"


def test_the_salon_is_told_takes_answers_and_returns(desk, client, olga):
    olga.hear()
    assert "Передала ваш вопрос администратору" in client.write("Хочу поговорить с администратором")
    [opened] = desk.do(people.list_handovers)

    told = olga.hear()
    assert "№ 1" in told
    assert "«Хочу поговорить с администратором»" in told
    assert "Всё, что напишете сюда, получит Проба" in olga.press("Взять")
    client.hear()
    assert olga.write("Добрый день! Чем помочь?") == ""
    assert client.hear() == "Добрый день! Чем помочь?"
    assert [row[0] for row in desk.rows(BY_HUMAN, id=client.conversation.id)] == [desk.handover(opened.id).taken_by]

    assert client.write("Можно завтра в пять?") == ""  # the assistant is silent
    assert olga.hear() == "№ 1 · Проба: Можно завтра в пять?"
    assert "вернула себе" in olga.write("/return")
    assert "Снова на связи помощник" in client.hear()
    assert client.write("Сколько стоит стрижка?") != ""
    assert "Здравствуйте" in olga.write("Здравствуйте")  # and the front desk is a client of the assistant again
    closed = desk.handover(opened.id)
    assert (closed.status, closed.outcome, closed.messages) == ("closed", "returned", 1)


def test_one_lives_at_a_time_and_the_assistant_goes_on_until_it_is_taken(desk, client, olga):
    first = desk.hand_over(client)
    olga.hear()
    assert client.write("Сколько стоит стрижка?") != ""
    client.hear()
    second = desk.hand_over(client, HandoverReason.NOT_UNDERSTOOD)

    assert (second.id, second.reason, second.messages) == (first.id, HandoverReason.ASKED, 1)
    assert olga.hear() == ""  # told once
    assert "уже у администратора" in client.hear()
    desk.hand_over(client, HandoverReason.NOT_UNDERSTOOD)
    assert "Не совсем поняла" in client.hear()  # heard once; and the menu goes on

    desk.clock.advance(timedelta(hours=30))
    assert "жаль" in client.write("Ужасное обслуживание, мне сожгли волосы, верните деньги!")
    told = olga.hear()
    assert "жалоба" in told
    assert "сожгли волосы" in told
    assert desk.handover(first.id).reason is HandoverReason.COMPLAINT


def test_where_nobody_is_told_no_answer_is_promised(desk, client):
    desk.bound(72, Role.STYLIST, "Анна")
    said = client.write("Позовите администратора") + client.write("Позовите администратора")
    assert said.count("в салоне его увидят") == said.count("+7 900 000-00-01") == 2
    assert "ответит" not in said


def test_the_client_hears_who_answers_and_when(desk, client, olga):
    desk.hand_over(client, HandoverReason.COMPLAINT)
    now = client.hear()
    assert "жаль" in now
    assert "+7 900 000-00-01" in now

    late = desk.person(6)
    desk.at("2026-03-11 22:30")
    late.write("Здравствуйте")
    desk.hand_over(late)
    assert "завтра, 12 марта, с 9:00" in late.hear()


def test_the_second_taker_hears_who_was_faster(desk, client, olga):
    vera = desk.bound(71, name="Вера")
    opened = desk.hand_over(client)
    olga.press("Взять")

    assert "уже взял другой сотрудник: Ольга Админова" in vera.press("Взять")
    assert "отвечаете не вы" in vera.write("/return 1")
    assert "может администратор" in desk.bound(72, Role.STYLIST, "Анна").write("/return 1")
    assert "Никто не ждёт" in vera.write("/inbox")
    client.hear()
    vera.write("Это не клиенту")
    assert client.hear() == ""
    assert desk.handover(opened.id).version == 2


def test_somebody_with_two_clients_goes_from_one_to_the_other(desk, client, olga):
    other = desk.person(6)
    other.write("Здравствуйте")
    desk.hand_over(client)
    desk.hand_over(other)

    inbox = olga.write("/inbox")
    assert "№ 1" in inbox
    assert "Проба" not in inbox  # a list about several clients names none
    olga.write("/take 1")
    olga.write("/взять 2")
    client.hear(), other.hear()
    olga.write("второму")
    client.write("я первый")
    assert "Отвечать здесь" in str(olga.said()[-1]["buttons"])
    olga.hear()
    assert "№ 1 теперь у вас" in olga.write("/take 1")
    olga.write("первому")
    assert (client.hear(), other.hear()) == ("первому", "второму")
    olga.write("/unknown")
    assert client.hear() == ""
    olga.press("Вернуть помощнику")
    assert "нет обращения" in olga.write("/return")
    assert "Отвечаете вы" in olga.write("/inbox")


def test_a_stylist_and_a_client_take_nothing(desk, client, olga):
    anna = desk.bound(72, Role.STYLIST, "Анна")
    opened = desk.hand_over(client)
    assert anna.hear() == ""
    assert "может администратор" in anna.write("/take 1")
    forged = f"ht:{opened.id.hex}"
    assert "не действует" in client.send(client.tap(forged))[-1]["text"]
    assert "может администратор" in anna.send(anna.tap(forged))[-1]["text"]
    assert desk.handover(opened.id).status is HandoverStatus.OPEN


def test_ones_own_conversation_is_somebody_elses_to_answer(desk, olga):
    olga.hear()
    opened = desk.hand_over(olga)
    assert "в салоне его увидят" in olga.hear()  # there is nobody but her
    assert "собственная переписка" in olga.send(olga.tap(f"ht:{opened.id.hex}"))[-1]["text"]
    assert "Никто не ждёт" in olga.write("/take")


def test_what_was_told_of_an_erased_client_is_gone(desk, client, olga):
    client.write("Мой секрет")
    opened = desk.hand_over(client)
    olga.press("Взять")
    client_id = client.conversation.client_id
    desk.do(clients.erase_client, client_id, actor=ACTOR, now=desk.clock.now())
    erased = ClientErased(occurred_at=desk.clock.now(), client_id=client_id)
    desk.do(on_client_erased, erased, desk.clock.now())

    assert "секрет" not in str(olga.said())
    assert desk.handover(opened.id).outcome == "erased"
    assert "нет обращения" in olga.write("/return")


def test_a_human_in_the_providers_own_app_silences_the_assistant_for_a_while(desk, client, olga):
    noted = desk.do(people.note_outside_answer, client.conversation.id, desk.clock.now())
    assert (noted.status, noted.taken_by) == (HandoverStatus.TAKEN, None)
    assert client.write("Спасибо!") == ""
    desk.clock.advance(timedelta(minutes=50))
    desk.do(people.note_outside_answer, client.conversation.id, desk.clock.now())
    desk.clock.advance(timedelta(minutes=50))
    assert client.write("А сколько стоит стрижка?") == ""
    desk.clock.advance(timedelta(minutes=11))
    assert client.write("Сколько стоит стрижка?") != ""
    assert desk.handover(noted.id).outcome == "stale"

    again = desk.hand_over(client)
    desk.do(people.note_outside_answer, client.conversation.id, desk.clock.now())
    olga.write(f"/take {again.number}")
    assert desk.handover(again.id).taken_by is not None  # whoever is bound takes over from the other app


def test_somebody_who_left_the_salon_answers_nobody(desk, client, olga):
    vera = desk.bound(71, name="Вера")
    opened = desk.hand_over(client)
    olga.press("Взять")
    vera.hear()
    taker = desk.handover(opened.id).taken_by
    desk.do(identity.deactivate_user, taker, actor=ACTOR, actor_role=Role.OWNER, now=desk.clock.now())

    assert client.write("Вы здесь? Сколько стоит стрижка?") != ""
    assert "№ 1" in vera.hear()
    assert "№ 1 теперь у вас" in vera.press("Взять")


def test_the_salon_is_reminded_once_and_silence_ends_it(desk, client, olga):
    opened = desk.hand_over(client)
    olga.hear()
    desk.clock.advance(timedelta(minutes=14))
    assert (desk.timer(), olga.hear()) == (0, "")
    desk.clock.advance(timedelta(minutes=1))
    assert desk.timer() == 1
    assert "Никто не взял № 1" in olga.hear()
    desk.clock.advance(timedelta(hours=1))
    assert (desk.timer(), olga.hear()) == (0, "")

    olga.press("Взять")
    desk.clock.advance(timedelta(hours=11))
    olga.write("Вечером посмотрю")
    desk.clock.advance(timedelta(hours=11))
    client.write("Спасибо!")
    assert desk.timer() == 0
    desk.clock.advance(timedelta(hours=1))
    olga.hear()
    assert desk.timer() == 1  # counted from the human's last word; thanks wait for nothing
    assert "давно никто не писал" in olga.hear()
    assert desk.handover(opened.id).outcome == "stale"
    assert client.write("Сколько стоит стрижка?") != ""
    assert client.write("Позовите") is not None


def test_whoever_waits_for_a_human_that_is_silent_gets_the_assistant_back(desk, client, olga):
    opened = desk.hand_over(client)
    olga.press("Взять")
    client.hear()
    for _ in range(3):  # however often they ask
        desk.clock.advance(timedelta(hours=3, minutes=50))
        assert client.write("Вы здесь?") == ""
        desk.timer()
    olga.hear()
    desk.clock.advance(timedelta(minutes=30))
    assert desk.timer() == 1
    assert "клиент ждёт ответа" in olga.hear()
    assert "Снова на связи помощник салона. Администратор пока не ответил" in client.hear()
    assert desk.handover(opened.id).status is HandoverStatus.OPEN
    assert client.write("Сколько стоит стрижка?") != ""
    assert "теперь у вас" in olga.press("Взять")


def test_whoever_unbinds_hands_the_clients_over_to_the_others(desk, client, olga):
    vera = desk.bound(71, name="Вера")
    opened = desk.hand_over(client)
    olga.press("Взять")
    desk.clock.advance(timedelta(minutes=1))
    client.write("Мне отвечает человек?")
    olga.write("Да, это Ольга")
    vera.hear(), client.hear()
    olga.write("/unbind")
    assert "снова ждёт администратора" in vera.hear()
    assert "Снова на связи помощник салона: могу" in client.hear()
    assert desk.handover(opened.id).status is HandoverStatus.OPEN


def test_a_console_that_is_left_alone_gives_the_client_back(desk, client, olga):
    opened = desk.hand_over(client)
    taker = desk.user(name="Без чата")
    desk.do(people.take, opened.id, user_id=taker, now=desk.clock.now())
    desk.clock.advance(timedelta(minutes=10))
    assert client.write("Вы тут?") == ""  # they may be reading it
    desk.do(people.answer, opened.id, "Тут", user_id=taker, now=desk.clock.now())
    desk.clock.advance(timedelta(minutes=1))
    assert "Тут" in client.hear()
    assert client.write("А завтра?") == ""
    desk.clock.advance(timedelta(minutes=15))
    olga.hear()
    assert desk.timer() == 1
    assert "клиент ждёт ответа" in olga.hear()
    assert "Снова на связи" in client.hear()


@pytest.mark.parametrize("is_outside", [False, True])
def test_news_stop_though_a_human_answers(desk, client, olga, is_outside):
    client_id, now = client.conversation.client_id, desk.clock.now()
    named = {"is_given": True, "channel": "desk", "wording_version": "t", "actor": ACTOR, "now": now}
    desk.do(clients.set_consent, client_id, ConsentPurpose.MARKETING, **named)
    desk.hand_over(client)
    if is_outside:
        desk.do(people.note_outside_answer, client.conversation.id, now)
    else:
        olga.press("Взять")
    client.hear(), olga.hear()
    desk.clock.advance(timedelta(minutes=1))

    assert "больше не пришлю" in client.write("стоп")
    assert not desk.do(clients.has_consent, client_id, ConsentPurpose.MARKETING)
    assert client.write("стоп") == ""  # said once; the human reads it
    assert olga.hear().count("стоп") == (0 if is_outside else 2)


def test_a_wish_to_be_erased_reaches_the_human_who_answers(desk, client, olga):
    opened = desk.hand_over(client)
    olga.press("Взять")
    client.hear()
    assert client.write("Удалите мои данные") == ""
    assert "Удалите мои данные" in olga.hear()
    assert desk.handover(opened.id).reason is HandoverReason.ERASURE


def test_nobody_is_reminded_before_the_salon_opens(desk, olga):
    desk.at("2026-03-11 23:00")
    late = desk.person(6)
    late.write("Здравствуйте")
    opened = desk.hand_over(late)
    olga.hear()
    desk.clock.advance(timedelta(minutes=15))
    assert (desk.timer(), olga.hear()) == (0, "")
    desk.at("2026-03-12 09:15")
    assert desk.timer() == 1
    assert "Никто не взял" in olga.hear()
    desk.clock.advance(timedelta(days=7))
    desk.timer()
    assert desk.handover(opened.id).outcome == "unanswered"


def test_pictures_are_passed_on(desk, client, olga):
    desk.hand_over(client)
    olga.press("Взять")
    desk.do(people.relay_inbound, client.conversation, "", "photos/x/y", desk.clock.now())
    assert olga.said()[-1]["file"]["media_key"] == "photos/x/y"


def test_an_older_version_changes_nothing(desk, client, olga):
    opened = desk.hand_over(client)
    olga.press("Взять")
    user_id = desk.handover(opened.id).taken_by
    with pytest.raises(HandoverOutdated):
        desk.do(people.return_to_bot, opened.id, user_id=user_id, now=desk.clock.now(), version=opened.version)


def test_another_salon_sees_nothing(desk, client, database, clock):
    opened = desk.hand_over(client)
    with database.transaction(make_tenant(database, clock.now())) as session:
        assert people.list_handovers(session) == []
        with pytest.raises(HandoverNotFound):
            people.get_handover(session, opened.id)


def test_reading_is_kept_with_its_purpose(desk, client):
    client.write("Секретный вопрос")
    read = desk.do(
        people.read_conversation,
        client.conversation.id,
        purpose=ReadPurpose.COMPLAINT,
        actor=ACTOR,
        now=desk.clock.now(),
        limit=2,
    )
    assert "Секретный вопрос" in [one.text for one in read]
    kept = desk.rows("SELECT data->>'purpose' FROM audit_log WHERE action = 'conversation.read'")
    assert kept == [("complaint",)]


def take_at_once(desk, owner_engine, handover_id):
    """Two users take one hand-over while its row is locked by a third; what became of each."""
    users = [desk.user(name=name) for name in ("Вера", "Нина")]

    def take(user_id):
        try:
            desk.do(people.take, handover_id, user_id=user_id, now=desk.clock.now())
        except Refusal as refusal:
            return refusal.code
        return "taken"

    waiting = inside(owner_engine, 2)
    with ThreadPoolExecutor(2) as pool:
        with owner_engine.begin() as owner:
            owner.execute(text("SELECT id FROM conversations FOR UPDATE"))
            owner.execute(text("SELECT id FROM handovers FOR UPDATE"))
            futures = [pool.submit(take, one) for one in users]
            while not waiting():
                assert not any(future.done() for future in futures), "somebody needed no lock"
        return sorted(future.result() for future in futures)


def test_one_of_two_takers_wins(desk, client, owner_engine):
    assert take_at_once(desk, owner_engine, desk.hand_over(client).id) == ["HANDOVER_TAKEN", "taken"]


def test_without_row_locks_both_would_win(desk, client, owner_engine, engine):
    opened = desk.hand_over(client)
    drop_row_locks(engine)
    assert take_at_once(desk, owner_engine, opened.id) == ["taken", "taken"]


def write_to_each_other(desk, client, olga):
    """Each turn holds its own chat and writes into the other's; what became of both."""
    both = Barrier(2)
    mine, hers = client.conversation, olga.conversation

    def turn(own, other):
        now = desk.clock.now()
        try:
            with desk.database.transaction(desk.world.tenant_id) as session:
                repository.open_conversation(
                    session,
                    channel=Channel.TELEGRAM,
                    account_id=own.account_id,
                    chat_id=own.chat_id,
                    client_id=own.client_id,
                    now=now,
                )
                both.wait()
                say(session, other, Reply("Привет"), now)
        except DatabaseBusy:
            return "busy"
        return "said"

    with ThreadPoolExecutor(2) as pool:
        return {future.result() for future in [pool.submit(turn, mine, hers), pool.submit(turn, hers, mine)]}


def test_two_who_write_to_each_other_do_not_wait_for_each_other(desk, client, olga):
    assert write_to_each_other(desk, client, olga) == {"said"}


def test_with_stronger_locks_they_would(desk, client, olga, engine):
    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def strengthen(_connection, _cursor, statement, parameters, *_):
        return statement.replace("FOR NO KEY UPDATE", "FOR UPDATE"), parameters

    assert "busy" in write_to_each_other(desk, client, olga)
