from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.clients import use_cases as clients
from salon.clients.errors import ClientErased, ClientNotFound, ContactNotFound, PhoneInvalid
from salon.platform.errors import Invalid
from support.factories import ACTOR, make_channel_account, make_client, make_contact
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
PHONE = "8 (903) 123-45-67"


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def account_id(database, tenant_id, now):
    with database.transaction(tenant_id) as session:
        return make_channel_account(session, now=now)


@pytest.fixture
def session(database, tenant_id):
    with database.transaction(tenant_id) as session:
        yield session


class TestFindOrCreateByContact:
    def test_the_first_message_makes_a_client_and_the_next_finds_it(self, session, account_id, now):
        first = make_contact(session, now=now, account_id=account_id, external_user_id="42", name="Мария")
        again = make_contact(session, now=now, account_id=account_id, external_user_id="42", name="Маша")
        other = make_contact(session, now=now, account_id=account_id, external_user_id="43")
        assert again == first
        assert other.client_id != first.client_id
        assert clients.get_client(session, first.client_id).display_name == "Мария"
        assert clients.list_contacts(session, first.client_id) == [first] == [clients.get_contact(session, first.id)]

    def test_a_chat_that_moved_is_followed(self, session, account_id, now):
        first = make_contact(session, now=now, account_id=account_id, external_user_id="42")
        moved = clients.find_or_create_by_contact(
            session,
            channel="telegram",
            account_id=account_id,
            external_user_id="42",
            chat_id="-100500",
            actor=ACTOR,
            now=now,
        )
        assert (moved.id, moved.chat_id) == (first.id, "-100500")

    def test_two_first_messages_at_once_make_one_client(self, database, tenant_id, account_id, owner_engine, now):
        start = Barrier(8)

        def write():
            with database.transaction(tenant_id) as session:
                start.wait()
                return make_contact(session, now=now, account_id=account_id, external_user_id="42")

        with ThreadPoolExecutor(8) as pool:
            contacts = {future.result() for future in [pool.submit(write) for _ in range(8)]}
        assert len(contacts) == 1
        with owner_engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM clients")) == 1
            assert connection.scalar(text("SELECT count(*) FROM data_keys WHERE subject_kind = 'client'")) == 1


def test_a_person_may_stop_the_bot_and_come_back(session, account_id, now):
    contact = make_contact(session, now=now, account_id=account_id)
    for change, expected in (
        (clients.mark_blocked, True),
        (clients.mark_blocked, True),
        (clients.mark_unblocked, False),
    ):
        change(session, contact.id, actor=ACTOR, now=now)
        assert clients.get_contact(session, contact.id).is_blocked is expected
    with pytest.raises(ContactNotFound):
        clients.mark_blocked(session, NOBODY, actor=ACTOR, now=now)


class TestSecrets:
    def test_are_sealed_and_found_again(self, database, tenant_id, owner_engine, now):
        with database.transaction(tenant_id) as session:
            client = make_client(session, now=now)
            clients.set_phone(session, client.id, PHONE, actor=ACTOR, now=now)
            clients.set_email(session, client.id, " masha@example.test ", actor=ACTOR, now=now)
            clients.set_notes(session, client.id, "Аллергия на аммиак", actor=ACTOR, now=now)
        with database.read(tenant_id) as session:
            secrets = clients.read_secrets(session, client.id)
            assert (secrets.phone, secrets.email, secrets.notes) == (
                "+79031234567",
                "masha@example.test",
                "Аллергия на аммиак",
            )
            found = clients.find_clients_by_phone(session, "+7 903 123 45 67")
            assert found == clients.find_clients_by_last_digits(session, "4567")
            assert [known.id for known in found] == [client.id]
            assert clients.find_clients_by_phone(session, "+7 903 000 00 00") == []
        with owner_engine.connect() as connection:
            stored = connection.execute(text("SELECT phone, phone_index, email, notes FROM clients")).one()
            audit = connection.execute(text("SELECT string_agg(data::text, '') FROM audit_log")).scalar_one()
        assert b"903" not in b"".join(bytes(value) for value in stored)
        assert "903" not in audit

    def test_what_is_no_phone_is_refused(self, session, now):
        client = make_client(session, now=now)
        with pytest.raises(PhoneInvalid):
            clients.set_phone(session, client.id, "завтра", actor=ACTOR, now=now)

    def test_two_tenants_index_one_phone_differently(self, database, tenant_id, owner_engine, now):
        for tenant in (tenant_id, make_tenant(database, now)):
            with database.transaction(tenant) as session:
                client = make_client(session, now=now)
                clients.set_phone(session, client.id, PHONE, actor=ACTOR, now=now)
        with owner_engine.connect() as connection:
            assert connection.scalar(text("SELECT count(DISTINCT phone_index) FROM clients")) == 2


