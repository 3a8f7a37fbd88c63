"""The routes of http_account."""

from __future__ import annotations

from routes.accounts import add_accounts
from routes.counter import Counter
from routes.jobs import add_jobs
from routes.uploads import add_uploads
from salon.identity.accounts.use_cases.desk import AccountDesk
from salon.identity.edge import Api
from salon.platform.http import ApiResolver, build_resolver

MAX_BODY_BYTES = 20_000


def build_routes(api: Api, desk: AccountDesk, counter: Counter) -> ApiResolver:
    """Everything below /v1 that the people of a salon do without the staff API."""
    resolver = build_resolver(
        checks={"database": api.ping}, max_body_bytes=max(MAX_BODY_BYTES, counter.settings.upload_direct_max_bytes)
    )
    add_accounts(resolver, api, desk)
    add_uploads(resolver, api, counter)
    add_jobs(resolver, api, counter)
    return resolver
