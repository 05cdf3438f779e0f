"""`manage.py sweep_files`: delete files that no photo and no video owns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from analysis.files import storage
from analysis.photos import renditions
from analysis.photos.models import Photo
from analysis.versions import store
from analysis.versions.models import ModelVersion
from analysis.videos import upload_parts
from analysis.videos.models import Video
from ferproject.storage_errors import BucketError


class Command(BaseCommand):
    help = "Delete files that no photo, video or version uses, as a crash or a full disk can leave behind."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = sweep_files()
        except BucketError as error:
            raise CommandError(f"{error}. The files are deleted by the next sweep.") from error
        if options["verbosity"]:
            self.stdout.write(f"{count} file{'' if count == 1 else 's'} deleted.")


def sweep_files(*, older_than: dt.timedelta = dt.timedelta(hours=1)) -> int:
    """Delete files that no photo, video or version owns, and return how many; newer ones may be of a running upload."""
    moment, count = timezone.now() - older_than, 0
    owners = {renditions.FOLDER: _photos_names, upload_parts.FOLDER: _videos_names, store.FOLDER: _versions_names}
    for top, owned in owners.items():
        for names in storage.pages_before(moment, top):
            orphans = sorted(set(names) - owned(names))
            storage.delete_files(orphans)
            count += len(orphans)
    return count


def _photos_names(names: list[str]) -> set[str]:
    """Return those of `names` that a photo owns."""
    # Also of those whose deletion may still be undone.
    photos = Photo._base_manager.filter(Q(picture__in=names) | Q(thumbnail__in=names))
    return {name for pair in photos.values_list("picture", "thumbnail") for name in pair}


def _videos_names(names: list[str]) -> set[str]:
    """Return those of `names` that a video owns."""
    uploads = {name: upload_parts.upload_of(name) or "" for name in names}
    files = Video._base_manager.filter(file__in=set(uploads.values()) - {""}).values_list("file", flat=True)
    known, annotated = set(files), Video._base_manager.filter(annotated__in=names).values_list("annotated", flat=True)
    return {name for name, upload in uploads.items() if upload in known} | set(annotated)


def _versions_names(names: list[str]) -> set[str]:
    """Return those of `names` that a model version owns."""
    versions = {name: name.split("/")[1] for name in names}
    known = set(ModelVersion.objects.filter(name__in=set(versions.values())).values_list("name", flat=True))
    return {name for name, version in versions.items() if version in known}
