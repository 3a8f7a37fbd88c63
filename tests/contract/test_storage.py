"""One contract for every object storage: the fake, moto, and a LocalStack of its own."""

import base64
import json
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest

from salon.platform.errors import Invalid
from salon.platform.settings import CloudSettings
from salon.platform.storage import (
    MemoryStorage,
    ObjectMissing,
    ObjectTooLarge,
    S3Storage,
    StorageUnavailable,
    s3_client,
)

pytestmark = pytest.mark.enable_socket
REGION = "eu-central-1"  # moto knows AWS's own regions only
KEY = "tenants/01957d3e/uploads/01957d3f накладная+1 %20.jpg"


def bucket_at(url):
    client = s3_client(CloudSettings(s3_endpoint_url=url, aws_region=REGION))
    bucket = f"contract-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3Storage(client, bucket)


@pytest.fixture
def s3(moto):
    return bucket_at(moto)


@pytest.fixture(params=["memory", "moto", pytest.param("localstack", marks=pytest.mark.localstack)])
def storage(request):
    match request.param:
        case "memory":
            return MemoryStorage()
        case "moto":
            return request.getfixturevalue("s3")
    request.getfixturevalue("keys")
    url = request.getfixturevalue("localstack_url")
    return bucket_at(url)


class TestObjectStorage:
    def test_what_is_put_can_be_read_and_asked_about(self, storage):
        storage.put(KEY, b"\x00\xff picture", content_type="image/jpeg")

        info = storage.head(KEY)
        assert storage.get(KEY, max_bytes=10_000) == b"\x00\xff picture"
        assert (info.key, info.size, info.content_type) == (KEY, 10, "image/jpeg")
        assert info.etag == next(storage.list(KEY)).etag

    def test_a_second_put_replaces_the_first(self, storage):
        storage.put(KEY, b"one", content_type="text/plain")
        storage.put(KEY, b"", content_type="text/html")

        assert storage.get(KEY, max_bytes=10) == b""
        assert storage.head(KEY).content_type == "text/html"

    def test_what_is_not_there_is_missing(self, storage):
        for ask in (lambda: storage.get(KEY, max_bytes=10), lambda: storage.head(KEY)):
            with pytest.raises(ObjectMissing) as raised:
                ask()
            assert raised.value.key == KEY

    def test_more_than_is_taken_is_refused(self, storage):
        storage.put(KEY, b"x" * 101, content_type="text/plain")

        assert len(storage.get(KEY, max_bytes=101)) == 101
        with pytest.raises(ObjectTooLarge):
            storage.get(KEY, max_bytes=100)

    def test_deleting_twice_is_no_error(self, storage):
        storage.put(KEY, b"x", content_type="text/plain")
        storage.delete(KEY)
        storage.delete(KEY)

        with pytest.raises(ObjectMissing):
            storage.head(KEY)

    def test_a_listing_goes_by_prefix_and_in_order(self, storage):
        for key in ("b/2", "a/1", "b/1", "bb/1"):
            storage.put(key, b"xx", content_type="text/plain")

        assert [info.key for info in storage.list("b/")] == ["b/1", "b/2"]
        assert [info.key for info in storage.list()] == ["a/1", "b/1", "b/2", "bb/1"]
        assert [(info.size, info.content_type) for info in storage.list("a/")] == [(2, None)]
        assert list(storage.list("nothing/")) == []


class TestPresigned:
    @pytest.fixture(params=["moto", pytest.param("localstack", marks=pytest.mark.localstack)])
    def served(self, request):
        if request.param == "moto":
            return request.getfixturevalue("s3")
        request.getfixturevalue("keys")
        url = request.getfixturevalue("localstack_url")
        return bucket_at(url)

    @pytest.fixture
    def browser(self):
        with httpx.Client(trust_env=False) as client:
            yield client

    def test_a_url_reads_one_object_without_keys(self, served, browser):
        served.put(KEY, b"voice", content_type="audio/ogg")

        answer = browser.get(served.presigned_get(KEY, expires_s=60, download_as="голос 1.ogg"))

        assert (answer.status_code, answer.content) == (200, b"voice")
        assert unquote(answer.headers["content-disposition"]) == "attachment; filename*=UTF-8''голос 1.ogg"

    def test_a_form_puts_one_object_without_keys(self, served, browser):
        form = served.presigned_post("uploads/1", content_type="image/png", max_bytes=100, expires_s=60)

        answer = browser.post(form.url, data=form.fields, files={"file": ("любое.png", b"picture", "image/png")})

        assert answer.status_code == 204
        assert served.get("uploads/1", max_bytes=100) == b"picture"
        assert served.head("uploads/1").content_type == "image/png"

    def test_a_forms_policy_admits_this_key_this_type_and_these_sizes_only(self, served):
        form = served.presigned_post("uploads/1", content_type="image/png", max_bytes=100, expires_s=60)

        conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
        assert {"key": "uploads/1"} in conditions
        assert {"Content-Type": "image/png"} in conditions
        assert ["content-length-range", 1, 100] in conditions
        assert not [item for item in conditions if isinstance(item, list) and item[0] == "starts-with"]
        assert form.fields["key"] == "uploads/1"

    def test_a_key_that_boto_would_loosen_is_refused(self, served):
        with pytest.raises(Invalid):
            served.presigned_post("uploads/${filename}", content_type="image/png", max_bytes=1, expires_s=60)

    def test_the_fake_admits_by_size_too(self):
        fake = MemoryStorage()
        form = fake.presigned_post("uploads/1", content_type="image/png", max_bytes=3, expires_s=60)

        assert not fake.accept(form, b"")
        assert not fake.accept(form, b"four")
        assert fake.accept(form, b"abc")
        assert fake.head("uploads/1").content_type == "image/png"
        assert "uploads/1" in fake.presigned_get("uploads/1", expires_s=60, download_as="a.png")


@pytest.mark.usefixtures("keys")
class TestFaults:
    def test_a_missing_bucket_is_a_fault_and_no_missing_object(self, moto):
        nowhere = S3Storage(s3_client(CloudSettings(s3_endpoint_url=moto)), "no-such-bucket")

        with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
            nowhere.get(KEY, max_bytes=10)

    def test_nobody_there_is_a_fault(self):
        gone = S3Storage(s3_client(CloudSettings(s3_endpoint_url="http://127.0.0.1:1")), "bucket")

        with pytest.raises(StorageUnavailable, match="EndpointConnectionError"):
            gone.delete(KEY)

    def test_the_client_is_made_once_and_as_all_clouds_take_it(self, moto):
        settings = CloudSettings(s3_endpoint_url=moto)
        config = s3_client(settings).meta.config

        assert s3_client(CloudSettings(s3_endpoint_url=moto)) is s3_client(settings)
        assert config.signature_version == "s3v4"
        assert config.request_checksum_calculation == "when_required"
        assert config.s3["addressing_style"] == "path"

    def test_the_endpoint_may_come_from_boto_itself(self, moto, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
        settings = CloudSettings(aws_region="us-east-1")

        assert s3_client(settings).meta.endpoint_url == moto
