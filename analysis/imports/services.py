"""Import of photos from a folder of the server."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Model
from django.utils.translation import gettext

from analysis.engine import SERVER_FAULTS, retry_while_busy
from analysis.errors import PhotoError
from analysis.photos.models import Photo
from analysis.photos.services import create_photo
from analysis.recognition.errors import RecognitionError
from ferproject.storage_errors import storage_error

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"})
"""Endings of the files that are imported, in any letter case."""
ENDING_CODES = frozenset({"consent_needed", "quota_reached", "disk_full", *SERVER_FAULTS})
"""Codes of errors that the next file would meet, too."""


class Outcome(StrEnum):
    ADDED = "added"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True)
class ImportedFile:
    """What became of one file; `message` says why it was refused."""

    path: Path
    outcome: Outcome
    message: str = ""


def find_photos(folder: Path) -> list[Path]:
    """Return the files below a folder that look like photos, by path; hidden files and links are left out."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [path for name in names if is_photo(path := Path(parent, name))]
    return sorted(found)


def is_photo(path: Path) -> bool:
    """Return whether a file looks like a photo by its name, and is neither hidden nor a link."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_symlink()


def import_photos(*, owner: Model, paths: Iterable[Path]) -> Iterator[ImportedFile]:
    """Analyse files and yield what became of each; one whose content is in the history already is not analysed again.

    Raises `PhotoError` or `RecognitionError` of one of `ENDING_CODES`, or `StorageError`; the files before it stay
    imported.
    """
    for path in paths:
        yield import_photo(owner=owner, path=path)


def import_photo(*, owner: Model, path: Path) -> ImportedFile:
    """Do so with one file."""
    try:
        data = _read(path)
    except OSError as error:
        return ImportedFile(
            path, Outcome.REFUSED, gettext("The file cannot be read: %(reason)s.") % {"reason": error.strerror}
        )
    try:
        added = retry_while_busy(
            lambda: create_photo(owner=owner, name=path.name, data=data, source=Photo.Source.IMPORT)
        )
    except (OSError, DatabaseError) as error:
        if (fault := storage_error(error)) is None:
            raise
        raise fault from error
    except (PhotoError, RecognitionError) as error:
        if error.code in ENDING_CODES:
            raise
        return ImportedFile(path, Outcome.REFUSED, error.message)
    return ImportedFile(path, Outcome.ADDED if added.is_new else Outcome.KNOWN)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        # One byte more than may be: `create_photo` refuses it then.
        return file.read(settings.PHOTO_MAX_BYTES + 1)
