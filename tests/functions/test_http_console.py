"""The console's files as the gateway asks for them: types, caches, policy, addresses of the page's own router."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from types import ModuleType

import pytest

from salon.platform.settings import CloudSettings, ConsoleSettings
from support.cloud_events import Context, http_event
from support.functions import ROOT, load_routes

FILES = {
    "index.html": "<!doctype html><title>Салон</title>",
    "assets/index-a1b2c3.js": "console.log('готово')",
    "assets/index-a1b2c3.css": "body{}",
    "favicon.svg": "<svg/>",
    "notes.md": "is not served",
    ".made-of": "is not served",
}


@contextlib.contextmanager
def assets_module() -> Iterator[ModuleType]:
    folder = str(ROOT / "functions" / "http_console")
    sys.path.insert(0, folder)
    try:
        yield importlib.import_module("assets")
    finally:
        sys.path.remove(folder)
        sys.modules.pop("assets", None)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (tmp_path / "secret.js").write_text("not below the folder")
    return folder


def open_console(folder: Path, *, origins: str = "", cloud: CloudSettings | None = None):
    with assets_module() as module:
        assets = module.Assets.read(folder)
        policy = module.page_policy(ConsoleSettings(console_origins=origins), cloud or CloudSettings())
    resolver = load_routes("http_console", assets, policy)

    def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        answer = resolver.resolve(http_event(method, path, headers=headers), Context())
        return (
            answer["statusCode"],
            {name.lower(): values[-1] for name, values in answer["multiValueHeaders"].items()},
            answer["body"],
        )

    return ask


@pytest.mark.parametrize(
    ("path", "name", "content_type", "cache"),
    [
        ("/console", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/console/", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/console/index.html", "index.html", "text/html; charset=utf-8", "no-cache"),
        (
            "/console/invoices/01900000-0000-7000-8000-0000",
            "index.html",
            "text/html; charset=utf-8",
            "no-cache",
        ),
        (
            "/console/assets/index-a1b2c3.js",
            "assets/index-a1b2c3.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "/console/assets/index-a1b2c3.css",
            "assets/index-a1b2c3.css",
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("/console/favicon.svg", "favicon.svg", "image/svg+xml", "public, max-age=3600"),
    ],
)
def test_a_file_comes_with_its_type_and_as_long_as_it_may_be_kept(built, path, name, content_type, cache):
    status, headers, body = open_console(built)(path)
    assert (status, body) == (HTTPStatus.OK, FILES[name])
    assert (headers["content-type"], headers["cache-control"]) == (content_type, cache)
    assert headers["x-content-type-options"] == "nosniff"


def test_what_the_browser_has_already_is_not_sent_again(built):
    ask = open_console(built)
    _, headers, _ = ask("/console/")
    assert ask("/console/", **{"If-None-Match": f'"other", W/{headers["etag"]}'})[::2] == (HTTPStatus.NOT_MODIFIED, "")
    assert ask("/console/", **{"If-None-Match": '"other"'})[0] == HTTPStatus.OK


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/index-0ld.js",
        "/console/notes.md",
        "/console/.made-of",
        "/console/../secret.js",
        "/console/..%2fsecret.js",
        "/console/assets/../../secret.js",
        "/console//etc/passwd.js",
        "/secret.js",
        "/consoles.js",
    ],
)
def test_nothing_else_is_given_out(built, path):
    status, headers, body = open_console(built)(path)
    assert status == HTTPStatus.NOT_FOUND
    assert headers["content-type"] == "application/problem+json"
    assert "not below" not in body


def test_the_page_may_speak_to_the_api_and_to_the_bucket_only(built):
    own = CloudSettings(aws_endpoint_url="http://127.0.0.1:4566/")
    _, headers, _ = open_console(built, origins=" https://api.example.ru/v1 ,", cloud=own)("/console/")
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["connect-src"] == "'self' https://api.example.ru http://127.0.0.1:4566"
    assert rules["img-src"] == "'self' http://127.0.0.1:4566"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    _, headers, _ = open_console(built)("/console/")
    assert "connect-src 'self' https://s3.ru-central1.amazonaws.com;" in headers["content-security-policy"]


def test_a_console_that_was_not_built_says_so(tmp_path):
    ask = open_console(tmp_path)
    assert ask("/console/")[0] == HTTPStatus.SERVICE_UNAVAILABLE
    assert '"CONSOLE_NOT_BUILT"' in ask("/console/")[2]
    assert ask("/readyz")[0] == HTTPStatus.SERVICE_UNAVAILABLE


def test_it_is_read_only(built):
    assert open_console(built)("/console/", "POST")[0] == HTTPStatus.NOT_FOUND
