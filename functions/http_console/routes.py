"""The routes of http_console: the files of the console, all below /console."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from assets import Asset, Assets
from aws_lambda_powertools.event_handler import Response

from salon.platform.errors import Fault, NotFound
from salon.platform.http import ApiResolver, build_resolver
from salon.platform.http_request import current_request

PREFIX = "/console"


class FileMissing(NotFound):
    """The console has no such file."""

    code = "FILE_MISSING"

    def __init__(self, name: str) -> None:
        super().__init__("file", name)


class ConsoleNotBuilt(Fault):
    """There are no built files: `infra/tools/web.sh` makes them."""

    code = "CONSOLE_NOT_BUILT"


def build_routes(assets: Assets, policy: str) -> ApiResolver:
    """Every address below /console gives a file, or the page that takes it from there."""
    resolver = build_resolver(checks={"files": lambda: _built(assets)}, max_body_bytes=0)

    def serve() -> Response[str]:
        _built(assets)
        request = current_request()
        name = request.path.removeprefix(PREFIX).strip("/")
        asset = assets.find(name)
        if asset is None:
            raise FileMissing(name)
        return _answer(asset, policy, request.headers.get("if-none-match"))

    for rule in (PREFIX, f"{PREFIX}/.*"):
        resolver.route(rule, method=["GET", "HEAD"], include_in_schema=False)(serve)
    return resolver


def _built(assets: Assets) -> None:
    if not assets.files:
        raise ConsoleNotBuilt("The console was not built.")


def _answer(asset: Asset, policy: str, known: str | None) -> Response[Any]:
    headers = {
        "Cache-Control": asset.cache,
        "ETag": asset.etag,
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if known is not None and asset.etag in {one.strip().removeprefix("W/") for one in known.split(",")}:
        return Response(HTTPStatus.NOT_MODIFIED, asset.content_type, "", headers=dict(headers))
    return Response(HTTPStatus.OK, asset.content_type, asset.text, headers=dict(headers))
