"""Folders in which this host's workers analyse videos: one for each attempt, `var/videos/VIDEO.TOKEN`.

A folder holds a copy of the upload, so it is named after the video and is deleted with it.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def work_dir(video_id: uuid.UUID, token: uuid.UUID) -> Iterator[Path]:
    """Create an attempt's folder and remove it at the end; that of a killed worker is left to the sweeper."""
    folder = work_dir_path(video_id, token)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_work_dirs(video_id: uuid.UUID) -> None:
    """Remove the folders of all attempts at a video; a running one notices that its lease is lost."""
    for folder in work_root().glob(f"{video_id}.*"):
        shutil.rmtree(folder, ignore_errors=True)


def work_dir_path(video_id: uuid.UUID, token: uuid.UUID) -> Path:
    return work_root() / f"{video_id}.{token}"


def work_root() -> Path:
    return Path(settings.VAR_DIR) / "videos"
