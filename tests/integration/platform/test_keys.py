"""Data keys: a client's key erases that client, a tenant's key opens nothing of another, master keys can change."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import text

from salon.platform import keys
from salon.platform.crypto import DecryptionFailed, MasterKeys
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.ids import new_id
from salon.platform.keys import SubjectErased
from support.fixtures import MASTER_KEYS, make_tenant

pytestmark = pytest.mark.database


@pytest.fixture
def client_id(database, tenant_id, clock):
    client = new_id()
    with database.transaction(tenant_id) as session:
        keys.create_client_key(session, client, clock.now())
    return client


@pytest.fixture
def sealed(database, tenant_id, client_id):
    with database.read(tenant_id) as session:
        return keys.seal_for_client(session, client_id, "любит чай")


def test_what_is_sealed_for_a_client_opens_for_that_client_alone(database, tenant_id, client_id, sealed, clock):
    other = new_id()
    with database.transaction(tenant_id) as session:
        assert keys.open_for_client(session, client_id, sealed) == "любит чай"
        keys.create_client_key(session, other, clock.now())
        with pytest.raises(DecryptionFailed):
            keys.open_for_client(session, other, sealed)
        with pytest.raises(SubjectErased):
            keys.open_for_client(session, new_id(), sealed)
    assert "чай".encode() not in sealed


def test_a_destroyed_key_takes_everything_with_it(database, tenant_id, client_id, sealed, clock):
    with database.transaction(tenant_id) as session:
        assert keys.open_for_client(session, client_id, sealed)
        keys.destroy_client_key(session, client_id, clock.now())
        with pytest.raises(SubjectErased):
            keys.open_for_client(session, client_id, sealed)
        with pytest.raises(SubjectErased):
            keys.seal_for_client(session, client_id, "снова")
    with database.transaction(tenant_id) as session:
        keys.destroy_client_key(session, client_id, clock.now())  # nothing left to destroy
        [row] = session.execute(text("SELECT wrapped, destroyed_at FROM data_keys WHERE subject_kind = 'client'"))
        assert (row.wrapped, row.destroyed_at) == (None, clock.now())


def test_another_tenant_neither_sees_the_key_nor_opens_a_stolen_one(
    *, database, tenant_id, client_id, sealed, clock, owner_engine
):
    other = make_tenant(database, clock.now())
    with database.read(other) as session, pytest.raises(SubjectErased):
        keys.open_for_client(session, client_id, sealed)

    with owner_engine.begin() as connection:  # somebody copies the row past row-level security
        connection.execute(
            text(
                "INSERT INTO data_keys (id, tenant_id, subject_kind, subject_id, wrapped, created_at)"
                " SELECT :id, :other, subject_kind, subject_id, wrapped, created_at FROM data_keys"
                " WHERE subject_kind = 'client'"
            ),
            {"id": new_id(), "other": other},
        )
    with database.read(other) as session, pytest.raises(DecryptionFailed):
        keys.open_for_client(session, client_id, sealed)


def test_the_tenants_key_seals_by_purpose_and_indexes_differently(database, tenant_id, clock):
    other = make_tenant(database, clock.now())
    with database.read(tenant_id) as session:
        sealed = keys.seal_for_tenant(session, "секрет", purpose="inbox")
        assert keys.open_for_tenant(session, sealed, purpose="inbox") == "секрет"
        with pytest.raises(DecryptionFailed):
            keys.open_for_tenant(session, sealed, purpose="channel_credentials")
        mine = keys.blind_index(session, "+79000000101", purpose="client.phone")
        assert mine == keys.blind_index(session, "+79000000101", purpose="client.phone")
    with database.read(other) as session:
        with pytest.raises(DecryptionFailed):
            keys.open_for_tenant(session, sealed, purpose="inbox")
        assert keys.blind_index(session, "+79000000101", purpose="client.phone") != mine


def test_a_new_master_key_takes_over_and_the_old_one_can_go(
    *, database, database_settings, engine, tenant_id, client_id, sealed
):
    new = "test2:" + base64.b64encode(bytes(range(32, 64))).decode()

    def opened_with(text_of_keys):
        return Database(database_settings, engine=engine, master=lambda: MasterKeys.parse(text_of_keys))

    both = opened_with(f"{new},{MASTER_KEYS}")
    with both.transaction(tenant_id) as session:
        assert keys.rewrap_tenant_key(session) is True
        assert keys.rewrap_tenant_key(session) is False

    with opened_with(new).read(tenant_id) as session:
        assert keys.open_for_client(session, client_id, sealed) == "любит чай"
    with database.read(tenant_id) as session, pytest.raises(SalonError):  # it knows the old one only
        keys.open_for_client(session, client_id, sealed)


def test_without_master_keys_nothing_opens(database_settings, engine, tenant_id, client_id, sealed):
    bare = Database(database_settings, engine=engine)
    with bare.read(tenant_id) as session, pytest.raises(SalonError, match="without master keys"):
        keys.open_for_client(session, client_id, sealed)


def test_every_tenant_is_listed_and_a_destroyed_tenant_key_is_not_rewrapped(database, tenant_id, clock):
    other = make_tenant(database, clock.now())
    with database.without_tenant() as session:
        assert set(keys.list_tenants(session)) == {tenant_id, other}
    with database.transaction(other) as session:
        session.execute(text("UPDATE data_keys SET wrapped = NULL"))
    with database.transaction(other) as session:
        assert keys.rewrap_tenant_key(session) is False
