"""The processes of one function: reused, capped, replaced when they die. Who finds none free waits."""

import threading
import time

from .instance import Instance, InstanceGone, InvocationFailed, Launch, Outcome
from .runtime_api import Invocation

# The gateway gives up after 29 s and a queue's visibility is longer: waiting longer than a minute serves nobody.
WAIT_SECONDS = 60.0
ATTEMPTS = 3


class Pool:
    """At most `cap` processes of one function."""

    def __init__(self, launch: Launch, cap: int) -> None:
        """Describe the pool; processes start when they are needed."""
        self.launch = launch
        self._cap = cap
        self._changed = threading.Condition()
        self._idle: list[Instance] = []
        self._all: set[Instance] = set()
        self._starting = 0
        self._closed = False

    @property
    def size(self) -> int:
        """Processes that run or start."""
        with self._changed:
            return len(self._all) + self._starting

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run one event in a free process, in a new one below the cap, or wait for one.

        Raises:
            InvocationFailed: The function gave no answer, or no process came free in a minute.
        """
        for _ in range(ATTEMPTS):
            instance = self._borrow()
            try:
                return instance.invoke(invocation)
            except InstanceGone:
                continue
            finally:
                self._give_back(instance)
        raise InvocationFailed("Runtime.ExitError", f"processes of {self.launch.function} die while idle")

    def warm(self) -> None:
        """Start one process and wait until it is ready, if there is none.

        Raises:
            InvocationFailed: It could not be imported.
        """
        if self.size:
            return
        instance = self._borrow()
        try:
            instance.wait_until_ready()
        finally:
            self._give_back(instance)

    def shrink(self, size: int) -> None:
        """Stop idle processes above this number."""
        with self._changed:
            surplus = []
            while self._idle and len(self._all) > size:
                surplus.append(self._idle.pop())
                self._all.discard(surplus[-1])
            self._changed.notify_all()
        for instance in surplus:
            instance.stop()

    def close(self) -> None:
        """Stop every process; whoever waits or runs gets an error."""
        with self._changed:
            self._closed = True
            instances = list(self._all)
            self._all.clear()
            self._idle.clear()
            self._changed.notify_all()
        for instance in instances:
            instance.stop()

    def _borrow(self) -> Instance:
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while True:
                if self._closed:
                    raise InvocationFailed("Sandbox.Stopped", f"{self.launch.function} is being stopped")
                if self._idle:
                    return self._idle.pop()
                if len(self._all) + self._starting < self._cap:
                    self._starting += 1
                    break
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    message = f"no process of {self.launch.function} came free in {WAIT_SECONDS:.0f} s"
                    raise InvocationFailed("TooManyRequestsException", message)
        return self._start()

    def _start(self) -> Instance:
        instance = None
        try:
            instance = Instance(self.launch)
        except OSError as error:
            raise InvocationFailed("Runtime.StartError", f"cannot start {self.launch.interpreter}: {error}") from error
        finally:
            with self._changed:
                self._starting -= 1
                if instance is not None:
                    self._all.add(instance)
                self._changed.notify_all()
        return instance

    def _give_back(self, instance: Instance) -> None:
        with self._changed:
            if instance.alive and not self._closed:
                self._idle.append(instance)
                keep = True
            else:
                self._all.discard(instance)
                keep = False
            self._changed.notify_all()
        if not keep:
            instance.stop()
