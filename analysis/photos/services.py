"""Every write of this app."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.dispatch import Signal

from analysis import engine
from analysis.audit.models import AuditEntry
from analysis.audit.services import record
from analysis.consents.services import require_photos_consent
from analysis.errors import PhotoError
from analysis.files import storage
from analysis.files.disk_full import refusing_when_full
from analysis.files.names import display_name
from analysis.files.quota import check_quota
from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.photos.list_queries import shown_by
from analysis.photos.models import Analysis, Face, Photo
from analysis.photos.renditions import Renditions, render
from analysis.photos.stored_files import keep
from analysis.recognition.faces import Recognition
from analysis.recognition.images import decode
from analysis.recognition.recognizer import Recognizer

analysis_recorded = Signal()
"""Sent with the new `analysis` inside the transaction that makes it its photo's current result."""

_RENEWED = ["name", "source", "width", "height", "picture", "thumbnail", "bytes", "created_at", "people_agreed_at"]
"""What a photo takes over from its file being added again."""


@dataclass(frozen=True)
class AddedPhoto:
    """A photo in its owner's history; `is_new` is false when the same file was there already."""

    photo: Photo
    is_new: bool


def create_photo(
    *,
    owner: Model,
    name: str,
    data: bytes,
    source: Photo.Source = Photo.Source.WEB,
    people_agreed_at: dt.datetime | None = None,
) -> AddedPhoto:
    """Analyse an uploaded file and keep it with its result; `source` tells how it came.

    `people_agreed_at` is when the owner said that whoever is to be seen in it agreed, None where they did not say.

    Raises `RecognitionError` when it cannot be analysed and `PhotoError` when it cannot be kept; either
    way no row and no file stays that was not there before.
    """
    require_photos_consent(user=owner, error=PhotoError)
    if len(data) > settings.PHOTO_MAX_BYTES:
        size, limit = len(data) / 1_000_000, settings.PHOTO_MAX_BYTES / 1_000_000
        raise PhotoError("too_large", f"This file has {size:.1f} MB; {limit:g} MB is the most.")
    sha256 = hashlib.sha256(data).hexdigest()
    known = Photo.objects.owned_by(owner).filter(sha256=sha256).first()
    if known is not None and known.picture:
        return AddedPhoto(known, is_new=False)
    recognition, renditions = engine.run(lambda recognizer: _analyze(recognizer, data))
    check_quota(owner=owner, more=sum(map(len, (renditions.picture, renditions.thumbnail))), error=PhotoError)
    with refusing_when_full(PhotoError, "the photo"):
        photo = Photo(
            owner=owner,
            name=display_name(name),
            sha256=sha256,
            source=source,
            people_agreed_at=people_agreed_at,
        )
        return _keep_photo(photo, recognition=recognition, renditions=renditions)


def record_analysis(*, photo: Photo, recognition: Recognition) -> Analysis:
    """Keep a version's result for a photo as the one that counts; earlier versions' results stay."""
    with transaction.atomic():
        # Another result for it, or its deletion, at the same time waits here.
        Photo.objects.select_for_update().get(pk=photo.pk)
        remove_from_history(face_entries(Face.objects.counting().filter(analysis__photo=photo)))
        photo.analyses.filter(is_current=True).update(is_current=False)
        analysis = _keep_result(photo, recognition)
        add_to_history(face_entries(analysis.faces.all()))
        analysis_recorded.send(Analysis, analysis=analysis)
    return analysis


def drop_pictures(*, photos: QuerySet[Photo]) -> int:
    """Remove the files of these photos and keep their rows and scores; return how many there were."""
    with transaction.atomic():
        found = list(photos.with_picture().select_for_update())
        names = [name for photo in found for name in (photo.picture.name, photo.thumbnail.name)]
        Photo.objects.filter(pk__in=[photo.pk for photo in found]).update(picture="", thumbnail="", bytes=0)
        transaction.on_commit(lambda: storage.remove(names))
    return len(found)


