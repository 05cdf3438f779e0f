"""Folders of checkpoints."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from analysis.recognition.bundle import check_name
from training.learning.errors import LearningError

LOCK_SECONDS = 20


def checkpoint_folder(version: str) -> Path:
    """Return the folder of the checkpoints of a training of `version`."""
    return Path(settings.VAR_DIR) / "training" / check_name(version)


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
            raise LearningError(f"{folder}: another process writes there still; resume this run once it has ended")
        yield
