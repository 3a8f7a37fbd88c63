"""What looking after a WhatsApp number and an Instagram account have in common: the app that the webhook hangs on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from salon.integrations.meta.answers import GraphAnswer, Judge
from salon.integrations.wire import dict_of, instant_of, list_of, text_of
from salon.messaging.domain import ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RequestRejected, RetryLater
from salon.messaging.ports import Problem, ProblemKind

if TYPE_CHECKING:
    from salon.integrations.meta.client import GraphClient

EXPIRES_SOON = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class AppSubscription:
    """Where an app's events of one kind go."""

    url: str
    is_active: bool
    fields: frozenset[str]


class MetaApp:
    """The app of an account: asked with its own token, `id|secret`.

    Args:
        client: the Graph API that knows apps: Facebook's, for Instagram, too.
        topic: `whatsapp_business_account` or `instagram`.
        judge: the channel's reading of error codes.
    """

    def __init__(self, client: GraphClient, topic: str, judge: Judge) -> None:
        self._client = client
        self._topic = topic
        self._judge = judge

    def subscription(self, credentials: ChannelCredentials) -> AppSubscription | None:
        """Where events go now; None for nowhere.

        Raises:
            DeliveryFailed: by class.
        """
        answer = self._ask(credentials, lambda token: self._client.get(token, credentials.app_id, "subscriptions"))
        for row in list_of(answer.content.get("data")):
            given = dict_of(row)
            if given.get("object") == self._topic:
                fields = (field if isinstance(field, str) else dict_of(field).get("name") for field in _rows(given))
                names = frozenset(text_of(name) for name in fields)
                return AppSubscription(text_of(given.get("callback_url")), given.get("active") is not False, names)
        return None

    def subscribe(self, url: str, credentials: ChannelCredentials, fields: Iterable[str]) -> None:
        """Have the app's events sent to `url`; Meta makes sure of us at once, by the handshake.

        Raises:
            DeliveryFailed: by class.
        """
        form = {
            "object": self._topic,
            "callback_url": url,
            "verify_token": credentials.verify_token,
            "fields": ",".join(fields),
        }
        self._ask(
            credentials, lambda token: self._client.post_form(token, credentials.app_id, "subscriptions", form=form)
        )

    def unsubscribe(self, credentials: ChannelCredentials) -> None:
        """Have the app's events sent nowhere.

        Raises:
            DeliveryFailed: by class.
        """
        query = {"object": self._topic}
        self._ask(
            credentials, lambda token: self._client.delete(token, credentials.app_id, "subscriptions", query=query)
        )

    def token_expires_at(self, credentials: ChannelCredentials) -> datetime | None:
        """When the account's token ends; None when it does not, or Meta does not say."""
        query = {"input_token": credentials.token}
        try:
            answer = self._ask(credentials, lambda token: self._client.get(token, "debug_token", query=query))
        except DeliveryFailed:
            return None
        return instant_of(dict_of(answer.content.get("data")).get("expires_at"))

    def _ask(self, credentials: ChannelCredentials, call: Callable[[str], GraphAnswer]) -> GraphAnswer:
        """The answer to a call by the app: each of its secrets is tried, because one of them may be the former."""
        failure: DeliveryFailed = AccountRejected("The app's secret is missing.")
        for secret in credentials.webhook_secrets:
            answer = call(f"{credentials.app_id}|{secret}")
            if answer.error is None:
                return answer
            failure = answer.failure(self._judge)
            if not isinstance(failure, AccountRejected):
                break
        raise failure


def require(credentials: ChannelCredentials, *names: str) -> None:
    """Refuse to go on without these settings.

    Raises:
        RequestRejected: naming the first that is missing.
    """
    for name in names:
        if not getattr(credentials, name):
            raise RequestRejected(f"The account's setting {name} is missing.")


def missing_settings(credentials: ChannelCredentials, *names: str) -> list[Problem]:
    """What the settings lack; without a secret every event would be refused."""
    problems = [
        Problem(ProblemKind.SETTING_MISSING, f"The account's setting {name} is missing.")
        for name in names
        if not getattr(credentials, name)
    ]
    if not any(credentials.webhook_secrets):
        said = "The app's secret (webhook_secrets) is missing: every event is refused."
        problems.append(Problem(ProblemKind.SECRET_MISSING, said, is_fatal=True))
    return problems


def expiry_problems(expires_at: datetime | None, now: datetime) -> list[Problem]:
    """A token that ends soon, as a problem."""
    if expires_at is None or expires_at - now > EXPIRES_SOON:
        return []
    said = f"The token ends on {expires_at:%Y-%m-%d}: refresh it, or enter another."
    return [Problem(ProblemKind.TOKEN_EXPIRES, said)]


def problem_of(failure: DeliveryFailed, asked: str, *, otherwise: ProblemKind = ProblemKind.WRONG_ACCOUNT) -> Problem:
    """A failed question as a problem.

    Args:
        failure: how it failed.
        asked: what was asked, for the person who reads it.
        otherwise: what a refused question means.
    """
    said = f"{asked}: {failure}"
    match failure:
        case RetryLater():
            return Problem(ProblemKind.UNREACHABLE, said)
        case AccountRejected() if "policy" in str(failure):
            return Problem(ProblemKind.POLICY, said, is_fatal=True)
        case AccountRejected():
            return Problem(ProblemKind.TOKEN_REJECTED, said, is_fatal=True)
        case _:
            return Problem(otherwise, said, is_fatal=otherwise is ProblemKind.WRONG_ACCOUNT)


def fatal_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems, those that stop everything first."""
    return tuple(sorted(problems, key=lambda problem: not problem.is_fatal))


def _rows(subscription: dict[str, object]) -> list[object]:
    return list_of(subscription.get("fields"))
