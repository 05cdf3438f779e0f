"""The watched folder: what lies in a person's folder in it is imported, and moved to `done` or `refused`.

`WATCHED_DIR/ada@example.org/` is watched for the account of that address. Files are moved within it, so an import that
is interrupted goes on with those that are left.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Model

from analysis.errors import PhotoError
from analysis.imports.services import ImportedFile, Outcome, import_photo, is_photo
from analysis.recognition.errors import RecognitionError
from ferproject.queue.broker import BrokerAway, send
from ferproject.storage_errors import StorageError

DONE, REFUSED = "done", "refused"
TURN_SECONDS = 30
"""How long one task imports before others have their turn."""
SETTLED_SECONDS = 5
"""A file that was changed within this time may still be copied."""
TASK = "analysis.tasks.import_watched_folder"
logger = logging.getLogger(__name__)


def sweep_watched_folder() -> None:
    """Send the task that imports, where files wait and no other worker imports."""
    if not settings.WATCHED_DIR:
        return
    with _lock() as is_mine:
        is_waiting = is_mine and any(_waiting(folder) for _, folder in _folders())
    if is_waiting:
        try:
            send(TASK)
        except BrokerAway as error:
            logger.warning("%s Photos in the watched folder are imported later.", error)


def import_watched_folder() -> None:
    """Import what waits, for `TURN_SECONDS`; does nothing while another worker of this host does."""
    began = time.monotonic()
    with _lock() as is_mine:
        if not is_mine:
            return
        for owner, folder in _folders():
            for path in _waiting(folder):
                if time.monotonic() - began >= TURN_SECONDS or not _import(owner, folder, path):
                    break


def _import(owner: Model, folder: Path, path: Path) -> bool:
    """Import and move one file; return False where this person's further files have to wait."""
    try:
        imported = import_photo(owner=owner, path=path)
    except (PhotoError, RecognitionError, StorageError) as error:
        # The account's address is not for the log.
        logger.warning("Photos in the watched folder of user %s are imported later: %s", owner.pk, error.message)
        return False
    _move(folder, imported)
    return True


def _move(folder: Path, imported: ImportedFile) -> None:
    is_refused = imported.outcome == Outcome.REFUSED
    target = _free_path(folder / (REFUSED if is_refused else DONE), imported.path.name)
    imported.path.rename(target)
    if is_refused:
        target.with_name(f"{target.name}.txt").write_text(f"{imported.message}\n", encoding="utf-8")


def _free_path(folder: Path, name: str) -> Path:
    """Return a path in a folder, made where it is missing, that no file has."""
    folder.mkdir(exist_ok=True)
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path


def _folders() -> Iterator[tuple[Model, Path]]:
    """Yield the accounts that have a folder, and it."""
    for folder in sorted(Path(settings.WATCHED_DIR).iterdir()):
        owner = get_user_model()._default_manager.filter(email__iexact=folder.name, is_active=True).first()
        if owner is not None and folder.is_dir() and not folder.is_symlink():
            yield owner, folder


def _waiting(folder: Path) -> list[Path]:
    """Return the photos that lie in a folder itself and are not being written any more."""
    now = time.time()
    return sorted(
        path
        for path in folder.iterdir()
        if is_photo(path) and path.is_file() and abs(now - path.stat().st_mtime) >= SETTLED_SECONDS
    )


@contextmanager
def _lock() -> Iterator[bool]:
    """Hold the folder's lock; yield False where another process of this host has it, or the folder is away."""
    try:
        descriptor = os.open(settings.WATCHED_DIR, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        logger.warning("The watched folder cannot be opened: %s", error.strerror)
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)