def delete_photo(*, photo: Photo) -> None:
    """Delete a photo, its results and its files; the files go once the rows are surely gone."""
    with transaction.atomic():
        photo.delete()


def delete_photos(*, owner: Model, ids: Collection[uuid.UUID]) -> int:
    """Delete those of the owner's photos; return how many there were."""
    with transaction.atomic():
        photos = Photo.objects.owned_by(owner).filter(pk__in=ids)
        count = len(photos)
        photos.delete()
    return count


def delete_as_staff(*, photos: QuerySet[Photo], by: Model) -> int:
    """Delete whosever photos, noting of each who did and whose it was; return how many there were."""
    with transaction.atomic():
        owners = list(photos.values_list("pk", "owner_id"))
        for pk, owner_id in owners:
            record(actor=by, action=AuditEntry.PHOTO_DELETED, subject=f"photo {pk} of user {owner_id}")
        Photo.objects.filter(pk__in=[pk for pk, _ in owners]).delete()
    return len(owners)


def _analyze(recognizer: Recognizer, data: bytes) -> tuple[Recognition, Renditions]:
    """Decode once, for both the faces and the files."""
    started = time.perf_counter()
    image = decode(data, max_pixels=settings.PHOTO_MAX_PIXELS)
    decode_ms = 1000 * (time.perf_counter() - started)
    recognition = recognizer.recognize_image(image)
    milliseconds = replace(recognition.milliseconds, decode=decode_ms)
    return replace(recognition, milliseconds=milliseconds), render(image)


def _keep_result(photo: Photo, recognition: Recognition) -> Analysis:
    """Write a result's rows, and on the photo what its lists show of it."""
    analysis = Analysis.objects.create(
        photo=photo,
        model=recognition.model,
        decode_ms=recognition.milliseconds.decode,
        detect_ms=recognition.milliseconds.detect,
        classify_ms=recognition.milliseconds.classify,
    )
    faces = Face.objects.bulk_create(
        Face.from_value(analysis=analysis, position=position, face=face)
        for position, face in enumerate(recognition.faces, start=1)
    )
    shown = shown_by(recognition.model, [(face.emotion, face.confidence) for face in faces])
    for name, value in shown.items():
        setattr(photo, name, value)
    photo.save(update_fields=list(shown))
    return analysis


def _keep_photo(photo: Photo, *, recognition: Recognition, renditions: Renditions) -> AddedPhoto:
    """Write the files, then the rows that name them; a failure of the rows takes the files back."""
    files = keep(renditions)
    photo.width, photo.height = recognition.width, recognition.height
    photo.picture, photo.thumbnail, photo.bytes = files.picture, files.thumbnail, files.bytes
    try:
        with transaction.atomic():
            photo = _write_photo(photo)
            if not photo.analyses.filter(is_current=True, model=recognition.model).exists():
                record_analysis(photo=photo, recognition=recognition)
    except IntegrityError:
        storage.remove([files.picture, files.thumbnail])
        # Of two uploads of one file at once the second meets the first one's row.
        if winner := Photo.objects.owned_by(photo.owner).filter(sha256=photo.sha256).first():
            return AddedPhoto(winner, is_new=False)
        raise
    except BaseException:
        storage.remove([files.picture, files.thumbnail])
        raise
    return AddedPhoto(photo, is_new=True)


def _write_photo(photo: Photo) -> Photo:
    """Write a new photo's row; where the scores alone of that file are kept, make theirs whole instead and return it.

    Its results and corrections stay, and like every photo it counts from when it was added.
    """
    kept = Photo.objects.owned_by(photo.owner).filter(sha256=photo.sha256, picture="").select_for_update().first()
    if kept is None:
        photo.save(force_insert=True)
        return photo
    faces = Face.objects.counting().filter(analysis__photo=kept)
    remove_from_history(face_entries(faces))
    for field in _RENEWED:
        setattr(kept, field, getattr(photo, field))
    kept.save(force_update=True)
    add_to_history(face_entries(faces))
    return kept
