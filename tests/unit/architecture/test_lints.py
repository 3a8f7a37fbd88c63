"""Each lint with code that it refuses and code that it accepts, then the whole tree."""

from __future__ import annotations

import pytest

from infra.tools import lints
from infra.tools.lints import Source

LAYER = "layers/salon/python/salon"
IMPORTS = "from sqlalchemy import select, text\n"

REFUSED = [
    (lints.only_the_edge_commits, f"{LAYER}/booking/repository.py", "self.session.commit()"),
    (lints.only_the_edge_commits, "functions/queue_inbound/app.py", "session.commit()"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/use_cases.py", IMPORTS + "q = select(1)"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/use_cases/holds.py", "session.execute(q)"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/domain.py", "session.scalars(q)"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/timers.py", IMPORTS + "text('SELECT 1')"),
    (lints.settings_read_the_environment, f"{LAYER}/platform/queues.py", "import os\nos.environ['A']"),
    (lints.settings_read_the_environment, "functions/timer_holds/bootstrap.py", "import os\nos.getenv('A')"),
    (lints.settings_read_the_environment, f"{LAYER}/booking/use_cases.py", "from os import environ"),
    (lints.the_clock_is_passed_in, f"{LAYER}/booking/use_cases.py", "datetime.now(UTC)"),
    (lints.the_clock_is_passed_in, f"{LAYER}/booking/use_cases.py", "datetime.datetime.utcnow()"),
    (lints.the_clock_is_passed_in, f"{LAYER}/platform/inbox.py", "time.time()"),
    (lints.the_clock_is_passed_in, f"{LAYER}/booking/domain.py", "date.today()"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "import pydantic"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "import random"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.platform.db import Base"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.catalog.use_cases import get_service"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.booking import repository"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.catalog.errors import ServiceNotFound"),
    (lints.domains_are_pure, f"{LAYER}/messaging/domain/wishes.py", "import httpx"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.platform.ids import new_id\nnew_id()"),
    (lints.modules_look_alike, f"{LAYER}/booking/helpers.py", ""),
    (lints.modules_look_alike, f"{LAYER}/booking/services/holds.py", ""),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/waitlist/use_cases.py", "session.scalars(q)"),
    (lints.domains_are_pure, f"{LAYER}/booking/waitlist/domain.py", "import random"),
    (lints.apps_are_thin, "functions/timer_holds/app.py", "pass\n" * 61),
    (lints.platform_makes_clients, "functions/timer_holds/bootstrap.py", "boto3.client('s3')"),
    (lints.platform_makes_clients, f"{LAYER}/integrations/telegram/client.py", "create_engine(url)"),
    (lints.relationships_never_load_lazily, f"{LAYER}/booking/models.py", "relationship('Client')"),
    (lints.relationships_never_load_lazily, f"{LAYER}/booking/models.py", "orm.relationship('Client', lazy='select')"),
]
ACCEPTED = [
    (lints.only_the_edge_commits, f"{LAYER}/platform/db.py", "session.commit()"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/repository.py", IMPORTS + "session.execute(select(1))"),
    (lints.queries_live_in_repositories, f"{LAYER}/booking/repository/holds.py", "session.scalars(q)"),
    (lints.queries_live_in_repositories, f"{LAYER}/messaging/use_cases/say.py", "reply.text('Здравствуйте')"),
    (lints.settings_read_the_environment, f"{LAYER}/platform/settings.py", "import os\nos.environ['A']"),
    (lints.the_clock_is_passed_in, f"{LAYER}/platform/clock.py", "datetime.now(UTC)"),
    (lints.the_clock_is_passed_in, f"{LAYER}/platform/http.py", "time.perf_counter()"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.platform.money import Money\nimport re"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.booking.errors import SlotFull"),
    (lints.domains_are_pure, f"{LAYER}/booking/domain.py", "from salon.catalog.domain import Service"),
    (lints.domains_are_pure, f"{LAYER}/messaging/domain/wishes.py", "from salon.messaging.domain.dialogue import Wish"),
    (lints.domains_are_pure, f"{LAYER}/booking/repository.py", "import sqlalchemy"),
    (lints.modules_look_alike, f"{LAYER}/booking/repository/holds.py", ""),
    (lints.modules_look_alike, f"{LAYER}/booking/waitlist/use_cases.py", ""),
    (lints.domains_are_pure, f"{LAYER}/booking/waitlist/domain.py", "from salon.booking.waitlist.errors import E"),
    (lints.modules_look_alike, f"{LAYER}/platform/anything.py", ""),
    (lints.modules_look_alike, f"{LAYER}/__init__.py", ""),
    (lints.apps_are_thin, "functions/timer_holds/app.py", "pass\n" * 60),
    (lints.apps_are_thin, "functions/timer_holds/routes.py", "pass\n" * 61),
    (lints.platform_makes_clients, f"{LAYER}/platform/storage.py", "boto3.client('s3')"),
    (lints.relationships_never_load_lazily, f"{LAYER}/booking/models.py", "relationship('Client', lazy='raise')"),
]


def name(value):
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("lint", "path", "code"), REFUSED, ids=name)
def test_refuses(lint, path, code):
    found = list(lint(Source.parse(path, code)))
    assert found
    assert str(found[0]).startswith(f"{path}:")


@pytest.mark.parametrize(("lint", "path", "code"), ACCEPTED, ids=name)
def test_accepts(lint, path, code):
    assert list(lint(Source.parse(path, code))) == []


def test_every_lint_is_shown_to_refuse_and_to_accept():
    assert {case[0] for case in REFUSED} == {case[0] for case in ACCEPTED} == set(lints.LINTS)


@pytest.mark.no_cover  # five hundred files, by code that is not measured
def test_the_tree_keeps_our_habits():
    assert len(list(lints.sources())) > 100
    assert [str(finding) for finding in lints.findings()] == []
