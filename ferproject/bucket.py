"""Files in an S3 bucket, with its errors as `OSError`s."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, cast

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from ferproject.file_storage import StoredFile
from ferproject.storage_errors import BucketError

CONNECT_SECONDS, READ_SECONDS = 3, 20
ATTEMPTS = 2
"""Requests to a bucket that does not answer, together: whoever waits for it is told to come back."""
CONNECTIONS = 50
"""Kept open; a process' threads share one client, because making one takes a tenth of a second."""
READ_BYTES = 256 * 1024
_QUOTA_WORDS = ("quota", "storagefull", "insufficientstorage")


@contextmanager
def bucket_errors() -> Iterator[None]:
    """Raise errors of S3 as `FileNotFoundError` or as `BucketError`, which are both `OSError`s."""
    try:
        yield
    except ClientError as error:
        raise _client_error(error) from error
    except BotoCoreError as error:
        raise BucketError("files_absent", str(error)) from error


class BucketStorage(S3Storage):
    """The site's `Bucket`; no file is ever overwritten by `save`."""

    def __init__(self, **options: Any) -> None:
        self._lock = threading.Lock()
        self._shared: Any = None
        super().__init__(**options)

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "file_overwrite": False,
            # Uploads run on the caller's thread: a photo's files are small, and no thread is started for them.
            "transfer_config": TransferConfig(use_threads=False),
        }

    @property
    def connection(self) -> Any:
        """The resource that all threads share; the base class has one for each thread, and requests have their own."""
        with self._lock:
            if self._shared is None:
                session = self._create_session()
                self._shared = session.resource("s3", endpoint_url=self.endpoint_url, config=self._config())
        return self._shared

    @bucket_errors()
    def delete(self, name: str) -> None:
        super().delete(name)

    @bucket_errors()
    def exists(self, name: str) -> bool:
        return cast(bool, super().exists(name))

    @bucket_errors()
    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        return cast(tuple[list[str], list[str]], super().listdir(name))

    @bucket_errors()
    def size(self, name: str) -> int:
        return cast(int, super().size(name))

    @bucket_errors()
    def get_modified_time(self, name: str) -> Any:
        return super().get_modified_time(name)

    def pages(self, prefix: str) -> Iterator[list[StoredFile]]:
        paginator = self._client.get_paginator("list_objects_v2")
        with bucket_errors():
            for page in paginator.paginate(Bucket=self.bucket_name, Prefix=prefix):
                found = page.get("Contents", ())
                yield [StoredFile(each["Key"], each["Size"], each["LastModified"]) for each in found]

    def open_range(self, name: str, positions: range) -> IO[bytes]:
        return self._read(name, Range=f"bytes={positions.start}-{positions.stop - 1}")

    @bucket_errors()
    def upload(self, name: str, path: Path) -> None:
        self._client.upload_file(str(path), self.bucket_name, name, Config=self.transfer_config)

    @bucket_errors()
    def download(self, name: str, path: Path) -> None:
        self._client.download_file(self.bucket_name, name, str(path), Config=self.transfer_config)

    def delete_all(self, prefix: str) -> None:
        for page in self.pages(prefix):
            for file in page:
                self.delete(file.name)

    @bucket_errors()
    def check(self) -> None:
        self._client.head_bucket(Bucket=self.bucket_name)

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    @bucket_errors()
    def _save(self, name: str, content: Any) -> str:
        return cast(str, super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> Any:
        if mode != "rb":
            raise ValueError(f"mode: expected 'rb', since stored files never change; got {mode!r}")
        return File(self._read(name), name)

    @bucket_errors()
    def _read(self, name: str, **parameters: str) -> IO[bytes]:
        found = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name), **parameters)
        return _Download(_Body(found["Body"]), found["ContentLength"])

    def _config(self) -> Config:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=CONNECTIONS,
        )
        if not self.endpoint_url:
            return config
        # Few servers other than Amazon's have a host name for each bucket, and some refuse its checksums.
        other = Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return config.merge(other)


class _Download(io.BufferedReader):
    """An object's content as it arrives, of `size` bytes; it cannot be read again from its beginning."""

    def __init__(self, raw: io.RawIOBase, size: int) -> None:
        super().__init__(raw, READ_BYTES)
        self.size = size


class _Body(io.RawIOBase):
    """The body of a response."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    @bucket_errors()
    def readinto(self, buffer: Any) -> int:
        return cast(int, self._body.readinto(buffer))

    @bucket_errors()
    def readall(self) -> bytes:
        return cast(bytes, self._body.read())

    def close(self) -> None:
        # Not read to its end, its connection is closed and not used again.
        self._body.close()
        super().close()


def _client_error(error: ClientError) -> OSError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status == HTTPStatus.NOT_FOUND and code != "NoSuchBucket":
        return FileNotFoundError(str(error))
    is_full = status == HTTPStatus.INSUFFICIENT_STORAGE or any(word in code.lower() for word in _QUOTA_WORDS)
    return BucketError("disk_full" if is_full else "files_absent", str(error))
