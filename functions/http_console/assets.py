"""The console's files in memory, and the policy that its page runs under.

A request is looked up by its whole name among the files that were read at start: no path of the file system is ever
made from what somebody asks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from salon.platform.settings import CloudSettings, ConsoleSettings

PAGE = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
"""Texts only: a gateway that is not told of binary types would spoil pictures and fonts; the console needs none."""
YEAR = "public, max-age=31536000, immutable"
HOUR = "public, max-age=3600"
ASK = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file.

    Attributes:
        cache: the value of Cache-Control: what has its content's hash in its name never changes, the page is asked for
            each time, so that a new release is seen at once.
    """

    text: str
    content_type: str
    etag: str
    cache: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files, by their path below the folder."""

    files: Mapping[str, Asset]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Every file of a known type in a folder; none if it was not built."""
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix in TYPES and path.is_file():
                name = path.relative_to(folder).as_posix()
                content = path.read_bytes()
                found[name] = Asset(
                    text=content.decode(),
                    content_type=TYPES[path.suffix],
                    etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
                    cache=YEAR if name.startswith("assets/") else ASK if name == PAGE else HOUR,
                )
        return cls(found)

    def find(self, name: str) -> Asset | None:
        """The file of this name; the page for what only the page's own router knows; None for a file that is not here.

        Addresses of the router have no dot in their last part, files have one.
        """
        if found := self.files.get(name):
            return found
        return None if "." in name.rpartition("/")[2] else self.files.get(PAGE)


def page_policy(console: ConsoleSettings, cloud: CloudSettings) -> str:
    """The Content-Security-Policy: our own code, the API, and the bucket for uploads and pictures; nothing else.

    The bucket is where presigned forms and addresses point (`platform.storage`): the cloud's endpoint, else AWS's own
    for the region.
    """
    endpoint = cloud.s3_endpoint_url or cloud.aws_endpoint_url or f"https://s3.{cloud.aws_region}.amazonaws.com"
    bucket = origin_of(endpoint)
    connected = " ".join(["'self'", *(origin_of(one) for one in console.origins), bucket])
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' {bucket}",
        "connect-src": connected,
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL: what a policy may name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
