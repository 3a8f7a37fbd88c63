"""Looks after a bot at Telegram: its webhook, what it is sent, and what can be wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from salon.integrations.lazily import Lazy
from salon.integrations.telegram.payloads.calls import Call
from salon.integrations.wire import dict_of, id_of, instant_of, list_of, text_of, whole_of
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RequestRejected
from salon.messaging.ports import AccountReport, FreshToken, Problem, ProblemKind, Registered

if TYPE_CHECKING:
    from salon.integrations.telegram.client import TelegramClient

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
_VITAL = frozenset({"message", "callback_query"})
# What getWebhookInfo names no list for: everything but these.
_ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_MANY_PENDING = 100


class TelegramKeeper:
    """Fulfils `messaging.ports.AccountKeeper` for Telegram. Safe to share between threads.

    Args:
        base_url: the Bot API; only the fake, or an own Bot API server, has another than Telegram's.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        proxy: an outgoing proxy, for networks from which Telegram cannot be reached directly.
    """

    channel = Channel.TELEGRAM

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
        proxy: str | None = None,
    ) -> None:
        self._base_url = base_url
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._proxy = proxy
        self._api = Lazy(self._open)

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Have updates sent to `url` with the newest secret; a bot has one webhook, so any other is replaced.

        Raises:
            RequestRejected: there is no secret that Telegram would take, or it refuses the address.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        self._result(webhook_call(url, next(iter(credentials.webhook_secrets), "")), credentials)
        return Registered()

    def prepare_handshake(self, credentials: ChannelCredentials) -> Registered:
        """Telegram has no handshake."""
        del credentials
        return Registered()

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the bot stands. Never raises."""
        problems = _missing_settings(credentials)
        external_id = name = webhook_url = ""
        try:
            bot = dict_of(self._result(Call("getMe", {}), credentials))
            external_id, name = id_of(bot.get("id")), text_of(bot.get("first_name"), limit=200)
            if credentials.external_id and external_id != credentials.external_id:
                what = f"The token is of the bot {external_id}, not of {credentials.external_id}."
                problems.append(Problem(ProblemKind.WRONG_ACCOUNT, what, is_fatal=True))
            info = dict_of(self._result(Call("getWebhookInfo", {}), credentials))
            webhook_url = text_of(info.get("url"), limit=2000)
            problems += _problems_of_webhook(info, url)
        except DeliveryFailed as failed:
            problems.append(_problem_of(failed))
        problems.sort(key=lambda problem: not problem.is_fatal)
        return AccountReport(external_id, name, tuple(problems), webhook_url)

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """A bot's token does not expire."""
        del credentials
        return None

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """Have no more updates sent to `url`; what waits is kept. Harmless when they go elsewhere.

        Raises:
            DeliveryFailed: by class.
        """
        info = dict_of(self._result(Call("getWebhookInfo", {}), credentials))
        if text_of(info.get("url")) == url:
            self._result(Call("deleteWebhook", {}), credentials)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()

    def _result(self, call: Call, credentials: ChannelCredentials) -> Any:
        if not credentials.token:
            raise AccountRejected("There is no token.")
        answer = self._api().carry_out(credentials.token, call)
        if not answer.ok:
            raise answer.failure()
        return answer.result

    def _open(self) -> TelegramClient:
        from salon.integrations.telegram.client import TelegramClient

        return TelegramClient(
            self._base_url,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
            proxy=self._proxy,
        )


def webhook_call(url: str, secret: str, *, max_connections: int = 40) -> Call:
    """The call that has everything we read sent to `url`.

    Raises:
        RequestRejected: Telegram would not take the secret.
    """
    if not _SECRET.match(secret):
        raise RequestRejected("A webhook's secret has 1 to 256 letters, digits, _ and -.")
    params = {
        "url": url,
        "secret_token": secret,
        "allowed_updates": list(ALLOWED_UPDATES),
        "max_connections": max_connections,
    }
    return Call("setWebhook", params)


def _missing_settings(credentials: ChannelCredentials) -> list[Problem]:
    if any(credentials.webhook_secrets):
        return []
    what = "There is no webhook secret: every update is refused."
    return [Problem(ProblemKind.SECRET_MISSING, what, is_fatal=True)]


def _problems_of_webhook(info: dict[str, Any], url: str) -> list[Problem]:
    found = text_of(info.get("url"))
    if not found:
        what = "The bot has no webhook: register it."
        return [Problem(ProblemKind.NO_WEBHOOK, what, is_fatal=True)]
    if found != url:
        what = "The bot's updates go to another address than ours: register the webhook."
        return [Problem(ProblemKind.OTHER_WEBHOOK, what, is_fatal=True)]
    problems = []
    named = {text_of(kind) for kind in list_of(info.get("allowed_updates"))}
    missing = [kind for kind in ALLOWED_UPDATES if (kind not in named if named else kind in _ONLY_WHEN_ASKED)]
    if missing:
        what = f"The bot is not sent {', '.join(missing)}: register the webhook again."
        problems.append(Problem(ProblemKind.EVENTS_MISSING, what, is_fatal=not _VITAL.isdisjoint(missing)))
    pending, failed_at = whole_of(info.get("pending_update_count")) or 0, instant_of(info.get("last_error_date"))
    # Telegram remembers the last failure for ever: it is a trouble of today only while updates wait behind it.
    if failed_at is not None and pending:
        said = text_of(info.get("last_error_message"), limit=200)
        what = f"Telegram says that our webhook failed at {failed_at:%Y-%m-%d %H:%M} UTC ({said}); {pending} wait."
        problems.append(Problem(ProblemKind.DELIVERY_FAILING, what))
    elif pending > _MANY_PENDING:
        what = f"{pending} updates wait to be delivered: our webhook is slow."
        problems.append(Problem(ProblemKind.DELIVERY_FAILING, what))
    return problems


def _problem_of(failed: DeliveryFailed) -> Problem:
    if isinstance(failed, AccountRejected):
        return Problem(ProblemKind.TOKEN_REJECTED, f"Telegram does not accept the token: {failed}", is_fatal=True)
    return Problem(ProblemKind.UNREACHABLE, f"Telegram could not be asked: {failed}")
