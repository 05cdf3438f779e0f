"""`manage.py sweep_files`: delete files that no photo and no video owns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from analysis.files import storage
from analysis.photos import renditions
from analysis.photos.models import Photo
from analysis.videos import upload_parts
from analysis.videos.models import Video


class Command(BaseCommand):
    help = "Remove photos' files that no photo owns, as a killed process or an unwritable disk leaves them."

    def handle(self, *args: Any, **options: Any) -> None:
        count = sweep_files()
        if options["verbosity"]:
            self.stdout.write(f"{count} file{'' if count == 1 else 's'} removed.")


def sweep_files(*, older_than: dt.timedelta = dt.timedelta(hours=1)) -> int:
    """Delete files that no photo and no video owns, and return how many; newer ones may belong to a running upload."""
    moment = timezone.now() - older_than
    orphans = [name for name in storage.files_before(moment, renditions.FOLDER) if not _is_photos(name)]
    orphans += [name for name in storage.files_before(moment, upload_parts.FOLDER) if not _is_videos(name)]
    storage.delete_files(orphans)
    return len(orphans)


def _is_photos(name: str) -> bool:
    field = "picture" if name.endswith(".jpg") else "thumbnail"
    return Photo.objects.filter(**{field: name}).exists()


def _is_videos(name: str) -> bool:
    upload = upload_parts.upload_of(name)
    return Video.objects.filter(**({"annotated": name} if upload is None else {"file": upload})).exists()
