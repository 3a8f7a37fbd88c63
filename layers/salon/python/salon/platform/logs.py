"""Logs: one JSON line for each event on standard output, without personal data.

A constant event name and keyword data::

    log = logger(__name__)
    log.info("webhook.accepted", inbox_id=inbox_id)

Built on Powertools Logger; the formatter writes the level words that Yandex Cloud Logging knows, adds the ids of the
call (`platform.correlation`) and masks personal data in every field at any depth. What it cannot recognise it does
not print: an unknown object is logged as its type, a foreign exception without its message (drivers and validators
quote the values they choke on). A log line never makes a call fail.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import traceback
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TextIO, cast
from uuid import UUID

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from salon.platform import correlation
from salon.platform.errors import SalonError

MASK = "***"
MAX_RECORD_BYTES = 64_000
_MAX_TEXT = 4_000
_MAX_ITEMS = 100
_MAX_DEPTH = 6
_MAX_FRAMES = 20
_INTEGER_BITS = 64
_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR"})

_LOGGER_NAME = "salon"
_TEMPLATE_KEYS = frozenset({"level", "location", "message", "timestamp", "service", "sampling_rate"})

# What stands under these keys is never printed, whatever it looks like.
_SECRET_KEYS = frozenset({
    "address", "answer", "birthday", "body", "caption", "client_name", "comment", "comments", "content", "display_name",
    "first_name", "full_name", "headers", "last_name", "message_text", "name", "note", "notes", "patronymic", "payload",
    "query", "raw", "sender_name", "surname", "text", "transcript", "user_name", "username",
})  # fmt: skip
_SECRET_ENDINGS = (
    "api_key", "authorization", "cookie", "credential", "credentials", "email", "mail", "password", "phone", "secret",
    "signature", "token",
)  # fmt: skip

# One pass over a text. `keep` comes first: ids and instants are full of digits and are not telephone numbers. Each
# alternative starts at a boundary, so that a long text without a match costs linear time.
_PERSONAL = re.compile(
    r"""
      (?P<keep>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b
        |\b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<login>(?<=://)[^\s/@]{1,256}@)
    | (?P<query>\?[^\s"'<>?=&]{1,100}=[^\s"'<>]*)
    | (?P<bot>(?<!\d)\d{3,20}:[A-Za-z0-9_-]{30,})
    | (?P<bearer>(?i:\b(?:bearer|basic)\s+)[^\s"',]{8,})
    | (?P<jwt>\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+|\bvk1\.a\.[A-Za-z0-9_-]+)
    | (?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)
    | (?P<foreign>\+\d(?:[\s().-]{0,3}\d){9,14}(?!\w))
    | (?P<russian>(?<![\w+.-])[78](?:[\s(-]{0,3}[3489]\d{2}[\s).-]{0,3}\d{3}[\s.-]{0,3}\d{2}[\s.-]{0,3}\d{2})(?!\w))
    | (?P<local>(?<![\w+.-])\(?9\d{2}\)?[\s-]{0,3}\d{3}[\s-]{0,3}\d{2}[\s-]{0,3}\d{2}(?!\w))
    """,
    re.VERBOSE,
)
_REPLACEMENTS = {"login": f"{MASK}@", "query": f"?{MASK}", "email": f"{MASK}@{MASK}"}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def mask_text(text: str) -> str:
    """`text` with telephone numbers, e-mail addresses, tokens, URL queries and URL passwords replaced by `***`."""
    return _PERSONAL.sub(_replace, text)


def _replace(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return match.group() if kind == "keep" else _REPLACEMENTS.get(kind, MASK)


def mask(value: object, *, depth: int = 0) -> Any:
    """What may be printed of `value`, as plain JSON types; never raises.

    Mappings and sequences are followed to a depth of 6 and 100 items each, texts cut at 4,000 characters. An object of
    a type unknown here becomes the name of its type: its `repr` may hold anything.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, (bool, int, float, str)):
        return _mask_scalar(value)
    if isinstance(value, (Mapping, list, tuple, AbstractSet)):
        return _mask_container(value, depth)
    return _mask_object(value)


def _mask_object(value: object) -> Any:
    if isinstance(value, (UUID, datetime, date, time, timedelta, Decimal)):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, BaseException):
        return {"type": type(value).__qualname__, "message": _message_of(value)}
    return f"<{type(value).__qualname__}>"


def _mask_scalar(value: object) -> Any:
    if isinstance(value, str):
        return mask_text(value[:_MAX_TEXT]) + ("…" if len(value) > _MAX_TEXT else "")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _mask_integer(value)
    return value


def _mask_integer(number: int) -> int | str:
    """A Russian telephone number is masked; one beyond 64 bits cannot be printed in reasonable time."""
    if number.bit_length() > _INTEGER_BITS:
        return f"<integer of {number.bit_length()} bits>"
    return MASK if _PERSONAL.fullmatch(str(number)) else number


def _mask_container(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...] | AbstractSet[Any], depth: int) -> Any:
    if depth >= _MAX_DEPTH:
        return f"<{type(value).__qualname__}, {len(value)} items>"
    if isinstance(value, Mapping):
        masked: dict[str, Any] = {}
        for key, item in list(value.items())[:_MAX_ITEMS]:
            name = str(mask(key, depth=depth + 1))
            hidden = item is not None and _is_secret(name)
            masked[name] = MASK if hidden else mask(item, depth=depth + 1)
        return masked
    return [mask(item, depth=depth + 1) for item in list(value)[:_MAX_ITEMS]]


@cache
def _is_secret(key: str) -> bool:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower().replace("-", "_")
    return plain in _SECRET_KEYS or plain.endswith(_SECRET_ENDINGS)


def _message_of(error: BaseException) -> str:
    """The part of an error's message that is safe: all of our own, of Python's without quoted values, else nothing."""
    if isinstance(error, SalonError):
        return mask_text(str(error)[:_MAX_TEXT])
    if type(error).__module__ == "builtins" and not isinstance(error, UnicodeError):
        return _QUOTED.sub(f"'{MASK}'", mask_text(str(error)[:_MAX_TEXT]))
    return MASK


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception for the log: type, safe message, our own frames, and the types of what caused it."""
    frames = [
        f"{frame.filename.rpartition('/python/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename and "/lib/python" not in frame.filename
    ]
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "message": _message_of(error),
        "frames": frames[-_MAX_FRAMES:],
    }
    causes: list[str] = []
    earlier = error.__cause__ or error.__context__
    while earlier is not None and len(causes) < _MAX_DEPTH:
        causes.append(type(earlier).__qualname__)
        earlier = earlier.__cause__ or earlier.__context__
    if causes:
        described["caused_by"] = causes
    return described


class SafeFormatter(LambdaPowertoolsFormatter):
    """Turns a record into one line of JSON: masked, at most 64 KB, with Yandex's words for the levels."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line; whatever is wrong with it, a line comes out."""
        head: dict[str, Any] = {
            "level": _level_word(record.levelno),
            "message": "log.failed",
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "logger": record.__dict__.get("source", record.name),
            "function": _function(),
        }
        ids = correlation.current()
        if ids:
            head["correlation_id"] = ids.correlation_id
            head["tenant_id"] = ids.tenant_id
            if ids.job_id is not None:
                head["job_id"] = ids.job_id
        try:
            return _fit(head, self._body(record, head))
        except Exception as error:  # noqa: BLE001 - a log line must not make a call fail, whatever was logged
            return json.dumps(
                head | {"error": type(error).__qualname__, "location": f"{record.module}:{record.lineno}"}
            )

    def _body(self, record: logging.LogRecord, head: dict[str, Any]) -> dict[str, Any]:
        head["message"] = mask(record.getMessage() if isinstance(record.msg, str) else record.msg)
        keys = {k: v for k, v in self.get_current_keys().items() if k not in _TEMPLATE_KEYS and v is not None}
        data = mask(keys | self.thread_safe_get_current_keys() | record.__dict__.get("data", {}))
        body = {(f"data_{key}" if key in head else key): item for key, item in data.items()}
        body["location"] = f"{record.funcName}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            body["exception"] = _describe(record.exc_info[1])
        return body


def _fit(head: dict[str, Any], body: dict[str, Any]) -> str:
    """The line, its largest values dropped until it is small enough (longer ones Yandex splits as plain text)."""
    line = json.dumps(head | body, separators=(",", ":"))
    if len(line) <= MAX_RECORD_BYTES:
        return line
    by_size = sorted(body, key=lambda key: len(json.dumps(body[key])), reverse=True)
    for key in by_size:
        body[key] = "<too large>"
        line = json.dumps(head | body, separators=(",", ":"))
        if len(line) <= MAX_RECORD_BYTES:
            return line
    return json.dumps({key: str(item)[:200] for key, item in head.items()} | {"truncated": True})


def _level_word(level: int) -> str:
    """The words of Yandex Cloud Logging (facts/yandex.md §1.5)."""
    for floor, word in ((50, "FATAL"), (40, "ERROR"), (30, "WARN"), (20, "INFO"), (10, "DEBUG")):
        if level >= floor:
            return word
    return "TRACE"


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to whatever standard output is at the time of writing: it may be replaced under us."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self.stream = sys.stdout
        super().emit(record)


class Log:
    """A logger for one module: an event's name and keyword data; what may be said is in the module's docstring."""

    __slots__ = ("_source",)

    def __init__(self, source: str) -> None:
        self._source = source

    def debug(self, event: str, **data: object) -> None:
        """For whoever is looking for a fault; off unless asked for."""
        self._write(logging.DEBUG, event, data)

    def info(self, event: str, **data: object) -> None:
        """A fact about normal work; refusals too."""
        self._write(logging.INFO, event, data)

    def warning(self, event: str, *, error: BaseException | None = None, **data: object) -> None:
        """An expected fault: a lock, a provider's 5xx, a duplicate. Nobody is woken."""
        self._write(logging.WARNING, event, data, error)

    def error(self, event: str, *, error: BaseException | None = None, **data: object) -> None:
        """Something that a person must look at; give the exception as `error`."""
        self._write(logging.ERROR, event, data, error)

    def exception(self, event: str, **data: object) -> None:
        """`error` with the exception being handled."""
        self._write(logging.ERROR, event, data, sys.exc_info()[1])

    def _write(self, level: int, event: str, data: dict[str, object], error: BaseException | None = None) -> None:
        _powertools()._logger.log(  # noqa: SLF001 - Logger has no `log`, and its `**kwargs` collide with record fields
            level, event, exc_info=error, extra={"data": data, "source": self._source}, stacklevel=3
        )


@cache
def logger(name: str) -> Log:
    """The logger of the module `name`."""
    return Log(name)


@cache
def _powertools() -> Logger:
    """The one Powertools logger. It does not propagate: the root's handler would print every line again."""
    from salon.platform.settings import environment

    wanted = environment().get("LOG_LEVEL", "")  # RuntimeSettings refuses a senseless one at start
    made = Logger(
        service=_LOGGER_NAME,
        level=cast("Any", wanted if wanted in _LEVELS else "INFO"),
        logger_handler=_StandardOutput(),
        logger_formatter=SafeFormatter(),
    )
    made._logger.propagate = False  # noqa: SLF001 - Powertools offers no switch for it
    return made


@cache
def _function() -> str:
    from salon.platform.settings import environment

    names = environment()
    return names.get("FUNCTION_NAME") or names.get("AWS_LAMBDA_FUNCTION_NAME") or "unknown"


def take_over_root() -> None:
    """Let other people's loggers (boto, httpx, the runtime) write through our formatter, from warnings up.

    Called by the entry points. The handlers that the runtime has put on the root logger stay, they know how to reach
    its log; only what they write changes: by themselves they would print messages unmasked.
    """
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_StandardOutput())
    for handler in root.handlers:
        if not isinstance(handler.formatter, SafeFormatter):
            handler.setFormatter(SafeFormatter())
    root.setLevel(logging.WARNING)
