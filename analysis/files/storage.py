"""Photos' files: kept under random names, all of a photo's or none. Removing and listing also serve videos'."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterable, Iterator

from django.core.files.base import File
from django.core.files.storage import default_storage

FOLDER = "photos"
logger = logging.getLogger(__name__)


def open_kept(name: str) -> File[bytes]:
    """Open a kept file; raise `FileNotFoundError` where it is gone, or where its owner keeps the scores alone ("")."""
    if not name:
        raise FileNotFoundError("This picture was removed; its scores are kept.")
    return default_storage.open(name)


def remove(names: Iterable[str]) -> None:
    """Remove files; one that cannot be removed is logged and left to `sweep_files`."""
    for name in filter(None, names):
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("%s could not be removed; `manage.py sweep_files` tries again", name)


def files_before(moment: dt.datetime, top: str = FOLDER) -> Iterator[str]:
    """Yield the names of the files, two folders deep under `top`, last written before `moment`."""
    for folder in _listdir(top)[0]:
        for file in _listdir(f"{top}/{folder}")[1]:
            name = f"{top}/{folder}/{file}"
            with contextlib.suppress(FileNotFoundError):
                if default_storage.get_modified_time(name) < moment:
                    yield name


def _listdir(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
