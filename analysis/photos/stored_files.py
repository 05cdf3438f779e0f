"""Writing a photo's files: all of them or none."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from analysis.files.storage import FOLDER, remove
from analysis.photos.renditions import Renditions


@dataclass(frozen=True)
class KeptFiles:
    """Names inside the storage, and what the files take together in bytes."""

    picture: str
    thumbnail: str
    bytes: int


def keep(renditions: Renditions) -> KeptFiles:
    """Write a photo's files; when one cannot be written, none stays."""
    stem = uuid.uuid4().hex
    files = {
        f"{FOLDER}/{stem[:2]}/{stem}.jpg": renditions.picture,
        f"{FOLDER}/{stem[:2]}/{stem}.webp": renditions.thumbnail,
    }
    try:
        for name, data in files.items():
            default_storage.save(name, ContentFile(data))
    except BaseException:
        # The failed one may lie there in part, so all names are removed, not only those done.
        remove(files)
        raise
    picture, thumbnail = files
    return KeptFiles(picture=picture, thumbnail=thumbnail, bytes=sum(map(len, files.values())))
