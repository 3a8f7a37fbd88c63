"""The front proxy: what goes in comes out."""

import http.client
import http.server
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.proxy import FrontProxy


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    together = threading.Barrier(50)

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/break"):
            self.close_connection = True
            return
        if self.path.endswith("/together"):
            self.together.wait(30)
        if self.path.endswith("/nothing"):
            self.send_response(204)
            self.end_headers()
            return
        seen = json.dumps(
            {"line": self.requestline, "headers": [[k.lower(), v] for k, v in self.headers.items()], "body": body.hex()}
        ).encode()
        self.send_response(207)
        self.send_header("Content-Length", str(len(seen)))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(seen)

    def log_message(self, *_):
        pass


for method in ("GET", "HEAD", "POST", "PATCH", "DELETE"):
    setattr(Echo, f"do_{method}", Echo.answer)


class Upstream(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@pytest.fixture
def upstream():
    server = Upstream(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy():
    door = FrontProxy()
    yield door
    door.stop()


def ask(proxy, method, path, body=None, headers=None, **options):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers or {}, **options)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_answers_are_asked_for_uncompressed(proxy, upstream):
    """LocalStack would hand on the Base64 of a compressed text as the text."""
    proxy.point_at(upstream.server_address[1], "/Prod")

    _, _, content = ask(proxy, "GET", "/", headers={"Accept-Encoding": "gzip, br", "Accept": "text/css"})

    sent = dict(json.loads(content)["headers"])
    assert "accept-encoding" not in sent
    assert sent["accept"] == "text/css"


def test_method_path_query_headers_and_bytes_pass_unchanged(proxy, upstream):
    proxy.point_at(upstream.server_port, "/_aws/execute-api/abc/Prod/")
    body = bytes(range(256))
    status, headers, content = ask(
        proxy, "PATCH", "/v1/%D0%B0%2Fb?x=1&x=%2B&y=", body, {"X-Salon": "ж".encode(), "Connection": "x-private",
        "X-Private": "no", "Content-Type": "application/octet-stream", "Host": "salon.example"},
    )  # fmt: skip
    seen = json.loads(content)
    sent = dict(seen["headers"])
    assert status == 207
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert seen["line"] == "PATCH /_aws/execute-api/abc/Prod/v1/%D0%B0%2Fb?x=1&x=%2B&y= HTTP/1.1"
    assert bytes.fromhex(seen["body"]) == body
    assert sent["x-salon"].encode("latin-1").decode() == "ж"
    assert sent["host"] == f"127.0.0.1:{upstream.server_port}"
    assert sent["x-forwarded-host"] == "salon.example"
    assert "x-private" not in sent


def test_chunked_bodies_heads_and_empty_answers(proxy, upstream):
    proxy.point_at(upstream.server_port, "")
    _, _, content = ask(proxy, "POST", "/in", iter([b"ab", b"c" * 70000]), encode_chunked=True,
                        headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert bytes.fromhex(json.loads(content)["body"]) == b"ab" + b"c" * 70000
    status, headers, content = ask(proxy, "HEAD", "/")
    assert (status, content) == (207, b"")
    assert int(headers["Content-Length"]) > 0
    assert ask(proxy, "DELETE", "/nothing")[::2] == (204, b"")


def test_a_cloud_that_is_away_is_explained(proxy, upstream):
    status, headers, content = ask(proxy, "GET", "/")
    assert (status, headers["Retry-After"]) == (503, "1")
    assert b"restarting" in content
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy.point_at(closed.getsockname()[1], "")
        assert ask(proxy, "GET", "/")[0] == 503
    proxy.point_at(upstream.server_port, "")
    status, _, content = ask(proxy, "GET", "/break")
    assert status == 502
    assert b"broke off" in content
    assert ask(proxy, "POST", "/", b"", {"Content-Length": "99999999999"})[0] == 400


def test_fifty_requests_are_held_at_once(proxy, upstream):
    proxy.point_at(upstream.server_port, "")
    with ThreadPoolExecutor(50) as crowd:
        found = list(crowd.map(lambda _: ask(proxy, "GET", "/together")[0], range(50)))
    assert found == [207] * 50
