"""Stored files of photos and videos: names, reading, deletion, and the error for a full disk."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import unicodedata
from collections.abc import Iterable, Iterator

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import OperationalError

from analysis.errors import AnalysisError
from ferproject.storage_errors import is_disk_full

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
        except OSError:
            logger.exception("%s could not be removed; `manage.py sweep_files` tries again", name)


def files_before(moment: dt.datetime, top: str) -> Iterator[str]:
    """Yield the names of the files, two folders deep under `top`, last modified before `moment`."""
    for folder in _listdir(top)[0]:
        for file in _listdir(f"{top}/{folder}")[1]:
            name = f"{top}/{folder}/{file}"
            with contextlib.suppress(FileNotFoundError):
                if default_storage.get_modified_time(name) < moment:
                    yield name


@contextlib.contextmanager
def disk_full_as(error_type: type[AnalysisError], what: str) -> Iterator[None]:
    """Raise an `error_type` of code "disk_full" where a file or the database meets a full disk; `what` is not saved."""
    try:
        yield
    except (OSError, OperationalError) as error:
        if not is_disk_full(error):
            raise
        message = f"There is no space left on the server, so {what} was not kept. Its administrator can make room."
        raise error_type("disk_full", message, retryable=True) from error


def _listdir(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