class TestChangeAndErase:
    def test_what_is_plain_is_changed(self, session, now):
        client = make_client(session, now=now)
        change = {"display_name": "Маша", "language": "en", "actor": ACTOR, "now": now}
        clients.change_client(session, client.id, timezone="Asia/Dubai", **change)
        changed = clients.get_client(session, client.id)
        assert (changed.display_name, changed.language, changed.timezone) == ("Маша", "en", "Asia/Dubai")
        with pytest.raises(Invalid):
            clients.change_client(session, client.id, timezone="Дубай", **change)
        with pytest.raises(ClientNotFound):
            clients.change_client(session, NOBODY, timezone=None, **change)

    def test_erasing_forgets_the_person_for_good(self, database, tenant_id, account_id, owner_engine, now):
        with database.transaction(tenant_id) as session:
            contact = make_contact(session, now=now, account_id=account_id, external_user_id="42", name="Мария")
            clients.set_phone(session, contact.client_id, PHONE, actor=ACTOR, now=now)
            clients.erase_client(session, contact.client_id, actor=ACTOR, now=now)
            clients.erase_client(session, contact.client_id, actor=ACTOR, now=now)
        with database.transaction(tenant_id) as session:
            assert clients.get_client(session, contact.client_id).is_erased
            assert clients.find_clients_by_phone(session, PHONE) == []
            assert clients.get_contact(session, contact.id).is_blocked
            for refused in (
                lambda: clients.read_secrets(session, contact.client_id),
                lambda: clients.set_phone(session, contact.client_id, PHONE, actor=ACTOR, now=now),
                lambda: clients.change_client(
                    session, contact.client_id, display_name="М", language="ru", timezone=None, actor=ACTOR, now=now
                ),
            ):
                with pytest.raises(ClientErased):
                    refused()
            back = make_contact(session, now=now, account_id=account_id, external_user_id="42", name="Мария")
            assert back.client_id != contact.client_id
        with owner_engine.connect() as connection:
            erased = connection.execute(text("SELECT * FROM clients WHERE id = :id"), {"id": contact.client_id}).one()
            left = connection.execute(
                text("SELECT external_user_id || chat_id FROM channel_contacts WHERE id = :id"), {"id": contact.id}
            ).scalar_one()
            key = connection.execute(
                text("SELECT wrapped FROM data_keys WHERE subject_id = :id"), {"id": contact.client_id}
            ).scalar_one()
        assert (erased.display_name, erased.phone, erased.phone_index, erased.phone_last4) == ("", None, None, None)
        assert left == f"erased:{contact.id}"
        assert key is None
        with pytest.raises(ClientNotFound), database.transaction(tenant_id) as session:
            clients.erase_client(session, NOBODY, actor=ACTOR, now=now)


def test_another_tenant_sees_nobody(database, tenant_id, account_id, now):
    with database.transaction(tenant_id) as session:
        contact = make_contact(session, now=now, account_id=account_id)
    with database.read(make_tenant(database, now)) as session:
        with pytest.raises(ClientNotFound):
            clients.get_client(session, contact.client_id)
        with pytest.raises(ContactNotFound):
            clients.get_contact(session, contact.id)
        assert clients.list_contacts(session, contact.client_id) == []
