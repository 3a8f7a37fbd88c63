"""Buckets that outlive LocalStack."""

import boto3
import pytest
from moto import mock_aws

from infra.local.buckets import Mirror, mirror, restore

ODD_KEYS = [
    "in/накладная 1+2%20.jpg",
    "a//b",
    "../out",
    "x/./y/..",
    "folder/",
    ".hidden",
    ".partial-trap",
    "%",
    "tab\there#?&=",
]


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


def test_objects_come_back_as_they_were(s3, tmp_path):
    folder = tmp_path / "buckets"
    s3.create_bucket(Bucket="media")
    s3.create_bucket(Bucket="empty")
    for number, key in enumerate(ODD_KEYS):
        s3.put_object(
            Bucket="media", Key=key, Body=bytes([number]), ContentType="audio/ogg", Metadata={"job": str(number)}
        )
    assert mirror(s3, folder).copied == len(ODD_KEYS)
    assert not (tmp_path / "out").exists()
    assert mirror(s3, folder).copied == 0  # nothing changed

    for key in ODD_KEYS:
        s3.delete_object(Bucket="media", Key=key)
    for bucket in ("media", "empty"):
        s3.delete_bucket(Bucket=bucket)
    assert restore(s3, folder) == len(ODD_KEYS)
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == {"media", "empty"}
    for number, key in enumerate(ODD_KEYS):
        found = s3.get_object(Bucket="media", Key=key)
        assert (found["Body"].read(), found["ContentType"]) == (bytes([number]), "audio/ogg")
        assert found["Metadata"] == {"job": str(number)}
    assert mirror(s3, folder).copied == 0  # a restored object is not news


def test_deleted_and_changed_objects_follow(s3, tmp_path):
    s3.create_bucket(Bucket="media")
    for key in ("gone", "changed"):
        s3.put_object(Bucket="media", Key=key, Body=b"1")
    background = Mirror(s3, tmp_path)
    background.now()
    s3.delete_object(Bucket="media", Key="gone")
    s3.put_object(Bucket="media", Key="changed", Body=b"2")
    background.stop()
    assert not (tmp_path / "media" / "gone").exists()
    assert (tmp_path / "media" / "changed").read_bytes() == b"2"


def test_files_put_by_hand_are_restored_too(s3, tmp_path):
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "assets" / "план.txt").write_text("привет")
    assert restore(s3, tmp_path) == 1
    assert s3.get_object(Bucket="site", Key="assets/план.txt")["Body"].read().decode() == "привет"
