"""A stateful stand-in for SpeechKit's synchronous recognition, and for the metadata service that gives IAM tokens.

It hears what it was told: `hears` for one file, `hears_next` for whatever comes next. Keys, limits, formats, quota and
billing are the service's; where the documents are silent, a comment says so.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from salon.integrations.fakes.faults import FaultKind
from salon.integrations.fakes.serving import Serving
from salon.integrations.fakes.wire import Answer, Request
from salon.integrations.speechkit.payloads import LONGEST_S, MAX_BYTES, PATH, UNIT_S, opus_seconds

TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - an address, not a secret
CALLS_A_SECOND = 20
TOKEN_LIFE_S = 12 * 3600
_RATES = {"8000": 8_000, "16000": 16_000, "48000": 48_000}
_TOPICS = frozenset({"general", "general:rc", "general:deprecated", "maps", "dates", "names", "numbers"})
_LANGUAGES = frozenset({"auto", "ru-RU", "en-US", "kk-KZ", "uz-UZ", "tr-TR", "de-DE"})
_DEFAULT_RATE = "48000"
_FOLDER_ID_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that was understood as one.

    Attributes:
        seconds: of sound.
        units: what it costs, in started units of 15 s.
        headers: lower-case names.
    """

    seconds: float
    units: int
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    size: int
    text: str


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class FakeSpeechKit:
    """The whole fake. `start_server` or `running()` opens the HTTP side.

    Args:
        folder_id: the service account's home folder.
        clock: seconds; a test's own, or the monotonic clock.
        names_errors_newly: errors as `code` and `message`, as the newer documents have them, in place of `error_code`
            and `error_message`.
    """

    def __init__(
        self,
        *,
        folder_id: str = "b1gfakefolder",
        clock: Callable[[], float] = time.monotonic,
        names_errors_newly: bool = False,
    ) -> None:
        self.lock = threading.RLock()
        self.heard: list[Heard] = []
        self.refused: list[int] = []
        self._folder_id, self._clock, self._newly = folder_id, clock, names_errors_newly
        self._keys: set[str] = set()
        self._tokens: dict[str, float] = {}
        self._known: dict[str, str] = {}
        self._next: deque[str] = deque()
        self._faults: deque[tuple[FaultKind, float]] = deque()
        self._calls: deque[float] = deque()
        self._serving: Serving | None = None

    # --- what a test or a person does

    def add_key(self, key: str) -> str:
        """Make an API key; it is returned."""
        with self.lock:
            self._keys.add(key)
        return key

    def revoke(self, secret: str) -> None:
        """Take an API key or a token back."""
        with self.lock:
            self._keys.discard(secret)
            self._tokens.pop(secret, None)

    def hears(self, data: bytes, text: str) -> None:
        """Have one file recognised as `text`, whenever it comes."""
        with self.lock:
            self._known[_digest(data)] = text

    def hears_next(self, *texts: str) -> None:
        """Have the next requests, whatever they bring, recognised as `texts`, one after another."""
        with self.lock:
            self._next.extend(texts)

    def fail_next(self, kind: FaultKind, times: int = 1, *, seconds: float = 1.0) -> None:
        """Let the next calls fail: TOO_MANY, UNAUTHORIZED, SERVER_ERROR, SLOW, DROP_BEFORE, REJECTED.

        Raises:
            LookupError: the service has no such failure.
        """
        if kind not in _FAULTS:
            raise LookupError(f"speechkit has no failure {kind.value!r}.")
        with self.lock:
            self._faults.extend([(kind, seconds)] * times)

    @property
    def units(self) -> int:
        """Units of 15 s that the account owes for."""
        with self.lock:
            return sum(one.units for one in self.heard)

    # --- the HTTP side

    def start_server(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve; the base URL of both services."""
        self._serving = Serving(self, "fake-speechkit", port=port, host=host)
        return self._serving.base_url

    def stop_server(self) -> None:
        """Stop serving. Harmless when nothing runs."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.stop()

    @property
    def base_url(self) -> str:
        """Of both services.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._serving is None:
            raise RuntimeError("The fake does not run; start_server() first.")
        return self._serving.base_url

    @contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve within a `with` block; gives the base URL."""
        try:
            yield self.start_server(port)
        finally:
            self.stop_server()

    def respond(self, request: Request, stopping: threading.Event) -> Answer | None:
        """The answer to a request; None breaks the connection."""
        if request.path == TOKEN_PATH:
            return self._give_token(request)
        if request.path != PATH or request.method != "POST":
            return Answer.text("Not Found", 404)
        with self.lock:
            kind, seconds = self._faults.popleft() if self._faults else (None, 0.0)
        if kind is FaultKind.DROP_BEFORE:
            return None
        if kind is FaultKind.SERVER_ERROR:
            return Answer.text("upstream connect error", 503)
        if kind is FaultKind.SLOW:
            stopping.wait(seconds)
        with self.lock:
            try:
                return Answer.json({"result": self._recognise(request, _FAULTS[kind] if kind else None)})
            except _Refused as refused:
                self.refused.append(refused.status)
                return self._error(refused)

    def _give_token(self, request: Request) -> Answer:
        if request.headers.get("metadata-flavor") != "Google":
            return Answer.text("Missing Metadata-Flavor:Google header.", 403)
        with self.lock:
            token = f"t1.fake{len(self._tokens) + 1}"
            self._tokens[token] = self._clock() + TOKEN_LIFE_S
        return Answer.json({"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"})

    def _recognise(self, request: Request, refusal: tuple[int, str, str] | None) -> str:
        if refusal is not None:
            raise _Refused(*refusal)
        self._check_who_calls(request)
        self._count_the_call()
        _check_settings(request)
        seconds = _seconds_of(request)
        if seconds > LONGEST_S:
            raise _Refused(400, "BAD_REQUEST", "audio is too long")
        text = self._known.get(_digest(request.body))
        if text is None:
            text = self._next.popleft() if self._next else ""
        units = -int(-seconds // UNIT_S)
        self.heard.append(Heard(seconds, units, request.query, request.headers, len(request.body), text))
        return text

    def _check_who_calls(self, request: Request) -> None:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        is_known = (scheme == "Api-Key" and secret in self._keys) or (
            scheme == "Bearer" and self._tokens.get(secret, 0.0) > self._clock()
        )
        if not is_known:
            raise _Refused(401, "UNAUTHORIZED", "The token is invalid" if secret else "Authorization is required")
        folder = request.query.get("folderId")
        if folder is not None and len(folder) > _FOLDER_ID_LENGTH:
            raise _Refused(400, "BAD_REQUEST", "folderId is too long")
        if folder not in {None, self._folder_id}:  # the documents say «an error»; which status is a guess
            raise _Refused(403, "FORBIDDEN", "Service account has no rights in this folder")

    def _count_the_call(self) -> None:
        now = self._clock()
        while self._calls and self._calls[0] <= now - 1:
            self._calls.popleft()
        if len(self._calls) >= CALLS_A_SECOND:
            raise _Refused(*_TOO_MANY)
        self._calls.append(now)

    def _error(self, refused: _Refused) -> Answer:
        names = ("code", "message") if self._newly else ("error_code", "error_message")
        return Answer.json(dict(zip(names, (refused.code, str(refused)), strict=True)), refused.status)


_TOO_MANY = (429, "TOO_MANY_REQUESTS", "quota is exceeded")
# What a failure on demand is refused with; None: it is no refusal.
_FAULTS: dict[FaultKind, tuple[int, str, str] | None] = {
    FaultKind.TOO_MANY: _TOO_MANY,
    FaultKind.UNAUTHORIZED: (401, "UNAUTHORIZED", "The token is invalid"),
    FaultKind.REJECTED: (400, "BAD_REQUEST", "audio cannot be decoded"),
    FaultKind.SERVER_ERROR: None,
    FaultKind.SLOW: None,
    FaultKind.DROP_BEFORE: None,
}


def _check_settings(request: Request) -> None:
    if request.query.get("lang", "ru-RU") not in _LANGUAGES:
        raise _Refused(400, "BAD_REQUEST", "lang is not supported")
    if request.query.get("topic", "general") not in _TOPICS:
        raise _Refused(400, "BAD_REQUEST", "topic is not supported")
    if not request.body:
        raise _Refused(400, "BAD_REQUEST", "audio is empty")
    if len(request.body) > MAX_BYTES:
        raise _Refused(400, "BAD_REQUEST", "audio is too large")


def _seconds_of(request: Request) -> float:
    data = request.body
    match request.query.get("format", "oggopus"):
        case "lpcm":
            rate = _RATES.get(request.query.get("sampleRateHertz", _DEFAULT_RATE))
            if rate is None or len(data) % 2:
                raise _Refused(400, "BAD_REQUEST", "lpcm has 16 bits, and 8000, 16000 or 48000 Hz")
            return len(data) / 2 / rate
        case "oggopus":
            found = opus_seconds(data)
            if found is None:
                raise _Refused(400, "BAD_REQUEST", "ogg header has not been found")
            if data[data.find(b"OpusHead") + 9] != 1:
                raise _Refused(400, "BAD_REQUEST", "audio has more than one channel")
            return found
        case _:
            raise _Refused(400, "BAD_REQUEST", "format is not supported")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
