"""Where this host's workers have a video while they analyse it: a folder for each attempt, `var/videos/VIDEO.TOKEN`.

What it holds is a copy of the whole upload, so it is named after the video, with which it goes.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def workplace(video_id: uuid.UUID, token: uuid.UUID) -> Iterator[Path]:
    """A folder of this attempt's own; a worker that is killed leaves it to the sweeper."""
    folder = workplace_of(video_id, token)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_workplaces(video_id: uuid.UUID) -> None:
    """Remove what every attempt at a video left; one that is still at it notices that its claim is no more."""
    for folder in all_workplaces().glob(f"{video_id}.*"):
        shutil.rmtree(folder, ignore_errors=True)


def workplace_of(video_id: uuid.UUID, token: uuid.UUID) -> Path:
    return all_workplaces() / f"{video_id}.{token}"


def token_of(folder: Path) -> str:
    """Return the claim that a folder belongs to."""
    return folder.name.rpartition(".")[2]


def all_workplaces() -> Path:
    return Path(settings.VAR_DIR) / "videos"
