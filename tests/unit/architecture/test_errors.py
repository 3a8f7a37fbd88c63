"""The tree of errors: a stable code for each, an HTTP status for each refusal, no code with two meanings."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from http import HTTPStatus

import salon
from salon.platform.errors import Fault, Refusal, SalonError
from salon.platform.http_problems import status_of


def every_error() -> list[type[SalonError]]:
    for module in pkgutil.walk_packages(salon.__path__, "salon."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = [], [SalonError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return [error for error in found if error.__module__.startswith("salon.")]


def test_every_error_has_a_code_of_its_own():
    errors = every_error()
    assert len(errors) > 20
    assert [error.__qualname__ for error in errors if "code" not in vars(error)] == []
    assert [
        error.code for error in errors if not error.code.replace("_", "").isalnum() or not error.code.isupper()
    ] == []


def test_a_code_has_one_meaning():
    meanings = defaultdict(list)
    for error in every_error():
        meanings[error.code].append(f"{error.__module__}.{error.__qualname__}")
    assert {code: classes for code, classes in meanings.items() if len(classes) > 1} == {}


def test_every_refusal_has_a_status_of_a_refusal():
    refusals = [error for error in every_error() if issubclass(error, Refusal) and error is not Refusal]
    statuses = {error.__qualname__: status_of(error) for error in refusals}
    # 422 is kept for what does not fit the schema; the standard of the header gives it to a key that was used before
    assert statuses.pop("IdempotencyKeyReused") is HTTPStatus.UNPROCESSABLE_ENTITY
    shape = HTTPStatus.UNPROCESSABLE_ENTITY
    assert {name: status for name, status in statuses.items() if not 400 <= status < 500 or status == shape} == {}


def test_nothing_is_both_a_refusal_and_a_fault():
    assert [error for error in every_error() if issubclass(error, Refusal) and issubclass(error, Fault)] == []
