"""Looking after a WhatsApp number: its webhook, its standing, its templates (facts §4.1, §4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from salon.integrations.meta.answers import GraphAnswer
from salon.integrations.meta.client import GraphClient
from salon.integrations.meta.keeping import (
    MetaApp,
    expiry_problems,
    fatal_first,
    missing_settings,
    problem_of,
    require,
)
from salon.integrations.whatsapp.payloads.codes import judge
from salon.integrations.wire import dict_of, list_of, text_of
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import DeliveryFailed
from salon.messaging.ports import AccountReport, FreshToken, Problem, ProblemKind, Registered, Template
from salon.platform.clock import Clock, SystemClock

TOPIC = "whatsapp_business_account"
FIELDS = ("messages", "user_preferences", "smb_message_echoes", "message_template_status_update")
_NEEDED = frozenset({"messages"})
_NUMBER_FIELDS = "id,display_phone_number,verified_name,quality_rating,status"
_TEMPLATE_PAGES = 20
_TEMPLATE_STATUSES = {
    "APPROVED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "PENDING_DELETION": "rejected",
    "REJECTED": "rejected",
    "DISABLED": "rejected",
    "DELETED": "rejected",
    "PAUSED": "paused",
    "LIMIT_EXCEEDED": "paused",
}
_STOPPED = frozenset({"BANNED", "RESTRICTED", "RATE_LIMITED", "DISCONNECTED", "DELETED", "UNVERIFIED", "PENDING"})


class WhatsappKeeper:
    """Looks after accounts; fulfils `messaging.ports.AccountKeeper`. Safe to share between threads.

    Args:
        base_url: the Graph API without a version; only the fake has another.
        total_timeout_s: seconds for one call; registering waits for Meta's handshake with us.
        proxy: an outgoing proxy, for networks from which Meta cannot be reached directly.
        clock: tells whether a token ends soon.
    """

    channel = Channel.WHATSAPP

    def __init__(
        self,
        base_url: str,
        *,
        total_timeout_s: float = 15.0,
        proxy: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._client = GraphClient(base_url, total_timeout_s=total_timeout_s, proxy=proxy)
        self._app = MetaApp(self._client, TOPIC, judge)
        self._clock = clock or SystemClock()

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Subscribe the app, and the business account to the app, with `url` as the account's own address.

        An app has one address. Where another account's stands there already it is left alone: the business account's
        own address goes before the app's, so salons can share an app.

        Raises:
            RequestRejected: a setting is missing, or Meta's handshake with `url` had no success.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        require(credentials, "business_id", "verify_token", "webhook_secrets")
        if credentials.app_id:
            present = self._app.subscription(credentials)
            if present is None or present.url in {"", url} or not present.is_active:
                self._app.subscribe(url, credentials, FIELDS)
        own = {"override_callback_uri": url, "verify_token": credentials.verify_token}
        _checked(self._client.post(credentials.token, credentials.business_id, "subscribed_apps", value=own))
        return Registered()

    def prepare_handshake(self, credentials: ChannelCredentials) -> Registered:
        """Nothing beside the verify token, which is ours."""
        del credentials
        return Registered()

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the number, its webhook and its templates stand. Never raises."""
        problems = missing_settings(credentials, "verify_token", "business_id", "app_id")
        if credentials.app_id:
            problems += expiry_problems(self._app.token_expires_at(credentials), self._clock.now())
        try:
            number = _checked(
                self._client.get(credentials.token, credentials.external_id, query={"fields": _NUMBER_FIELDS})
            ).content
        except DeliveryFailed as failure:
            problems.append(problem_of(failure, "The number cannot be asked for"))
            return AccountReport(problems=fatal_first(problems))
        problems += _standing(number)
        webhook_url, found = self._webhook(url, credentials) if credentials.business_id else ("", [])
        problems += found
        templates, found = self._templates(credentials) if credentials.business_id else (None, [])
        problems += found
        return AccountReport(
            external_id=text_of(number.get("id")),
            name=text_of(number.get("verified_name")) or text_of(number.get("display_phone_number")),
            problems=fatal_first(problems),
            webhook_url=webhook_url,
            templates=templates,
        )

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """None: a system user's token does not end, and cannot be exchanged."""
        del credentials
        return None

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """Unsubscribe the business account, with all its numbers, and the app when its address is `url`.

        Raises:
            RequestRejected: a setting is missing.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        require(credentials, "business_id")
        _checked(self._client.delete(credentials.token, credentials.business_id, "subscribed_apps"))
        if credentials.app_id and any(credentials.webhook_secrets):
            present = self._app.subscription(credentials)
            if present is not None and present.url == url:
                self._app.unsubscribe(credentials)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _webhook(self, url: str, credentials: ChannelCredentials) -> tuple[str, list[Problem]]:
        """Where the account's events go, and what is wrong with that."""
        try:
            answer = _checked(self._client.get(credentials.token, credentials.business_id, "subscribed_apps"))
            of_app = self._app.subscription(credentials) if credentials.app_id else None
        except DeliveryFailed as failure:
            return "", [problem_of(failure, "The webhook cannot be asked for", otherwise=ProblemKind.NO_WEBHOOK)]
        rows = [dict_of(row) for row in list_of(answer.content.get("data"))]
        ours = [row for row in rows if _is_ours(row, url, credentials)]
        if not ours:
            said = "The business account is not subscribed to the app: no event arrives. Register the webhook."
            return "", [Problem(ProblemKind.NO_WEBHOOK, said, is_fatal=True)]
        goes_to = text_of(ours[0].get("override_callback_uri")) or (of_app.url if of_app else "")
        problems = []
        if goes_to != url:
            said = "Events go to another address than ours. Register the webhook."
            problems.append(Problem(ProblemKind.OTHER_WEBHOOK, said, is_fatal=True))
        if len(rows) > len(ours):
            said = "Another app gets the account's events as well, and may answer them."
            problems.append(Problem(ProblemKind.OTHER_WEBHOOK, said))
        if credentials.app_id and (of_app is None or not of_app.is_active):
            said = "The app's own subscription is missing or switched off. Register the webhook."
            problems.append(Problem(ProblemKind.WEBHOOK_OFF, said, is_fatal=True))
        elif of_app is not None and not of_app.fields >= _NEEDED:
            said = "The app is not subscribed to the field messages: people's messages do not arrive."
            problems.append(Problem(ProblemKind.EVENTS_MISSING, said, is_fatal=True))
        return goes_to, problems

    def _templates(self, credentials: ChannelCredentials) -> tuple[tuple[Template, ...] | None, list[Problem]]:
        """The templates, None when Meta does not say, and what is wrong with asking for them."""
        try:
            return tuple(self._each_template(credentials)), []
        except DeliveryFailed as failure:
            otherwise = ProblemKind.TEMPLATE_NOT_APPROVED
            return None, [problem_of(failure, "The templates cannot be asked for", otherwise=otherwise)]

    def _each_template(self, credentials: ChannelCredentials) -> Iterator[Template]:
        query = {"fields": "name,language,status,category,components", "limit": "100"}
        for _ in range(_TEMPLATE_PAGES):
            answer = _checked(
                self._client.get(credentials.token, credentials.business_id, "message_templates", query=query)
            )
            yield from (_template(dict_of(row)) for row in list_of(answer.content.get("data")))
            paging = dict_of(answer.content.get("paging"))
            after = text_of(dict_of(paging.get("cursors")).get("after"))
            if not after or "next" not in paging:
                return
            query = {**query, "after": after}


