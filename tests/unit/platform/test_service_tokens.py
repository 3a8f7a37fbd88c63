"""Tokens between our own functions."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import jwt
import pytest

from salon.identity.access import Role
from salon.identity.errors import TokenInvalid
from salon.identity.tokens import Claims, SigningKeys, Tokens
from salon.platform.service_tokens import HEADER, ServiceTokenInvalid, ServiceTokenMissing, ServiceTokens
from support.fixtures import JWT_SECRETS, NOW

KEYS = SigningKeys.parse(JWT_SECRETS)
TOKENS = ServiceTokens(lambda: KEYS)
SOMEBODY = UUID("01900000-0000-7000-8000-0000000000a1")


def test_a_service_is_known_for_a_minute():
    sent = {HEADER: TOKENS.issue("queue_inbound", now=NOW)}
    assert TOKENS.verify(sent, now=NOW + timedelta(seconds=59)) == "queue_inbound"
    for moment in (NOW - timedelta(seconds=30), NOW + timedelta(seconds=90)):
        with pytest.raises(ServiceTokenInvalid):
            TOKENS.verify(sent, now=moment)
    with pytest.raises(ServiceTokenMissing):
        TOKENS.verify({}, now=NOW)


def test_a_new_key_signs_and_the_old_one_is_still_known():
    old = {HEADER: TOKENS.issue("a", now=NOW)}
    rotated = SigningKeys.parse("next:" + "QUFB" * 12 + "," + JWT_SECRETS)
    assert ServiceTokens(lambda: rotated).verify(old, now=NOW) == "a"
    fresh = {HEADER: ServiceTokens(lambda: rotated).issue("a", now=NOW)}
    with pytest.raises(ServiceTokenInvalid):
        TOKENS.verify(fresh, now=NOW)


def test_neither_kind_of_token_passes_for_the_other():
    claims = Claims(tenant_id=SOMEBODY, session_id=SOMEBODY, role=Role.OWNER, subject="owner")
    persons = Tokens(lambda: KEYS).issue(claims, session_expires_at=NOW + timedelta(hours=1), now=NOW).access_token
    with pytest.raises(ServiceTokenInvalid):
        TOKENS.verify({HEADER: persons}, now=NOW)
    with pytest.raises(TokenInvalid):
        Tokens(lambda: KEYS).verify(TOKENS.issue("a", now=NOW), now=NOW)


@pytest.mark.parametrize("change", [{"aud": "salon-api"}, {"exp": 10**11}, {"iat": "now"}, {"sub": None}, {"iss": "x"}])
def test_a_claim_that_is_not_ours_is_refused_even_with_our_key(change):
    from salon.platform import service_tokens

    seconds = int(NOW.timestamp())
    payload = {"iss": "salon", "aud": "salon-internal", "sub": "a", "iat": seconds, "exp": seconds + 60} | change
    key = service_tokens._derived(KEYS.current)
    kid = {"kid": KEYS.current_id}
    forged = jwt.encode({name: value for name, value in payload.items() if value is not None}, key, headers=kid)
    with pytest.raises(ServiceTokenInvalid):
        TOKENS.verify({HEADER: forged}, now=NOW)
    unsigned = (
        jwt.encode({**payload, "sub": "a"}, "", algorithm="none", headers=kid) if "iat" not in change else "a.b.c"
    )
    with pytest.raises(ServiceTokenInvalid):
        TOKENS.verify({HEADER: unsigned}, now=NOW)
