"""Starts child processes from one thread that lives as long as this process."""

import os
import queue
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future

Start = Callable[[], "subprocess.Popen[bytes]"]


class Spawner:
    """The kernel sends a parent-death signal when the *thread* that started the child ends, not its process.

    A child started from a short-lived thread, such as one that serves a request, would die with that thread.
    """

    def __init__(self) -> None:
        """Nothing starts before the first `run`."""
        self._work: queue.SimpleQueue[tuple[Start, Future[subprocess.Popen[bytes]]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process_id = 0

    def run(self, start: Start) -> "subprocess.Popen[bytes]":
        """Call `start` in the lasting thread; returns or raises what it does."""
        with self._lock:
            if self._process_id != os.getpid():  # first use, or a fork left the thread behind
                self._process_id = os.getpid()
                self._work = queue.SimpleQueue()
                threading.Thread(target=self._loop, name="spawner", daemon=True).start()
        done: Future[subprocess.Popen[bytes]] = Future()
        self._work.put((start, done))
        return done.result()

    def _loop(self) -> None:
        work = self._work
        while True:
            start, done = work.get()
            try:
                done.set_result(start())
            except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
                done.set_exception(error)


SPAWNER = Spawner()
