"""Keeps object storage between runs: LocalStack forgets, so a folder remembers.

`<folder>/<bucket>/<key>` holds the objects and `<folder>/<bucket>.json` their types and metadata. Restoring comes
before the deployment: the buckets survive it, and objects put before their triggers exist fire no events.
"""

import dataclasses
import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

MIRROR_SECONDS = 2.0
MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}
# Starts the name of a file that is being written. A key that starts so is escaped like the other special names.
PARTIAL = ".partial-"
EMPTY_PART = "%"
Manifest = dict[str, dict[str, Any]]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Mirrored:
    """What a pass over the buckets changed in the folder."""

    copied: int
    removed: int


def restore(s3: Any, folder: Path) -> int:
    """Create every bucket of the folder and put its objects; returns their number.

    Args:
        s3: A boto3 client of an empty LocalStack.
        folder: The folder of buckets; need not exist.
    """
    count = 0
    for bucket_folder in sorted(folder.glob("*/")):
        bucket = bucket_folder.name
        s3.create_bucket(Bucket=bucket)
        manifest = _manifest(folder, bucket)
        for file in sorted(path for path in bucket_folder.rglob("*") if _is_object(path)):
            key = _key(file.relative_to(bucket_folder))
            kept = manifest.get(key, {})
            content_type = kept.get("content_type", "application/octet-stream")
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=file.read_bytes(),
                ContentType=content_type,
                Metadata=kept.get("metadata", {}),
            )
            count += 1
    return count


def mirror(s3: Any, folder: Path) -> Mirrored:
    """Copy what is new or changed in any bucket to the folder, and remove there what is gone here.

    An object that vanishes while it is copied counts as gone; two-step names, so a crash leaves no half file.
    """
    copied = removed = 0
    for bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]:
        (folder / bucket).mkdir(parents=True, exist_ok=True)
        old = _manifest(folder, bucket)
        new: Manifest = {}
        for key, etag in _objects(s3, bucket):
            file = folder / bucket / _path(key)
            if old.get(key, {}).get("etag") == etag and file.exists():
                new[key] = old[key]
                continue
            described = _copy(s3, bucket, key, file)
            if described is not None:
                new[key] = described
                copied += 1
        for key in old.keys() - new.keys():
            (folder / bucket / _path(key)).unlink(missing_ok=True)
            removed += 1
        if new != old:
            _write(folder / f"{bucket}.json", json.dumps(new, ensure_ascii=False, indent=1).encode())
    return Mirrored(copied, removed)


class Mirror:
    """Mirrors the buckets every two seconds in the background, for one life of a LocalStack."""

    def __init__(self, s3: Any, folder: Path) -> None:
        """Start mirroring.

        Args:
            s3: A boto3 client of a LocalStack whose buckets were restored from the folder.
            folder: The folder of buckets.
        """
        self._s3 = s3
        self._folder = folder
        self._stopped = threading.Event()
        self._pass = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="bucket-mirror", daemon=True)
        self._thread.start()

    def now(self) -> None:
        """Make one pass; a LocalStack that is going away is no error."""
        try:
            with self._pass:
                mirror(self._s3, self._folder)
        except (ClientError, BotoCoreError) as error:
            _log.debug("buckets not mirrored: %s", error)
        except OSError:
            _log.exception("buckets not mirrored to %s", self._folder)

    def stop(self, *, last_pass: bool = True) -> None:
        """End, after a last pass unless LocalStack is gone."""
        self._stopped.set()
        self._thread.join()
        if last_pass:
            self.now()

    def _loop(self) -> None:
        while not self._stopped.wait(MIRROR_SECONDS):
            self.now()


def _objects(s3: Any, bucket: str) -> Iterator[tuple[str, str]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            yield item["Key"], item["ETag"]


def _copy(s3: Any, bucket: str, key: str, file: Path) -> dict[str, Any] | None:
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
        content = found["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise
    _write(file, content)
    return {"etag": found["ETag"], "content_type": found["ContentType"], "metadata": found["Metadata"]}


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{PARTIAL}{hashlib.sha256(file.name.encode()).hexdigest()[:16]}")
    fresh.write_bytes(content)
    fresh.replace(file)


def _manifest(folder: Path, bucket: str) -> Manifest:
    file = folder / f"{bucket}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def _path(key: str) -> Path:
    """A relative path for a key: readable where it can be, and never outside the folder."""
    return Path(*(_escaped(part) for part in key.split("/")))


def _escaped(part: str) -> str:
    # "%2e", "%2e%2e" and so on; an empty part, as in "a//b", is not a file name at all.
    if part == "":
        return EMPTY_PART
    special = part in (".", "..") or part.startswith(PARTIAL)
    return "".join(
        f"%{ord(sign):02x}" if sign in "%\0" or sign < " " or (special and sign == ".") else sign for sign in part
    )


def _key(path: Path) -> str:
    return "/".join("" if part == EMPTY_PART else unquote(part) for part in path.parts)


def _is_object(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(PARTIAL)
