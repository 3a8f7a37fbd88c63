"""Looks after a community at VK: the server of the Callback API, what it is sent, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salon.integrations.lazily import Lazy
from salon.integrations.vk.payloads.answers import Answer
from salon.integrations.vk.payloads.calls import API_VERSION, Call
from salon.integrations.wire import dict_of, id_of, list_of, text_of
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RequestRejected, RetryLater
from salon.messaging.ports import AccountReport, FreshToken, Problem, ProblemKind, Registered

if TYPE_CHECKING:
    from salon.integrations.vk.client import VkClient

TITLE = "salon"  # at most 14 characters
SECRET_LIMIT = 50
EVENTS = (
    "message_new",
    "message_event",
    "message_edit",
    "message_reply",
    "message_allow",
    "message_deny",
    "message_read",
    "message_reaction_event",
)
_VITAL = frozenset({"message_new", "message_event"})
_ON = (1, True)


class VkKeeper:
    """Fulfils `messaging.ports.AccountKeeper` for VK. The token needs rights to messages, photos, files and management.

    Args:
        base_url: VK's API; an equivalent host, or the fake.
        ca_file: a certificate authority to trust beside the usual ones.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
    """

    channel = Channel.VK

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
        """The string that VK will ask for as soon as it knows our server.

        Raises:
            DeliveryFailed: by class.
        """
        return Registered(confirmation=self._confirmation(credentials))

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Have events sent to `url`: our server of the community, if there is one, is changed, otherwise one is added.

        Other servers stay. VK asks for the confirmation string while it answers this.

        Raises:
            RequestRejected: there is no secret that VK would take, or no community, or no more room for servers.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        secret = next(iter(credentials.webhook_secrets), "")
        if not 1 <= len(secret) <= SECRET_LIMIT:
            raise RequestRejected(f"A webhook's secret has 1 to {SECRET_LIMIT} characters.")
        confirmation = self._confirmation(credentials)
        ours = _ours(self._servers(credentials), url)
        params = {"url": url, "title": TITLE, "secret_key": secret}
        if ours is None:
            added = dict_of(self._result("groups.addCallbackServer", credentials, **params))
            server_id = id_of(added.get("server_id"))
        else:
            server_id = id_of(ours.get("id"))
            self._result("groups.editCallbackServer", credentials, server_id=server_id, **params)
        wanted = dict.fromkeys(EVENTS, "1")
        self._result("groups.setCallbackSettings", credentials, server_id=server_id, api_version=API_VERSION, **wanted)
        return Registered(confirmation=confirmation)

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the community stands. Never raises."""
        problems = _missing_settings(credentials)
        external_id = name = webhook_url = ""
        try:
            external_id, name = self._whoami(credentials)
            if credentials.external_id and external_id != credentials.external_id:
                what = f"The token is of the community {external_id}, not of {credentials.external_id}."
                problems.append(Problem(ProblemKind.WRONG_ACCOUNT, what, is_fatal=True))
            else:
                webhook_url = self._check_community(url, credentials, problems)
        except DeliveryFailed as failed:
            problems.append(_problem_of(failed))
        problems.sort(key=lambda problem: not problem.is_fatal)
        return AccountReport(external_id, name, tuple(problems), webhook_url)

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """A community's token does not expire."""
        del credentials
        return None

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """Delete the server with that address; harmless when there is none.

        Raises:
            DeliveryFailed: by class.
        """
        for server in self._servers(credentials):
            if text_of(server.get("url")) == url:
                self._result("groups.deleteCallbackServer", credentials, server_id=id_of(server.get("id")))

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()

    # --- parts

    def _check_community(self, url: str, credentials: ChannelCredentials, problems: list[Problem]) -> str:
        """Adds what is wrong; where events go."""
        self._check_features(credentials, problems)
        if credentials.confirmation and self._confirmation(credentials) != credentials.confirmation:
            what = "VK's confirmation string has changed: register the webhook again."
            problems.append(Problem(ProblemKind.SETTING_MISSING, what))
        ours = next((each for each in self._servers(credentials) if text_of(each.get("url")) == url), None)
        if ours is None:
            what = "The community has no Callback API server with our address: register the webhook."
            problems.append(Problem(ProblemKind.NO_WEBHOOK, what, is_fatal=True))
            return ""
        problems += _problems_of_server(ours, credentials)
        settings = self._result("groups.getCallbackSettings", credentials, server_id=id_of(ours.get("id")))
        problems += _problems_of_settings(dict_of(settings))
        return url

    def _check_features(self, credentials: ChannelCredentials, problems: list[Problem]) -> None:
        """Whether messages and «Возможности ботов» are on; not every token may ask."""
        answer = self._call("groups.getSettings", credentials)
        settings = dict_of(answer.result)
        if answer.is_feature_off or settings.get("bots_capabilities") in (0, False):
            what = "«Возможности ботов» are off: messages with buttons are refused (912)."
            problems.append(Problem(ProblemKind.FEATURE_OFF, what, is_fatal=True))
        if settings.get("messages") in (0, False):
            what = "The community's messages are off: nobody can write to it."
            problems.append(Problem(ProblemKind.FEATURE_OFF, what, is_fatal=True))

    def _whoami(self, credentials: ChannelCredentials) -> tuple[str, str]:
        """Id and name of the community that the token belongs to."""
        if not credentials.token:
            raise AccountRejected("There is no token.")
        result = self._api().result_of(credentials.token, Call("groups.getById", {}))
        groups = list_of(dict_of(result).get("groups")) or list_of(result)  # a bare list before 5.199
        community = dict_of(next(iter(groups), None))
        return id_of(community.get("id")), text_of(community.get("name"), limit=200)

    def _confirmation(self, credentials: ChannelCredentials) -> str:
        code = text_of(dict_of(self._result("groups.getCallbackConfirmationCode", credentials)).get("code"))
        if not code:
            raise RetryLater("VK gave no confirmation string.")
        return code

    def _servers(self, credentials: ChannelCredentials) -> list[dict[str, Any]]:
        found = self._result("groups.getCallbackServers", credentials)
        return [server for server in list_of(dict_of(found).get("items")) if isinstance(server, dict)]

    def _result(self, method: str, credentials: ChannelCredentials, **params: str) -> Any:
        answer = self._call(method, credentials, **params)
        if not answer.ok:
            raise answer.failure()
        return answer.result

    def _call(self, method: str, credentials: ChannelCredentials, **params: str) -> Answer:
        group = credentials.external_id
        if not (group.isascii() and group.isdigit()):
            raise RequestRejected("The community's number is missing: set external_id.")
        return self._api().call(credentials.token, Call(method, {"group_id": group, **params}))

    def _open(self) -> VkClient:
        from salon.integrations.vk.client import VkClient

        return VkClient(
            self._base_url,
            ca_file=self._ca_file,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
        )