def _checked(answer: GraphAnswer) -> GraphAnswer:
    if answer.error is not None:
        raise answer.failure(judge)
    return answer


def _is_ours(row: dict[str, Any], url: str, credentials: ChannelCredentials) -> bool:
    app_id = text_of(dict_of(row.get("whatsapp_business_api_data")).get("id"))
    return app_id == credentials.app_id if credentials.app_id else row.get("override_callback_uri") == url


def _standing(number: dict[str, Any]) -> list[Problem]:
    """What Meta thinks of the number."""
    problems = []
    status, quality = text_of(number.get("status")).upper(), text_of(number.get("quality_rating")).upper()
    if status in _STOPPED:
        problems.append(Problem(ProblemKind.POLICY, f"The number's status is {status}.", is_fatal=True))
    elif status == "FLAGGED" or quality == "RED":
        said = "People block or report the number: its quality is low, and Meta will restrict it."
        problems.append(Problem(ProblemKind.POLICY, said))
    return problems


def _template(row: dict[str, Any]) -> Template:
    status = text_of(row.get("status")).upper()
    parts = [dict_of(part) for part in list_of(row.get("components"))]
    body = next((text_of(part.get("text")) for part in parts if text_of(part.get("type")).upper() == "BODY"), "")
    return Template(
        name=text_of(row.get("name")),
        language=text_of(row.get("language")),
        status=_TEMPLATE_STATUSES.get(status, "rejected" if status else "pending"),
        category=text_of(row.get("category")).lower(),
        body=body,
    )
