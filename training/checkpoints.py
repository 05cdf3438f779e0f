"""Folders of checkpoints, and with `S3_BUCKET` their copies there.

With a bucket the copy counts: any host continues a training from it, and it is deleted where somebody leaves whom the
training learnt from. A host's folder is for the training that runs there.
"""

from __future__ import annotations

import fcntl
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from analysis.recognition.bundle import check_name
from analysis.recognition.errors import gettext_noop
from ferproject.file_storage import site_bucket
from training.learning.errors import LearningError

LOCK_SECONDS = 20
FOLDER = "training"
_FILES = ("epoch-*.weights.h5", "state.json")
_ARCHIVE = "checkpoint.tar"


def checkpoint_folder(version: str) -> Path:
    """Return the folder of the checkpoints of a training of `version`."""
    return Path(settings.VAR_DIR) / FOLDER / check_name(version)


def fetch_checkpoint(version: str) -> None:
    """Replace this host's checkpoint by the bucket's, also where that has none; do nothing without a bucket."""
    bucket, folder = site_bucket(), checkpoint_folder(version)
    if bucket is None:
        return
    for path in _checkpoint_files(folder):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / _ARCHIVE
    try:
        bucket.download(_name(version), archive)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except FileNotFoundError:
        pass
    finally:
        archive.unlink(missing_ok=True)


def store_checkpoint(version: str) -> None:
    """Copy this host's checkpoint to the bucket, if there are both; in one object, which is replaced as a whole."""
    bucket, folder = site_bucket(), checkpoint_folder(version)
    if bucket is None or not (folder / "state.json").exists():
        return
    archive = folder / _ARCHIVE
    with tarfile.open(archive, "w") as tar:
        for path in _checkpoint_files(folder):
            tar.add(path, path.name)
    bucket.upload(_name(version), archive)
    archive.unlink()


def remove_checkpoint(version: str) -> None:
    """Remove a training's checkpoint from this host and from the bucket."""
    shutil.rmtree(checkpoint_folder(version), ignore_errors=True)
    if (bucket := site_bucket()) is not None:
        bucket.delete(_name(version))


def _checkpoint_files(folder: Path) -> list[Path]:
    return [path for pattern in _FILES for path in folder.glob(pattern)]


def _name(version: str) -> str:
    return f"{FOLDER}/{check_name(version)}/{_ARCHIVE}"


@contextmanager
def checkpoint_lock(folder: Path) -> Iterator[None]:
    """Lock a checkpoint folder; wait for a process that is about to end, then raise `LearningError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        for _ in range(LOCK_SECONDS * 5):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
        else:
            text = gettext_noop("Another process still writes to %(folder)s.")
            hint = gettext_noop("Resume this run once that process has ended.")
            raise LearningError(text, folder=str(folder), hint=hint)
        yield
