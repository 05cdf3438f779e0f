"""Stores a photo's renditions."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from analysis.files.storage import delete_files
from analysis.recognition.renditions import Renditions

FOLDER = "photos"


def save_renditions(renditions: Renditions) -> dict[str, Any]:
    """Store both files under a random name, or neither; return their columns of a `Photo`."""
    stem = uuid.uuid4().hex
    picture, thumbnail = (f"{FOLDER}/{stem[:2]}/{stem}.{suffix}" for suffix in ("jpg", "webp"))
    try:
        default_storage.save(picture, ContentFile(renditions.picture))
        default_storage.save(thumbnail, ContentFile(renditions.thumbnail))
    except BaseException:
        # The failed file may be written in part.
        delete_files([picture, thumbnail])
        raise
    return {"picture": picture, "thumbnail": thumbnail, "bytes": renditions.size}
