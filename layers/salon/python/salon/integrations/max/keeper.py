"""Looks after a bot at MAX: where its updates go, which of them, and what can be wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from salon.integrations.lazily import Lazy
from salon.integrations.max.payloads.calls import Call
from salon.integrations.wire import dict_of, id_of, list_of, text_of
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RequestRejected, RetryLater
from salon.messaging.ports import AccountReport, FreshToken, Problem, ProblemKind, Registered

if TYPE_CHECKING:
    from salon.integrations.max.client import MaxClient

UPDATE_TYPES = (
    "message_created",
    "message_callback",
    "message_edited",
    "message_removed",
    "bot_started",
    "bot_stopped",
    "dialog_removed",
    "bot_added",
    "bot_removed",
)
_VITAL = frozenset({"message_created", "message_callback", "bot_started"})
_SECRET = re.compile(r"[a-zA-Z0-9_-]{5,256}\Z")
_SECRET_RULE = "A webhook's secret at MAX has 5 to 256 letters, digits, _ and -."  # noqa: S105 - a sentence


class MaxKeeper:
    """Fulfils `messaging.ports.AccountKeeper` for MAX. Safe to share between threads.

    Args:
        base_url: the Bot API, or the fake.
        ca_file: a certificate authority to trust beside the usual ones.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
    """

    channel = Channel.MAX

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: str | None = None,
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
    ) -> None:
        self._base_url = base_url
        self._ca_file = ca_file
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._api = Lazy(self._open)

    def prepare_handshake(self, credentials: ChannelCredentials) -> Registered:
        """MAX has no handshake."""
        del credentials
        return Registered()

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Have updates sent to `url` with the newest secret, and to no other address: subscriptions add up at MAX.

        Raises:
            RequestRejected: there is no secret that MAX would take, or it refuses the address.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        secret = next(iter(credentials.webhook_secrets), "")
        if not _SECRET.match(secret):
            raise RequestRejected(_SECRET_RULE)
        wanted = {"url": url, "update_types": list(UPDATE_TYPES), "secret": secret}
        self._result(Call("POST", "/subscriptions", body=wanted), credentials)
        for other in self._subscriptions(credentials):
            if other != url:
                self._unsubscribe(other, credentials)
        return Registered()

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the bot stands. Never raises."""
        problems = _problems_of_secrets(credentials)
        external_id = name = webhook_url = ""
        try:
            external_id, name = self._whoami(credentials)
            if credentials.external_id and external_id != credentials.external_id:
                what = f"The token is of the bot {external_id}, not of {credentials.external_id}."
                problems.append(Problem(ProblemKind.WRONG_ACCOUNT, what, is_fatal=True))
            else:
                subscriptions = self._subscriptions(credentials)
                problems += _problems_of_subscriptions(subscriptions, url)
                webhook_url = url if url in subscriptions else next(iter(subscriptions), "")
        except DeliveryFailed as failed:
            problems.append(_problem_of(failed))
        problems.sort(key=lambda problem: not problem.is_fatal)
        return AccountReport(external_id, name, tuple(problems), webhook_url)

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """A bot's token does not expire."""
        del credentials
        return None

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """End the subscription of that address; harmless when there is none.

        Raises:
            DeliveryFailed: by class.
        """
        if url in self._subscriptions(credentials):
            self._unsubscribe(url, credentials)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()

    # --- parts

    def _whoami(self, credentials: ChannelCredentials) -> tuple[str, str]:
        """Id and name of the bot that the token belongs to."""
        if not credentials.token:
            raise AccountRejected("There is no token.")
        bot = self._result(Call("GET", "/me"), credentials)
        name = text_of(bot.get("first_name"), limit=200) or text_of(bot.get("name"), limit=200)
        return id_of(bot.get("user_id")), name

    def _subscriptions(self, credentials: ChannelCredentials) -> dict[str, list[str] | None]:
        """Where updates go, and which; None for all of them."""
        listed = list_of(self._result(Call("GET", "/subscriptions"), credentials).get("subscriptions"))
        found: dict[str, list[str] | None] = {}
        for item in (dict_of(one) for one in listed):
            kinds = item.get("update_types")
            found[text_of(item.get("url"))] = [text_of(kind) for kind in kinds] if isinstance(kinds, list) else None
        return found

    def _unsubscribe(self, url: str, credentials: ChannelCredentials) -> None:
        self._result(Call("DELETE", "/subscriptions", {"url": url}), credentials)

    def _result(self, call: Call, credentials: ChannelCredentials) -> dict[str, Any]:
        try:
            answer = self._api().call(credentials.token, call)
        except RetryLater as later:
            later.maybe_sent = False  # all that a keeper does may be repeated
            raise
        if not answer.ok:
            raise answer.failure()
        return answer.result

    def _open(self) -> MaxClient:
        from salon.integrations.max.client import MaxClient

        return MaxClient(
            self._base_url,
            ca_file=self._ca_file,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
        )


def _problems_of_secrets(credentials: ChannelCredentials) -> list[Problem]:
    newest = next(iter(credentials.webhook_secrets), "")
    if not newest:
        what = "There is no webhook secret: every update would be refused."
        return [Problem(ProblemKind.SECRET_MISSING, what, is_fatal=True)]
    return [] if _SECRET.match(newest) else [Problem(ProblemKind.SECRET_MISSING, _SECRET_RULE)]


def _problems_of_subscriptions(subscriptions: dict[str, list[str] | None], url: str) -> list[Problem]:
    problems = []
    if url not in subscriptions:
        what = (
            "No subscription has our address: register the webhook. MAX ends one after 8 hours of failures "
            "(GET /subscriptions)."
        )
        problems.append(Problem(ProblemKind.NO_WEBHOOK, what, is_fatal=True))
    others = sum(1 for other in subscriptions if other != url)
    if others:
        what = f"Updates go to {others} other address(es) as well: register the webhook to end that."
        problems.append(Problem(ProblemKind.OTHER_WEBHOOK, what))
    kinds = subscriptions.get(url)
    missing = [kind for kind in UPDATE_TYPES if kinds is not None and kind not in kinds]
    if missing and kinds:  # an empty list stands for all
        what = f"The subscription lacks update_types: {', '.join(missing)}. Register the webhook again."
        problems.append(Problem(ProblemKind.EVENTS_MISSING, what, is_fatal=not _VITAL.isdisjoint(missing)))
    return problems


def _problem_of(failed: DeliveryFailed) -> Problem:
    if isinstance(failed, AccountRejected):
        return Problem(ProblemKind.TOKEN_REJECTED, f"{failed} Give the bot's present token.", is_fatal=True)
    if isinstance(failed, RetryLater):
        return Problem(ProblemKind.UNREACHABLE, f"MAX did not answer, nothing is known: {failed}")
    return Problem(ProblemKind.POLICY, f"MAX refuses to tell: {failed}")
