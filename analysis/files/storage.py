"""Stored files of photos and videos: names, reading, deletion, and the error for a full disk."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import unicodedata
from collections.abc import Iterable, Iterator

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils.translation import gettext

from ferproject.errors import ServiceError
from ferproject.file_storage import site_bucket, site_files
from ferproject.storage_errors import BucketError, is_disk_full

logger = logging.getLogger(__name__)


def display_name(name: str, *, default: str = "photo") -> str:
    """Return the last part of a client's file name for display: printable, at most 255 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable()).strip()
    return printable[:255] or default


def open_file(name: str) -> File[bytes]:
    """Open a stored file; raise `FileNotFoundError` where it is missing or `name` is ""."""
    if not name:
        raise FileNotFoundError("This picture was removed; its scores are kept.")
    return default_storage.open(name)


def delete_files(names: Iterable[str]) -> None:
    """Delete stored files; log each that cannot be deleted and leave it to `sweep_files`."""
    for name in filter(None, names):
        try:
            default_storage.delete(name)
        except BucketError as error:
            logger.warning("%s and what follows could not be removed; `sweep_files` tries again: %s", name, error)
            return
        except OSError:
            logger.exception("%s could not be removed; `manage.py sweep_files` tries again", name)


def is_storage_reachable() -> bool:
    """Return whether files can be deleted now; where not, rows that are deleted would leave theirs behind."""
    bucket = site_bucket()
    try:
        if bucket is not None:
            bucket.check()
    except OSError as error:
        logger.warning("What is to be deleted waits for the bucket: %s", error)
        return False
    return True


def pages_before(moment: dt.datetime, top: str) -> Iterator[list[str]]:
    """Yield the names of the files under `top` last modified before `moment`, some at a time."""
    for page in site_files().pages(f"{top}/"):
        yield [file.name for file in page if file.modified_at < moment]


@contextlib.contextmanager
def disk_full_as(error_type: type[ServiceError]) -> Iterator[None]:
    """Raise an `error_type` of code "disk_full" where a file or the database meets a full disk."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        if not is_disk_full(error):
            raise
        message = gettext(
            "There is no space left on the server, so your file was not saved. Ask an administrator to free space."
        )
        raise error_type("disk_full", message, retryable=True) from error
