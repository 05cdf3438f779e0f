"""Delete stored files that no row names."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from analysis.files import storage
from analysis.photos import renditions
from analysis.photos.models import Photo
from analysis.videos import upload_parts
from analysis.videos.models import Video


def sweep_files(*, older_than: dt.timedelta = dt.timedelta(hours=1)) -> int:
    """Remove files that no photo and no video owns, as a killed process leaves them; return how many.

    Younger ones are let be: their upload may be about to commit its row.
    """
    moment = timezone.now() - older_than
    orphans = [name for name in storage.files_before(moment, renditions.FOLDER) if not _is_owned(name)]
    orphans += [name for name in storage.files_before(moment, upload_parts.FOLDER) if not _is_a_videos(name)]
    storage.delete_files(orphans)
    return len(orphans)


def _is_owned(name: str) -> bool:
    field = "picture" if name.endswith(".jpg") else "thumbnail"
    return Photo.objects.filter(**{field: name}).exists()


def _is_a_videos(name: str) -> bool:
    upload = upload_parts.upload_of(name)
    return Video.objects.filter(**({"annotated": name} if upload is None else {"file": upload})).exists()
