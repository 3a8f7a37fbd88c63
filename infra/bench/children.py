"""Measures in processes of their own: nothing that one part loads or prints reaches another."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

WAIT_SECONDS = 240.0
Given = ParamSpec("Given")
Found = TypeVar("Found")
_CONTEXT = multiprocessing.get_context("spawn")


class ChildFailed(RuntimeError):
    """A measuring process ended without a result; its own words stand on standard error."""


class Child:
    """A process that prepares itself, waits for `go` at its gate, works, and hands over its result."""

    def __init__(self, function: Callable[..., Any], *given: Any) -> None:
        self._pipe, other = _CONTEXT.Pipe()
        self._process: BaseProcess = _CONTEXT.Process(target=_run, args=(other, function, given), daemon=True)
        self._process.start()
        other.close()

    def go(self) -> None:
        """Let it start with what was prepared."""
        self._pipe.send("go")

    def send(self, work: object) -> None:
        """Hand it something to work on: what its `receive` returns."""
        self._pipe.send(work)

    def take(self) -> Any:
        """The next thing it sends: what it has prepared, or its result.

        Raises:
            ChildFailed: it ended before, or takes too long.
        """
        if not self._pipe.poll(WAIT_SECONDS):
            raise ChildFailed(f"The measuring process {self._process.pid} does not answer.")
        try:
            return self._pipe.recv()
        except EOFError:
            self._process.join()
            raise ChildFailed(f"The measuring process ended with status {self._process.exitcode}.") from None

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self._process.terminate()
        self._process.join()
        self._pipe.close()


class Gate:
    """The child's side of the pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def announce(self, prepared: object) -> None:
        """Hand something over and go on."""
        self._pipe.send(prepared)

    def receive(self) -> Any:
        """The next thing to work on; waits for it."""
        return self._pipe.recv()

    def pass_through(self) -> None:
        """Tell that all is prepared, and wait for `go`."""
        self._pipe.send("ready")
        self._pipe.recv()


def in_fresh_process(function: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """Call a function of a module in a new process whose standard output goes nowhere, and return what it returns.

    Raises:
        ChildFailed: it raised.
    """
    child = Child(_without_gate, function, given, named)
    try:
        result: Found = child.take()
        return result
    finally:
        child.stop()


def _without_gate(_gate: Gate, function: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return function(*given, **named)


def _run(pipe: Connection, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """Standard output is the bench's table: whatever a measured handler logs is written, but nowhere."""
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    pipe.send(function(Gate(pipe), *given))
    pipe.close()
