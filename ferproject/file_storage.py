"""Where photos, videos and other large files are stored: a folder by default, an S3 bucket with `S3_BUCKET`."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage


@dataclass(frozen=True)
class StoredFile:
    """A file in the storage: its name there, such as `photos/ab/abcd.jpg`, its bytes and its last change."""

    name: str
    size: int
    modified_at: dt.datetime


class PagedStorage(Protocol):
    """What the site needs of a storage beyond Django's `Storage`."""

    def pages(self, prefix: str) -> Iterator[list[StoredFile]]:
        """Yield the files whose names begin with `prefix`, some at a time; none where there is no such folder."""
        ...

    def open_range(self, name: str, positions: range) -> IO[bytes]:
        """Open a file at `positions.start`, to read no further than `positions.stop`.

        Raises `FileNotFoundError`.
        """
        ...


class Bucket(PagedStorage, Protocol):
    """What the site needs of an S3 bucket; each method raises `BucketError` where it does not serve."""

    def open(self, name: str) -> File[bytes]: ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...

    def upload(self, name: str, path: Path) -> None:
        """Store a file under `name`, in place of what was stored there."""
        ...

    def download(self, name: str, path: Path) -> None:
        """Write a stored file to `path`; raise `FileNotFoundError`."""
        ...

    def delete_all(self, prefix: str) -> None:
        """Delete all files whose names begin with `prefix`."""
        ...

    def check(self) -> None:
        """Raise `BucketError` or `FileNotFoundError` where the bucket cannot be used now."""
        ...


class FolderStorage(FileSystemStorage):
    """Files in the folder `MEDIA_ROOT`, as a `PagedStorage`."""

    def pages(self, prefix: str) -> Iterator[list[StoredFile]]:
        folder, _, start = prefix.rpartition("/")
        root = Path(self.location)
        for path, folders, names in os.walk(root / folder):
            if start:
                folders.clear()
            found = (self._find(root, Path(path, name)) for name in sorted(names) if name.startswith(start))
            yield [file for file in found if file is not None]

    def open_range(self, name: str, positions: range) -> IO[bytes]:
        file = self.open(name)
        file.seek(positions.start)
        return cast(IO[bytes], file)

    def _find(self, root: Path, path: Path) -> StoredFile | None:
        try:
            status = path.stat()
        except FileNotFoundError:
            return None  # deleted since it was listed
        modified_at = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
        return StoredFile(path.relative_to(root).as_posix(), status.st_size, modified_at)


def site_files() -> PagedStorage:
    """Return the default storage with what this site adds to it."""
    return cast(PagedStorage, default_storage)


def site_bucket() -> Bucket | None:
    """Return the bucket that holds this site's files, None where a folder does."""
    return cast(Bucket, default_storage) if settings.S3_BUCKET else None


def storage_settings(bucket: str, endpoint_url: str) -> dict[str, Any]:
    """Return the default entry of `STORAGES`: a bucket, or without its name a folder."""
    if not bucket:
        return {"BACKEND": "ferproject.file_storage.FolderStorage"}
    options = {"bucket_name": bucket, "endpoint_url": endpoint_url or None}
    return {"BACKEND": "ferproject.bucket.BucketStorage", "OPTIONS": options}
