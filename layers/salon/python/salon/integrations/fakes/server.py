"""What the fake answers over HTTP: reads a request, lets faults strike, has the dialect carry it out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from salon.integrations.fakes.faults import CORE_FAULTS, ApiCall, Fault, FaultKind
from salon.integrations.fakes.screen import Screen
from salon.integrations.fakes.serving import Serving
from salon.integrations.fakes.wire import Answer, ApiRefusal, Request


class FakeMessenger(Screen):
    """A whole fake, once a dialect has filled in the hooks. `start_server` or `running()` opens the HTTP side."""

    _serving: Serving | None = None

    def start_server(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve the API, and begin to deliver events; the base URL.

        Args:
            port: 0 takes a free one.
            host: the loopback interface unless told otherwise.
        """
        self._serving = Serving(self, f"fake-{self.provider}", port=port, host=host)
        self._start_world()
        return self.base_url

    def stop_server(self) -> None:
        """Stop serving and delivering, save the state. Harmless when nothing runs."""
        serving, self._serving = self._serving, None
        if serving is None:
            return
        serving.stop()
        self._stop_world()

    @property
    def is_serving(self) -> bool:
        """Whether the HTTP side is open."""
        return self._serving is not None

    @property
    def base_url(self) -> str:
        """What the product's base URL setting has to be.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._serving is None:
            raise RuntimeError("The fake does not run; start_server() first.")
        return self._serving.base_url

    @property
    def media_host(self) -> str:
        """`host:port`, for the allow-list of media hosts (`extra_hosts`)."""
        return self.base_url.partition("://")[2]

    @contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve within a `with` block; gives the base URL."""
        try:
            yield self.start_server(port)
        finally:
            self.stop_server()

    def call_of(self, request: Request, method: str, *, token: str = "", **known: Any) -> ApiCall:
        """The call that `request` makes, with all its parameters and files; for `read_call`.

        Raises:
            ValueError, RecursionError: the body is not what its type says; answered with `unreadable`.
        """
        params, parts = request.params(), request.parts()
        shown = {name: {"name": part.name, "size": len(part.data)} for name, part in parts.items()}
        call = ApiCall(self.now(), token, method, {**params, **shown}, parts=parts, headers=request.headers)
        call.chat_id = str(known.pop("chat_id", None) or params.get("chat_id") or "")
        for name, value in known.items():
            setattr(call, name, value)
        return call

    def unreadable(self) -> Answer:
        """What a body that cannot be read is answered with."""
        return Answer.json({"error": "can't parse the request"}, 400)

    def carry_out_public(self, call: ApiCall) -> Answer:
        """Give the file at `params["path"]`; 404 when it is not there or has expired."""
        file = self.file_at(str(call.params.get("path") or ""))
        return Answer.text("Not Found", 404) if file is None else Answer(200, file.data, file.mime)

    def respond(self, request: Request, stopping: threading.Event) -> Answer | None:
        """The answer to a request; None breaks the connection."""
        try:
            call = self.read_call(request)
        except (ValueError, RecursionError):
            return self.unreadable()
        if isinstance(call, Answer):
            return call
        with self.lock:
            self.calls.append(call)
            found = self.state.accounts.get(call.account) or self.account_with(call.token)
        if found is None and not call.is_public:
            return self._noted(call, self.refusal(Fault(FaultKind.UNAUTHORIZED), call))
        call.account = found.key if found else ""
        fault = self.flood_of(call) or self.take_fault(call)
        call.fault = fault.kind if fault else None
        if fault and fault.kind is FaultKind.DROP_BEFORE:
            return None
        if fault and fault.kind is FaultKind.SERVER_ERROR:
            return self._noted(call, Answer(500, self.error_page, "text/html"))
        if fault and fault.kind not in CORE_FAULTS:
            return self._noted(call, self.refusal(fault, call))
        self.run_hooks("before", call)
        try:
            with nullcontext() if call.method in self.unlocked else self.lock:
                answer = self.carry_out(found, call) if found else self.carry_out_public(call)
        except ApiRefusal as refused:
            answer = refused.answer
        self._noted(call, answer)
        self.run_hooks("after", call)
        if fault and fault.kind is FaultKind.DROP_AFTER:
            return None
        if fault and fault.kind is FaultKind.SLOW:
            stopping.wait(fault.seconds)
        return answer

    @staticmethod
    def _noted(call: ApiCall, answer: Answer) -> Answer:
        call.status, call.answer, call.parts = answer.status, answer.value, {}
        return answer
