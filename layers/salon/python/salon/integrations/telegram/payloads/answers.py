"""What an answer of the Bot API means for us (facts §1.6 and §6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salon.integrations.wire import dict_of, id_of, text_of, whole_of
from salon.messaging.errors import AccountRejected, DeliveryFailed, RecipientGone, RequestRejected, RetryLater

# Refusals that leave the world as we wanted it: repeating them, or parking them, would help nobody.
_AS_GOOD_AS_DONE = ("message is not modified", "query is too old", "query id is invalid", "message to edit not found")
_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "rights to send", "chat_write_forbidden")
_NO_TEXT_TO_EDIT = ("there is no text in the message to edit",)
_FILE_GONE = ("file is temporarily unavailable", "wrong file_id", "invalid file_id", "wrong remote file")
_FILE_TOO_BIG = ("file is too big",)

_BAD_REQUEST = 400
_BAD_TOKEN = (401, 404)  # the token is a part of the path: a wrong one is a page that is not there
_FORBIDDEN = 403
_CONFLICT = 409  # with getUpdates or another setWebhook; passes
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_BAD_GATEWAY = 502
_MEANT_BY_ANYBODY = (200, 413, 429)  # too large and too many are refused by the front server, with a page
# A success that cannot be read, or a gateway that did not wait for the end: the message may have gone out.
_OPEN_OUTCOME = (200, 504)


@dataclass(frozen=True, slots=True)
class Answer:
    """The Bot API's answer, read tolerantly.

    Attributes:
        ok: carried out; `result` is what it gave.
        status: the error's code, or the HTTP status where no JSON came.
        description: the error in Telegram's words; shown to developers, never to a client.
        retry_after_s: seconds to leave the whole bot alone.
        migrate_to_chat_id: where the group has moved.
    """

    ok: bool
    status: int
    result: Any = None
    description: str = ""
    retry_after_s: int | None = None
    migrate_to_chat_id: str = ""

    @property
    def is_as_good_as_done(self) -> bool:
        """Refused because it is so already, or does not matter any more."""
        return self.status == _BAD_REQUEST and self._says(_AS_GOOD_AS_DONE)

    @property
    def is_about_caption(self) -> bool:
        """The message's text stands beside a file, and is edited by another method."""
        return self.status == _BAD_REQUEST and self._says(_NO_TEXT_TO_EDIT)

    @property
    def is_file_gone(self) -> bool:
        """The file has expired or never was."""
        return self._says(_FILE_GONE)

    @property
    def is_file_too_big(self) -> bool:
        """The file is larger than bots may download."""
        return self._says(_FILE_TOO_BIG)

    def _says(self, phrases: tuple[str, ...]) -> bool:
        said = self.description.lower()
        return any(phrase in said for phrase in phrases)

    def failure(self) -> DeliveryFailed:
        """The error that says what to do about it."""
        reason = f"Telegram answered {self.status}: {self.description or 'no description'}"
        if self.status == _TOO_MANY_REQUESTS:
            return RetryLater(reason, after_s=float(self.retry_after_s or 1), whole_account=True)
        if self.status in _OPEN_OUTCOME or self.status == _CONFLICT or self.status >= _SERVER_ERROR:
            return RetryLater(reason, maybe_sent=self.status in _OPEN_OUTCOME)
        if self.status in _BAD_TOKEN:
            return AccountRejected(reason)
        if self.status == _FORBIDDEN or self._says(_NO_SUCH_CHAT):
            return RecipientGone(reason)
        return RequestRejected(reason)


def read_answer(status: int, body: dict[str, Any] | None) -> Answer:
    """The answer in `body`; None, or an object that is no answer, stands for what a proxy put in its place."""
    if body is None or not isinstance(body.get("ok"), bool):
        # A page in place of JSON comes from something in between: a firewall's 403 says nothing about the person.
        seen = status if status in _MEANT_BY_ANYBODY or status >= _SERVER_ERROR else _BAD_GATEWAY
        return Answer(ok=False, status=seen, description="not an answer of the Bot API")
    if body["ok"]:
        return Answer(ok=True, status=status, result=body.get("result"))
    parameters = dict_of(body.get("parameters"))
    return Answer(
        ok=False,
        status=whole_of(body.get("error_code")) or status,
        description=text_of(body.get("description"), limit=300),
        retry_after_s=whole_of(parameters.get("retry_after")),
        migrate_to_chat_id=id_of(parameters.get("migrate_to_chat_id")),
    )
