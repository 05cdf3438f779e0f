"""File permissions of the folder `VAR_DIR`: for its owner alone."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
logger = logging.getLogger(__name__)


class ExposedFilesError(Exception):
    """Other users of this machine can read the folder, and its permissions cannot be changed."""


def protect_files(folder: Path) -> int:
    """Take the permissions of group and others from the folder and all that is in it; return how many had some.

    Raises `ExposedFilesError` if the folder itself stays open to others. What cannot be changed inside is logged: the
    closed folder protects it.
    """
    folder = folder.resolve()
    changed = sum(_protect(path) for path in (folder, *_entries(folder)))
    if stat.S_IMODE(folder.stat().st_mode) & OTHERS:
        raise ExposedFilesError(
            f"{folder}: expected a folder that only its owner can open (mode 700); got mode "
            f"{stat.S_IMODE(folder.stat().st_mode):o}, and it cannot be changed. Run the site as the folder's owner, "
            "on a file system with permissions."
        )
    return changed


def _entries(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def _protect(path: Path) -> bool:
    """Return whether the path was open to others; links and files deleted meanwhile are left alone."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or not status.st_mode & OTHERS:
            return False
        path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
    except FileNotFoundError:
        return False
    except PermissionError as error:
        logger.warning("%s stays readable for others: %s", path, error.strerror)
        return False
    return True
