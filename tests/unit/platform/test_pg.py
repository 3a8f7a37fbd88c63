"""What pg8000 is told about a database."""

from __future__ import annotations

import ssl

import certifi
import pytest
from pydantic import SecretStr

from salon.platform.pg import connection_arguments
from salon.platform.settings import DatabaseSettings


def arguments_for(url, ca_file=None):
    return connection_arguments(DatabaseSettings(database_url=SecretStr(url), database_ca_file=ca_file))


def test_a_url_is_taken_apart():
    found = arguments_for("postgresql+pg8000://salon_app:p%40ss%2Fword@db.example.net:6432/salon")
    assert {name: found[name] for name in ("user", "password", "host", "port", "database")} == {
        "user": "salon_app",
        "password": "p@ss/word",
        "host": "db.example.net",
        "port": 6432,
        "database": "salon",
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", ""])
def test_nothing_is_encrypted_towards_this_machine(host):
    """pg8000 reads every certificate of the machine before it asks: most of what a connection costs."""
    assert arguments_for(f"postgresql://salon_app@{host}/salon")["ssl_context"] is False


def test_elsewhere_tls_is_asked_for_and_with_a_ca_demanded():
    url = "postgresql://salon_app@db.example.net/salon"
    assert arguments_for(url)["ssl_context"] is None
    demanded = arguments_for(url, certifi.where())["ssl_context"]
    assert demanded.verify_mode is ssl.CERT_REQUIRED
    assert demanded.check_hostname
