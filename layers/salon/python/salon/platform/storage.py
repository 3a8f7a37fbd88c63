"""Object storage: a port bound to one bucket, the S3 adapter (AWS, LocalStack, Yandex Object Storage) and a fake.

Keys are made by us and carry ids only; what a person called a file is in PostgreSQL (DESIGN §2, law 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from salon.platform.aws import client
from salon.platform.errors import Fault, Invalid, NotFound
from salon.platform.settings import CloudSettings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_CHUNK = 64 * 1024


class ObjectMissing(NotFound):
    """There is no object with this key."""

    code = "OBJECT_MISSING"

    def __init__(self, key: str) -> None:
        super().__init__("object", key)


class ObjectTooLarge(Invalid):
    """The object is larger than the caller takes."""

    code = "OBJECT_TOO_LARGE"


class StorageUnavailable(Fault):
    """The storage service failed or refused."""

    code = "STORAGE_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it.

    Attributes:
        size: bytes.
        content_type: as stated by who put it; None in listings, which do not tell.
    """

    key: str
    size: int
    etag: str
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form by which somebody without keys may put exactly one object.

    Attributes:
        url: where to POST it, as multipart/form-data.
        fields: sent before the field `file`, all of them, unchanged.
    """

    url: str
    fields: dict[str, str]


class ObjectStorage(Protocol):
    """One bucket."""

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store an object, replacing one of the same key.

        Raises:
            StorageUnavailable: it was not stored.
        """
        ...

    def get(self, key: str, *, max_bytes: int) -> bytes:
        """Read an object.

        Raises:
            ObjectMissing: there is none.
            ObjectTooLarge: it has more than `max_bytes`; no more than that was read.
            StorageUnavailable: it cannot be read now.
        """
        ...

    def head(self, key: str) -> ObjectInfo:
        """Size and type of an object.

        Raises:
            ObjectMissing: there is none.
            StorageUnavailable: it cannot be asked for now.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        ...

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """The objects whose keys begin with `prefix`, by key."""
        ...

    def presigned_get(self, key: str, *, expires_s: int, download_as: str | None = None) -> str:
        """A URL by which anybody may read this object for `expires_s` seconds."""
        ...

    def presigned_post(
        self, key: str, *, content_type: str, max_bytes: int, expires_s: int, min_bytes: int = 1
    ) -> UploadForm:
        """A form that admits this key, this content type and this range of sizes, and nothing else."""
        ...


class S3Storage:
    """A bucket of an S3-compatible service."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store an object."""
        with _faults(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    def get(self, key: str, *, max_bytes: int) -> bytes:
        """Read an object; what the service says of its size is not trusted alone."""
        with _faults(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            body = answer["Body"]
            try:
                data = b"" if answer["ContentLength"] > max_bytes else body.read(max_bytes + 1)
            finally:
                body.close()
        if answer["ContentLength"] > max_bytes or len(data) > max_bytes:
            raise ObjectTooLarge(f"The object {key} has more than {max_bytes} bytes.")
        return data

    def head(self, key: str) -> ObjectInfo:
        """Size and type."""
        with _faults(key):
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        return ObjectInfo(key, answer["ContentLength"], answer["ETag"].strip('"'), answer["ContentType"])

    def delete(self, key: str) -> None:
        """Remove an object."""
        with _faults(key):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Objects by prefix, page by page."""
        with _faults(prefix):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield ObjectInfo(item["Key"], item["Size"], item["ETag"].strip('"'))

    def presigned_get(self, key: str, *, expires_s: int, download_as: str | None = None) -> str:
        """A URL to read it."""
        parameters = {"Bucket": self._bucket, "Key": key}
        if download_as is not None:
            parameters["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(download_as, safe='')}"
        with _faults(key):
            return self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires_s)

    def presigned_post(
        self, key: str, *, content_type: str, max_bytes: int, expires_s: int, min_bytes: int = 1
    ) -> UploadForm:
        """A form to put it. The exact key must hold no `${filename}`: boto would turn it into a prefix condition."""
        if "${filename}" in key:
            raise Invalid("An upload's key is exact.")
        with _faults(key):
            answer = self._client.generate_presigned_post(
                self._bucket,
                key,
                Fields={"Content-Type": content_type},
                Conditions=[{"Content-Type": content_type}, ["content-length-range", min_bytes, max_bytes]],
                ExpiresIn=expires_s,
            )
        return UploadForm(answer["url"], answer["fields"])


@contextmanager
def _faults(key: str) -> Iterator[None]:
    """Every failure of the client as ours; the message keeps the service's word for it and nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        if code in _MISSING:
            raise ObjectMissing(key) from error
        raise StorageUnavailable(f"The storage refused: {code}.") from error
    except (BotoCoreError, HTTPClientError) as error:
        raise StorageUnavailable(f"The storage did not answer: {type(error).__name__}.") from error


@dataclass
class _Stored:
    data: bytes
    content_type: str


@dataclass
class MemoryStorage:
    """A fake bucket in memory. Its forms and URLs lead nowhere; `accept` plays the service that takes a form."""

    objects: dict[str, _Stored] = field(default_factory=dict)

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Keep an object."""
        self.objects[key] = _Stored(bytes(data), content_type)

    def get(self, key: str, *, max_bytes: int) -> bytes:
        """Read an object."""
        stored = self._stored(key)
        if len(stored.data) > max_bytes:
            raise ObjectTooLarge(f"The object {key} has more than {max_bytes} bytes.")
        return stored.data

    def head(self, key: str) -> ObjectInfo:
        """Size and type."""
        stored = self._stored(key)
        return _info(key, stored, stored.content_type)

    def delete(self, key: str) -> None:
        """Forget an object."""
        self.objects.pop(key, None)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Objects by prefix."""
        return iter([_info(key, self.objects[key], None) for key in sorted(self.objects) if key.startswith(prefix)])

    def presigned_get(self, key: str, *, expires_s: int, download_as: str | None = None) -> str:
        """A URL that shows what was asked for."""
        return f"memory://bucket/{key}?expires={expires_s}" + (f"&as={download_as}" if download_as else "")

    def presigned_post(
        self, key: str, *, content_type: str, max_bytes: int, expires_s: int, min_bytes: int = 1
    ) -> UploadForm:
        """A form that `accept` understands."""
        limits = {"min": str(min_bytes), "max": str(max_bytes), "expires": str(expires_s)}
        return UploadForm("memory://bucket", {"key": key, "Content-Type": content_type, **limits})

    def accept(self, form: UploadForm, data: bytes) -> bool:
        """Put what a person sends with the form, if its size is admitted."""
        if not int(form.fields["min"]) <= len(data) <= int(form.fields["max"]):
            return False
        self.put(form.fields["key"], data, content_type=form.fields["Content-Type"])
        return True

    def _stored(self, key: str) -> _Stored:
        if key not in self.objects:
            raise ObjectMissing(key)
        return self.objects[key]


def _info(key: str, stored: _Stored, content_type: str | None) -> ObjectInfo:
    etag = hashlib.md5(stored.data, usedforsecurity=False).hexdigest()
    return ObjectInfo(key, len(stored.data), etag, content_type)


@cache
def s3_client(settings: CloudSettings) -> S3Client:
    """The client for the settings' cloud, made once for each process.

    Signature, checksums and addressing are what AWS, LocalStack and Yandex all take (facts/yandex.md §6).
    """
    made: S3Client = client(
        "s3",
        settings,
        endpoint_url=settings.s3_endpoint_url or settings.aws_endpoint_url,
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        connect_timeout=2,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return made
