"""All HTTP functions behind one loopback address, by the routes of template.yaml: what a browser opens."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.local.template import read_template
from support.cloud import Cloud
from support.functions import ROOT, folder_of

PUBLIC = {"Ref": "HttpApi"}


def public_routes() -> list[tuple[str, str]]:
    """(path, function) of the public API; what ends in a slash stands for everything below it. The longest first."""
    found = {}
    for resource in read_template(ROOT / "template.yaml")["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == "Api" and event["Properties"].get("RestApiId") == PUBLIC:
                found[event["Properties"]["Path"].partition("{")[0]] = folder_of(resource)
    return sorted(found.items(), key=lambda route: len(route[0]), reverse=True)


def function_of(path: str, routes: list[tuple[str, str]]) -> str | None:
    """Who answers a path, as the gateway chooses: the longest route that fits; its last slash counts for nothing."""
    for route, function in routes:
        if path.rstrip("/") == route.rstrip("/") or (route.endswith("/") and path.startswith(route)):
            return function
    return None


@contextlib.contextmanager
def front_door(cloud: Cloud) -> Iterator[str]:
    """The address, while it is open."""
    routes = public_routes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            function = function_of(self.path.partition("?")[0], routes)
            if function is None:
                self.send_error(404)
                return
            answer = cloud.request(function, self.command, self.path, body=body, headers=dict(self.headers.items()))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
