"""Looking after an Instagram account: its webhook, its token of 60 days, its permissions (facts §5.1)."""

from __future__ import annotations

from datetime import timedelta

from salon.integrations.instagram.payloads.codes import MESSAGE_ACCESS_OFF, judge
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
from salon.integrations.wire import dict_of, id_of, list_of, text_of, whole_of
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import DeliveryFailed, RetryLater
from salon.messaging.ports import AccountReport, FreshToken, Problem, ProblemKind, Registered
from salon.platform.clock import Clock, SystemClock

TOPIC = "instagram"
FIELDS = (
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "message_reactions",
    "messaging_referral",
    "message_edit",
)
_NEEDED = frozenset({"messages", "messaging_postbacks"})
_INSTAGRAM, _FACEBOOK = "https://graph.instagram.com", "https://graph.facebook.com"


class InstagramKeeper:
    """Looks after accounts; fulfils `messaging.ports.AccountKeeper`. Safe to share between threads.

    Args:
        base_url: the Graph API of Instagram Login without a version; only the fake has another.
        app_base_url: the Graph API that knows the app; Facebook's, unless `base_url` is a fake.
        total_timeout_s: seconds for one call; registering waits for Meta's handshake with us.
        proxy: an outgoing proxy, for networks from which Meta cannot be reached directly.
        clock: tells whether a token ends soon, and when a fresh one will.
    """

    channel = Channel.INSTAGRAM

    def __init__(
        self,
        base_url: str,
        *,
        app_base_url: str | None = None,
        total_timeout_s: float = 15.0,
        proxy: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        app_base_url = app_base_url or (_FACEBOOK if base_url.rstrip("/") == _INSTAGRAM else base_url)
        self._client = GraphClient(base_url, total_timeout_s=total_timeout_s, proxy=proxy)
        self._app_client = GraphClient(app_base_url, total_timeout_s=total_timeout_s, proxy=proxy)
        self._app = MetaApp(self._app_client, TOPIC, judge)
        self._clock = clock or SystemClock()

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Have the app's events sent to `url`, and subscribe the account to the app.

        An app has one address for all its Instagram accounts; without `app_id` it has to be entered in the dashboard.

        Raises:
            RequestRejected: a setting is missing, or Meta's handshake with `url` had no success.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        require(credentials, "verify_token", "webhook_secrets")
        if credentials.app_id:
            self._app.subscribe(url, credentials, FIELDS)
        form = {"subscribed_fields": ",".join(FIELDS)}
        _checked(self._client.post_form(credentials.token, "me", "subscribed_apps", form=form))
        return Registered()

    def prepare_handshake(self, credentials: ChannelCredentials) -> Registered:
        """Nothing beside the verify token, which is ours."""
        del credentials
        return Registered()

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the account, its subscription and its permissions stand. Never raises."""
        problems = missing_settings(credentials, "verify_token", "app_id")
        if credentials.app_id:
            problems += expiry_problems(self._app.token_expires_at(credentials), self._clock.now())
        try:
            me = _checked(self._client.get(credentials.token, "me", query={"fields": "user_id,username"})).content
        except DeliveryFailed as failure:
            problems.append(problem_of(failure, "The account cannot be asked for"))
            return AccountReport(problems=fatal_first(problems))
        account_id = id_of(me.get("user_id"))
        if account_id != credentials.external_id:
            said = f"The token is of the account {account_id}; events would name that one, not the configured one."
            problems.append(Problem(ProblemKind.WRONG_ACCOUNT, said, is_fatal=True))
        problems += self._subscription(credentials)
        webhook_url, found = self._webhook(url, credentials)
        problems += [*found, *self._message_access(credentials)]
        return AccountReport(
            external_id=account_id,
            name=text_of(me.get("username")),
            problems=fatal_first(problems),
            webhook_url=webhook_url,
        )

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """A fresh token for another 60 days; Instagram gives one for a token that is a day old and has not ended.

        Raises:
            DeliveryFailed: by class.
        """
        answer = _checked(self._client.refreshed(credentials.token, "ig_refresh_token"))
        token, seconds = text_of(answer.content.get("access_token")), whole_of(answer.content.get("expires_in"))
        if not token:
            raise RetryLater("Instagram answered without a token.")
        return FreshToken(token, self._clock.now() + timedelta(seconds=seconds) if seconds else None)

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """Unsubscribe the account, and the app when its address is `url`.

        Raises:
            DeliveryFailed: by class.
        """
        _checked(self._client.delete(credentials.token, "me", "subscribed_apps"))
        if credentials.app_id and any(credentials.webhook_secrets):
            present = self._app.subscription(credentials)
            if present is not None and present.url == url:
                self._app.unsubscribe(credentials)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._app_client.close()

    def _subscription(self, credentials: ChannelCredentials) -> list[Problem]:
        """Whether the account is subscribed to the app, and to what."""
        try:
            answer = _checked(self._client.get(credentials.token, "me", "subscribed_apps"))
        except DeliveryFailed as failure:
            return [problem_of(failure, "The subscription cannot be asked for", otherwise=ProblemKind.NO_WEBHOOK)]
        rows = [dict_of(row) for row in list_of(answer.content.get("data"))]
        if not rows:
            said = "The account is not subscribed to the app: no event arrives. Register the webhook."
            return [Problem(ProblemKind.NO_WEBHOOK, said, is_fatal=True)]
        present = {text_of(field) for row in rows for field in list_of(row.get("subscribed_fields"))}
        missing = sorted(set(FIELDS) - present)
        if not missing:
            return []
        said = f"The subscription lacks {', '.join(missing)}. Register the webhook."
        if "messages" in missing:  # what Meta sends then is no message, and looks like something going on
            said += " Without messages only empty edits (message_edit) arrive."
        return [Problem(ProblemKind.EVENTS_MISSING, said, is_fatal=not present >= _NEEDED)]

    def _webhook(self, url: str, credentials: ChannelCredentials) -> tuple[str, list[Problem]]:
        """Where the app's events go; unknown without the app's id."""
        if not credentials.app_id:
            return "", []
        try:
            present = self._app.subscription(credentials)
        except DeliveryFailed as failure:
            return "", [problem_of(failure, "The app's webhook cannot be asked for", otherwise=ProblemKind.NO_WEBHOOK)]
        if present is None or not present.url:
            said = "The app sends Instagram's events nowhere. Register the webhook."
            return "", [Problem(ProblemKind.NO_WEBHOOK, said, is_fatal=True)]
        problems = []
        if present.url != url:
            said = "The app sends events to another address than ours. Register the webhook."
            problems.append(Problem(ProblemKind.OTHER_WEBHOOK, said, is_fatal=True))
        if not present.is_active:
            said = "Meta has switched the app's webhook off, as it does after an hour of failures. Register it again."
            problems.append(Problem(ProblemKind.WEBHOOK_OFF, said, is_fatal=True))
        return present.url, problems

    def _message_access(self, credentials: ChannelCredentials) -> list[Problem]:
        """Whether the account lets apps read its messages: a switch in the phone's own app."""
        query = {"platform": "instagram", "limit": "1"}
        try:
            answer = self._client.get(credentials.token, "me", "conversations", query=query)
        except DeliveryFailed:
            return []
        if answer.error is None or answer.error.subcode != MESSAGE_ACCESS_OFF:
            return []
        said = "The account does not let apps read messages: Settings, Messages, Connected tools, Allow access."
        return [Problem(ProblemKind.FEATURE_OFF, said, is_fatal=True)]


def _checked(answer: GraphAnswer) -> GraphAnswer:
    if answer.error is not None:
        raise answer.failure(judge)
    return answer
