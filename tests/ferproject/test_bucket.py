"""Files in an S3 bucket: what the site needs of it, and what its errors are for the site."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from ferproject import bucket as s3
from ferproject.file_storage import FolderStorage, PagedStorage
from ferproject.storage_errors import BucketError, storage_error

DATA = bytes(range(256)) * 4000
NAME = "videos/ab/abcd.mp4"


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, settings) -> PagedStorage:
    """The site's files, in the folder and in the bucket alike."""
    if request.param == "bucket":
        return request.getfixturevalue("bucket")
    return default_storage


def test_a_file_is_what_was_saved(files):
    assert files.save(NAME, ContentFile(DATA)) == NAME
    with files.open(NAME) as file:
        assert file.size == len(DATA)
        assert b"".join(file.chunks(10_000)) == DATA
    with files.open(NAME) as file:
        assert (file.read(3), file.read()) == (DATA[:3], DATA[3:])
    assert files.size(NAME) == len(DATA)


def test_no_file_is_overwritten(files):
    files.save(NAME, ContentFile(b"first"))
    other = files.save(NAME, ContentFile(b"second"))
    assert other != NAME
    with files.open(NAME) as file:
        assert file.read() == b"first"


@pytest.mark.parametrize("positions", [range(10, 300_010), range(0, 1), range(len(DATA) - 5, len(DATA))])
def test_a_range_begins_where_it_should(files, positions):
    files.save(NAME, ContentFile(DATA))
    with files.open_range(NAME, positions) as file:
        assert file.read(len(positions)) == DATA[positions.start : positions.stop]


def test_a_range_of_a_bucket_is_all_that_is_sent(bucket):
    bucket.save(NAME, ContentFile(DATA))
    with bucket.open_range(NAME, range(1000, 2000)) as file:
        assert file.read() == DATA[1000:2000]


@pytest.mark.parametrize(
    "ask",
    [
        lambda files: files.open("videos/ab/none.mp4"),
        lambda files: files.open_range("videos/ab/none.mp4", range(0, 5)),
        lambda files: files.size("videos/ab/none.mp4"),
        lambda files: files.get_modified_time("videos/ab/none.mp4"),
    ],
    ids=["open", "open_range", "size", "get_modified_time"],
)
def test_a_missing_file_is_missing(files, ask):
    with pytest.raises(FileNotFoundError):
        ask(files)


def test_deleting_a_missing_file_is_no_error(files):
    files.delete("videos/ab/none.mp4")
    assert not files.exists("videos/ab/none.mp4")


def test_files_are_listed_in_pages_by_the_beginning_of_their_names(files, monkeypatch):
    names = [f"videos/ab/{stem}.{offset:013d}.part" for stem in ("aa", "ab") for offset in range(3)]
    for name in [*names, "photos/ab/aa.jpg"]:
        files.save(name, ContentFile(b"12345"))
    assert [[file.name for file in page] for page in files.pages("videos/ab/ab.")] == [names[3:]]
    found = [file for page in files.pages("videos/") for file in page]
    assert sorted(file.name for file in found) == names
    assert {file.size for file in found} == {5}
    assert all(abs(timezone.now() - file.modified_at) < dt.timedelta(minutes=1) for file in found)
    assert [page for page in files.pages("none/") if page] == []


def test_more_files_than_a_page_holds_are_all_listed(bucket):
    for number in range(1001):
        bucket._client.put_object(Bucket=bucket.bucket_name, Key=f"photos/ab/{number}.jpg", Body=b"")
    assert [len(page) for page in bucket.pages("photos/")] == [1000, 1]


def test_threads_share_a_client(bucket):
    assert bucket.connection is bucket.connection


def test_an_upload_replaces_and_a_download_is_the_same(bucket, tmp_path: Path):
    path = tmp_path / "model.tflite"
    for content in (b"old", DATA):
        path.write_bytes(content)
        bucket.upload("models/a-1/model.tflite", path)
    bucket.download("models/a-1/model.tflite", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == DATA
    with pytest.raises(FileNotFoundError):
        bucket.download("models/a-1/none", tmp_path / "none")


def _refusal(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("NoSuchBucket", 404, "files_absent"),
        ("AccessDenied", 403, "files_absent"),
        ("SlowDown", 503, "files_absent"),
        ("QuotaExceeded", 403, "disk_full"),
        ("XMinioStorageFull", 507, "disk_full"),
        ("Whatever", 507, "disk_full"),
    ],
)
def test_a_refusal_has_a_code(code: str, status: int, expected: str):
    with pytest.raises(BucketError) as raised, s3.bucket_errors():
        raise _refusal(code, status)
    found = storage_error(raised.value)
    assert found is not None
    assert (found.code, found.retryable) == (expected, True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda files: files.open(NAME),
        lambda files: files.save(NAME, ContentFile(b"x")),
        lambda files: files.delete(NAME),
        lambda files: list(files.pages("videos/")),
        lambda files: files.check(),
    ],
    ids=["open", "save", "delete", "pages", "check"],
)
def test_a_server_that_is_away_is_an_absent_storage(bucket, s3_server, ask):
    s3_server.stop()
    try:
        with pytest.raises(BucketError, match=r"The bucket is not available: .*(connect|Connection)"):
            ask(bucket)
    finally:
        s3_server.start()
    bucket.check()


def test_a_download_that_breaks_off_is_an_absent_storage(bucket):
    class Broken(io.BytesIO):
        def readinto(self, buffer):
            raise s3.BotoCoreError

    reader = s3._Download(s3._Body(Broken()), 5)
    with pytest.raises(BucketError):
        reader.read(5)


def test_files_are_in_a_folder_by_default():
    assert isinstance(default_storage, FolderStorage)
