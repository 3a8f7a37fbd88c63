"""Tokens say what we wrote and nothing else is believed, whatever else is signed, encoded or claimed."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from salon.identity.access import Role
from salon.identity.errors import JwtSecretsInvalid, TokenExpired, TokenInvalid, TokenMissing
from salon.identity.tokens import Audience, Claims, SigningKeys, Tokens, bearer_of
from salon.platform.ids import new_id

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
RAW = bytes([1]) * 32
CLAIMS = Claims(tenant_id=new_id(), session_id=new_id(), role=Role.MANAGER, subject="someone")


def tokens(text: str = f"k1:{OLD}", **more) -> Tokens:
    return Tokens(lambda: SigningKeys.parse(text), **more)


def issued(**more):
    return tokens(**more).issue(CLAIMS, session_expires_at=NOW + timedelta(hours=24), now=NOW)


def payload(**changes):
    claims = {
        "iss": "salon", "aud": "salon-api", "sub": "x", "sid": str(new_id()), "tid": str(new_id()),
        "role": "manager", "iat": int(NOW.timestamp()), "nbf": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
    }  # fmt: skip
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def forged(headers=None, key=RAW, algorithm="HS256", **changes) -> str:
    return jwt.encode(payload(**changes), key, algorithm=algorithm, headers={"kid": "k1", **(headers or {})})


def resigned(header: dict, digest: str = "sha256") -> str:
    """Signed with our own key, under a header that the library itself would not write."""
    parts = [json.dumps(header).encode(), json.dumps(payload()).encode()]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(RAW, signed, digest)).rstrip(b"=")
    return (signed + b"." + signature).decode()


def test_what_is_issued_is_verified():
    assert tokens().verify(issued().access_token, now=NOW) == CLAIMS
    assert tokens().verify(issued().renewal_token, now=NOW, audience=Audience.RENEWAL) == CLAIMS
    for genuine in (forged(), resigned({"alg": "HS256", "kid": "k1"})):  # what the forgeries below differ from
        assert tokens().verify(genuine, now=NOW).role is Role.MANAGER


def test_the_two_tokens_do_not_pass_for_each_other():
    with pytest.raises(TokenInvalid):
        tokens().verify(issued().renewal_token, now=NOW)
    with pytest.raises(TokenInvalid):
        tokens().verify(issued().access_token, now=NOW, audience=Audience.RENEWAL)


def test_time():
    token = issued().access_token
    assert tokens().verify(token, now=NOW + timedelta(minutes=15, seconds=5))
    with pytest.raises(TokenExpired):
        tokens().verify(token, now=NOW + timedelta(minutes=15, seconds=11))
    with pytest.raises(TokenInvalid):
        tokens().verify(token, now=NOW - timedelta(seconds=11))
    late = tokens().issue(CLAIMS, session_expires_at=NOW + timedelta(minutes=5), now=NOW)
    assert late.access_expires_at == NOW + timedelta(minutes=5)
    long = tokens(access_for=timedelta(days=9)).issue(CLAIMS, session_expires_at=NOW + timedelta(hours=24), now=NOW)
    assert long.access_expires_at == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    "token",
    [
        "", "x", "a.b.c", "é.é.é", "x" * 3_000,
        forged(key=bytes(32)),
        forged({"kid": "k9"}),
        resigned({"alg": "HS256"}),
        resigned({"alg": "HS256", "kid": ["k1"]}),
        resigned({"alg": "hs256", "kid": "k1"}),
        resigned({"alg": "HS512", "kid": "k1"}, "sha512"),
        jwt.encode(payload(), "", algorithm="none", headers={"kid": "k1"}),
        forged(iss="other"), forged(aud="other"), forged(aud=None), forged(role="god"), forged(role=None),
        forged(sid="x"), forged(tid=7), forged(sub=None),
        forged(iat=True), forged(exp="tomorrow"), forged(exp=None), forged(nbf=None),
        forged(exp=int(NOW.timestamp()) + 25 * 3_600),
    ],
)  # fmt: skip
def test_nothing_else_is_believed(token):
    with pytest.raises(TokenInvalid):
        tokens().verify(token, now=NOW)


def test_a_key_is_rotated_without_signing_anybody_out():
    before = issued().access_token
    both = tokens(f"k2:{NEW},k1:{OLD}")
    assert both.verify(before, now=NOW) == CLAIMS
    after = both.issue(CLAIMS, session_expires_at=NOW + timedelta(hours=24), now=NOW).access_token
    assert jwt.get_unverified_header(after)["kid"] == "k2"
    alone = tokens(f"k2:{NEW}")
    assert alone.verify(after, now=NOW) == CLAIMS
    with pytest.raises(TokenInvalid):
        alone.verify(before, now=NOW)


@pytest.mark.parametrize("text", ["", "abc", f":{OLD}", f"k 1:{OLD}", "k1:***", "k1:QUJD", f"k1:{OLD},k1:{NEW}"])
def test_a_wrong_setting_names_the_entry_and_no_key(text):
    with pytest.raises(JwtSecretsInvalid) as raised:
        SigningKeys.parse(text)
    assert OLD not in str(raised.value)
    assert OLD not in repr(SigningKeys.parse(f"k1:{OLD}"))
    assert "token='" not in repr(issued())


def test_a_links_key_opens_its_own_thing_only():
    tenant_id, thing = new_id(), new_id()
    key = tokens().link_key(tenant_id, thing)
    assert tokens().open_link(key, thing) == tenant_id
    other = ".".join([key.split(".")[0], new_id().hex, key.split(".")[2]])
    for wrong, of in ((key, new_id()), (other, thing), ("", thing), ("k1..", thing), (f"{key[:-1]}ж", thing)):
        with pytest.raises(TokenInvalid):
            tokens().open_link(wrong, of)


def test_the_header():
    assert bearer_of({"authorization": "bearer  abc "}) == "abc"
    with pytest.raises(TokenMissing):
        bearer_of({})
    for wrong in ("Basic abc", "Bearer", "Bearer "):
        with pytest.raises(TokenInvalid):
            bearer_of({"authorization": wrong})
