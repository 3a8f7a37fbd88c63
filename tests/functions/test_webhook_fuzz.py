"""Whatever a provider signs is acknowledged, and what was kept is handled: own bodies, real ones, and both mutated."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from salon.messaging.domain import Channel
from salon.platform.db import Database
from support.cloud import Cloud, open_cloud
from support.contract_payloads import FOLDER
from support.telegram import LoopbackServer, Reply
from support.webhook_kinds import ELSEWHERE, kinds_of
from support.webhooks import HookAccount, HookAccounts, pack

pytestmark = [pytest.mark.database, pytest.mark.no_cover]  # hundreds of bodies, by ways that others measure
MUTANTS = 30  # of each channel; some 30 ms each to take in, and as much to handle
ACCOUNT_NAMES = {"phone_number_id", "group_id"}
ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 2**63, -(2**70), 1e308, "", "0", " ", "\x00", "\ud800", "я" * 300, "9" * 400,
    "1e999", "-5", "/start x", "да", [], {}, [[]], [None], {"": None}, [{}] * 3, {"id": {"id": []}}, '{"command":1}',
    float("nan"), float("inf"),
]  # fmt: skip
WORDS = [
    "object",
    "entry",
    "id",
    "changes",
    "messaging",
    "value",
    "messages",
    "message",
    "type",
    "update_id",
    "text",
    "chat",
    "from",
    "update_type",
    "body",
    "mid",
    "callback",
    "payload",
    "statuses",
    "sender",
    "timestamp",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
ANYTHING = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), part, max_size=6),
    max_leaves=25,
)
# What each provider's API answers here to whoever asks for a file: there is none.
NO_FILE = json.dumps({
    "ok": False, "error_code": 400, "description": "Bad Request: invalid file_id",
    "error": {"code": 100, "error_subcode": 33, "message": "Unsupported get request", "type": "GraphMethodException"},
}).encode()  # fmt: skip


def real_payloads(channel: Channel) -> list[Any]:
    """What the providers have sent to others, where it lies beside the project."""
    found = []
    for path in sorted((FOLDER / channel).glob("*.json")):
        content = json.loads(path.read_bytes())
        found += [one for one in (content if isinstance(content, list) else [content]) if isinstance(one, dict)]
    return found


def addressed(value: Any, account: HookAccount) -> Any:
    """The payload as if it had been sent to this account, with files that nobody has."""
    if isinstance(value, dict):
        same = {name: addressed(one, account) for name, one in value.items()}
        own = int(account.external_id) if account.channel is Channel.VK else account.external_id
        return {name: own if name in ACCOUNT_NAMES and one else one for name, one in same.items()}
    if isinstance(value, list):
        return [addressed(one, account) for one in value]
    return ELSEWHERE if isinstance(value, str) and value.startswith("http") else value


def mutated(body: Any, chance: random.Random) -> Any:
    """The body with one to four of its parts changed, doubled, moved or gone."""
    found = deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        places = list(places_in(found))
        if not places:
            return found
        holder, key = chance.choice(places)
        what = chance.randrange(5)
        if what == 0:
            holder.pop(key)
        elif what == 1:
            holder[key] = [holder[key], deepcopy(holder[key])]
        elif what == 2:
            other, other_key = chance.choice(places)
            holder[key] = deepcopy(other[other_key]) if other_key in keys_of(other) else None
        elif what == 3 and isinstance(holder, dict):
            holder[chance.choice(["id", "type", "text", "message", "payload", "extra"])] = chance.choice(ODD_VALUES)
        else:
            holder[key] = chance.choice(ODD_VALUES)
    return found


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key or index) of every part of a body."""
    for key in keys_of(value):
        yield value, key
        yield from places_in(value[key])


def keys_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


@contextmanager
def nobody_has_files() -> Iterator[str]:
    with LoopbackServer(lambda _: Reply(400, {"Content-Type": "application/json"}, NO_FILE)) as server:
        yield server.url


@pytest.mark.parametrize("channel", list(Channel))
def test_nothing_that_is_signed_is_an_error_of_ours(moto, furnished, furnished_url, salons, channel):
    with nobody_has_files() as base:
        bases = dict.fromkeys(("TelegramApiBase", "MaxApiBase", "VkApiBase", "GraphApiBase", "IgGraphApiBase"), base)
        del bases["TelegramApiBase"]
        with open_cloud("aws", furnished_url, moto, telegram=base, **bases) as cloud:
            account = HookAccounts(salons, furnished.now).add(channel, furnished.first.tenant_id)
            with salons.transaction(account.tenant_id) as session:
                session.execute(text("UPDATE channel_accounts SET config = '{\"answers_groups\": true}'"))
            seeds = [*kinds_of(account), *(addressed(one, account) for one in real_payloads(channel))]

            def post(body: bytes) -> int:
                with salons.transaction(account.tenant_id) as session:  # floods and repeats are other tests' matter
                    session.execute(text("DELETE FROM rate_limits"))
                    session.execute(text("UPDATE inbox SET external_id = CAST(id AS text)"))
                sent = {"Content-Type": "application/json", **account.signed(body)}
                return cloud.http("POST", account.path, body=body, headers=sent).status

            for seed in seeds:
                assert post(pack(seed, account)) == 200

            @settings(
                max_examples=MUTANTS,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(st.sampled_from(seeds), st.integers(0, 2**32), st.binary(max_size=40), ANYTHING)
            def attack(seed: Any, number: int, noise: bytes, anything: Any) -> None:
                mutant = mutated(seed, random.Random(number))
                if channel is not Channel.VK or isinstance(anything, dict):
                    assert post(pack_any(anything, account)) == 200
                if channel is not Channel.VK:  # whose secret is in the body: what is no object is nobody's
                    assert post(noise) == 200
                    assert post(json.dumps(mutant).encode() + noise) == 200
                if isinstance(mutant, dict) and mutant.get("type") != "confirmation":  # no event, and another's
                    assert post(pack_any(mutant, account)) == 200

            attack()
            assert handled(cloud, salons, account) == {("done", None)}
            with salons.read(account.tenant_id) as session:
                assert session.scalars(text("SELECT count(*) FROM inbox")).one() > MUTANTS
                assert session.scalars(text("SELECT count(*) FROM message_log WHERE direction = 'out'")).one() > 0


def handled(cloud: Cloud, salons: Database, account: HookAccount) -> set[tuple[str, str | None]]:
    """Handle what was kept, also what asks to be tried again in a while: an echo of what may be on its way."""
    cloud.blueprint.consumers = lambda: [("InboundQueue", "queue_inbound")]
    cloud.pump()
    for _ in range(4):
        with salons.transaction(account.tenant_id) as session:
            session.execute(text("UPDATE inbox SET next_attempt_at = now() - interval '1 hour' WHERE status = 'open'"))
        cloud.tick("timer_sweep")
        cloud.pump()
    with salons.read(account.tenant_id) as session:
        return {(status, error) for status, error in session.execute(text("SELECT status, last_error FROM inbox"))}


def pack_any(body: Any, account: HookAccount) -> bytes:
    """As the provider packs it; lone surrogates and numbers that JSON has not are escaped or left out."""
    try:
        return pack(body, account)
    except UnicodeEncodeError:
        return json.dumps({**body, "secret": account.secret} if account.channel is Channel.VK else body).encode()