def _ours(servers: list[dict[str, Any]], url: str) -> dict[str, Any] | None:
    """The server with our address, otherwise one of ours from before the address changed."""
    same = [server for server in servers if text_of(server.get("url")) == url]
    titled = [server for server in servers if text_of(server.get("title")) == TITLE]
    return next(iter(same + titled), None)


def _missing_settings(credentials: ChannelCredentials) -> list[Problem]:
    """What the account lacks on our side."""
    problems = []
    if not any(credentials.webhook_secrets):
        what = "There is no webhook secret: every event is refused."
        problems.append(Problem(ProblemKind.SECRET_MISSING, what, is_fatal=True))
    if not credentials.external_id:
        problems.append(
            Problem(ProblemKind.SETTING_MISSING, "external_id, the community's number, is missing.", is_fatal=True)
        )
    if not credentials.confirmation:
        what = "The confirmation string is not known, so VK's handshake fails: register the webhook."
        problems.append(Problem(ProblemKind.SETTING_MISSING, what))
    return problems


def _problems_of_server(server: dict[str, Any], credentials: ChannelCredentials) -> list[Problem]:
    problems = []
    status = text_of(server.get("status"))
    if status == "failed":
        what = "VK says that our server fails: it did not confirm, or answered something else than ok."
        problems.append(Problem(ProblemKind.DELIVERY_FAILING, what, is_fatal=True))
    elif status in {"wait", "unconfigured"}:
        what = f"VK has not yet made sure of our server (it says {status})."
        problems.append(Problem(ProblemKind.DELIVERY_FAILING, what))
    key = server.get("secret_key")  # not told to every token
    if isinstance(key, str) and key not in credentials.webhook_secrets:
        what = "The server has another secret than ours: every event is refused. Register the webhook again."
        problems.append(Problem(ProblemKind.SECRET_MISSING, what, is_fatal=True))
    return problems


def _problems_of_settings(settings: dict[str, Any]) -> list[Problem]:
    problems = []
    sent = dict_of(settings.get("events")) or settings
    missing = [kind for kind in EVENTS if sent.get(kind) not in _ON]
    if missing:
        what = f"The server is not sent {', '.join(missing)}: register the webhook again."
        problems.append(Problem(ProblemKind.EVENTS_MISSING, what, is_fatal=not _VITAL.isdisjoint(missing)))
    version = text_of(settings.get("api_version"))
    if version != API_VERSION:
        what = f"Events come in version {version or 'unknown'}, not {API_VERSION}: register the webhook again."
        problems.append(Problem(ProblemKind.SETTING_MISSING, what))
    return problems


def _problem_of(failed: DeliveryFailed) -> Problem:
    if isinstance(failed, AccountRejected):
        return Problem(ProblemKind.TOKEN_REJECTED, f"VK does not accept the token: {failed}", is_fatal=True)
    if isinstance(failed, RetryLater):
        return Problem(ProblemKind.UNREACHABLE, f"VK could not be asked: {failed}")
    return Problem(ProblemKind.SETTING_MISSING, str(failed), is_fatal=True)
