"""Create, analyse and delete photos."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.dispatch import Signal
from django.utils.translation import gettext_noop

from analysis import engine
from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.consents.services import require_photos_consent
from analysis.deletions.models import PendingDeletion
from analysis.errors import PhotoError
from analysis.files.quota import check_quota
from analysis.files.storage import delete_files, disk_full_as, display_name, open_file
from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.photos.capture_times import capture_time, keeps_capture_times
from analysis.photos.list_queries import result_columns
from analysis.photos.models import Analysis, Face, Photo
from analysis.photos.renditions import save_renditions
from analysis.recognition.faces import Box
from analysis.recognition.renditions import Renditions, recognize_upload
from analysis.recognition.result import Recognition
from analysis.webhooks.models import Event
from analysis.webhooks.services import record_event
from ferproject.databases import release_connection
from ferproject.errors import translated_text

analysis_recorded = Signal()
"""Sent with `analysis` inside the transaction that makes it its photo's current result."""

_RESTORED = [
    "name",
    "source",
    "width",
    "height",
    "picture",
    "thumbnail",
    "bytes",
    "created_at",
    "taken_at",
    "people_agreed_at",
]
"""Columns of a photo without files that are overwritten when the same file is uploaded again."""


@dataclass(frozen=True)
class AddedPhoto:
    """A photo in its owner's history; `is_new` is false when the same file was in it before the upload."""

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
    """Analyse an uploaded file and save it with its result.

    `people_agreed_at` is when the owner declared that the people in it agreed, None without a declaration.

    Raises `RecognitionError` when it cannot be analysed and `PhotoError` when it cannot be saved; no row and no file
    is left in either case.
    """
    require_photos_consent(user=owner, error=PhotoError)
    if len(data) > settings.PHOTO_MAX_BYTES:
        text = gettext_noop("This file is %(size)s MB. Photos can be up to %(limit)s MB.")
        sizes = {"size": len(data) / 1_000_000, "limit": settings.PHOTO_MAX_BYTES / 1_000_000}
        raise PhotoError("too_large", translated_text(text, sizes))
    sha256 = hashlib.sha256(data).hexdigest()
    known = Photo.objects.owned_by(owner).filter(sha256=sha256).first()
    if known is not None and known.picture:
        return AddedPhoto(known, is_new=False)
    marks = [] if known is None else marked_boxes(known)
    # It may wait for its turn as long as many photos take.
    release_connection()
    render = partial(engine.render_photo, reads_time=keeps_capture_times(owner=owner))
    recognition, rendered = engine.run(
        lambda recognizer: recognize_upload(recognizer, data, render, marks=marks), owner=owner.pk
    )
    check_quota(owner=owner, more=rendered.renditions.size, error=PhotoError)
    photo = Photo(
        owner=owner,
        name=display_name(name),
        sha256=sha256,
        source=source,
        people_agreed_at=people_agreed_at,
        taken_at=capture_time(rendered.taken, zone=owner.zone),
        width=recognition.width,
        height=recognition.height,
    )
    with disk_full_as(PhotoError):
        return _save_files_and_rows(photo, recognition, rendered.renditions)


def recognize_photo(*, photo: Photo, marks: Sequence[Box]) -> Recognition:
    """Recognize the faces of the stored picture with the version that serves, with boxes in the original's pixels.

    `marks` are as `marked_boxes` returns them. Raises `RecognitionError` and `FileNotFoundError`.
    """
    with open_file(photo.picture.name) as handle:
        data = handle.read()
    return engine.recognize(data, owner=photo.owner_id, marks=marks).scaled_to(photo.width, photo.height)


def marked_boxes(photo: Photo) -> list[Box]:
    """Return where people marked faces in the current result, in shares of the photo's width and height."""
    faces = Face.objects.current().filter(analysis__photo=photo, is_marked=True)
    return [face.value.box.scaled(1 / photo.width, 1 / photo.height) for face in faces]


def record_analysis(*, photo: Photo, recognition: Recognition) -> Analysis:
    """Save a version's result as the photo's current one; the results of earlier versions are kept."""
    with transaction.atomic():
        # Another result for the photo, or its deletion, waits for this lock.
        Photo.objects.select_for_update().get(pk=photo.pk)
        remove_from_history(face_entries(Face.objects.current().filter(analysis__photo=photo)))
        photo.analyses.filter(is_current=True).update(is_current=False)
        return _save_result_rows(photo, recognition)


def delete_photo_files(*, photos: QuerySet[Photo]) -> int:
    """Delete the files of these photos and keep their rows and results; return how many had files."""
    with transaction.atomic():
        found = list(photos.with_picture().select_for_update())
        names = [name for photo in found for name in (photo.picture.name, photo.thumbnail.name)]
        Photo.objects.filter(pk__in=[photo.pk for photo in found]).update(picture="", thumbnail="", bytes=0)
        transaction.on_commit(lambda: delete_files(names))
    return len(found)


def delete_photos(*, owner: Model, ids: Collection[uuid.UUID]) -> int:
    """Delete those of the owner's photos, with results and files; return how many there were."""
    _, deleted = Photo.objects.owned_by(owner).filter(pk__in=ids).delete()
    return deleted.get(Photo._meta.label, 0)


def delete_photos_as_staff(*, photos: QuerySet[Photo], by: Model) -> int:
    """Delete photos of any owners, with an audit entry for each; return how many there were."""
    with transaction.atomic():
        owners = list(photos.values_list("pk", "owner_id"))
        for pk, owner_id in owners:
            record_audit(actor=by, action=AuditEntry.PHOTO_DELETED, subject=f"photo {pk} of user {owner_id}")
        Photo.objects.filter(pk__in=[pk for pk, _ in owners]).delete()
    return len(owners)


def _save_files_and_rows(photo: Photo, recognition: Recognition, renditions: Renditions) -> AddedPhoto:
    """Store the files and save the rows that name them; when that fails, delete the files again."""
    files = save_renditions(renditions)
    for column, value in files.items():
        setattr(photo, column, value)
    same_file = Photo.objects.owned_by(photo.owner).filter(sha256=photo.sha256)
    try:
        with transaction.atomic():
            if photo.taken_at and not keeps_capture_times(owner=photo.owner, locks=True):
                photo.taken_at = None
            _delete_pending(photo)
            if without_files := same_file.filter(picture="").select_for_update().first():
                _restore_photo(without_files, photo, recognition)
                return AddedPhoto(without_files, is_new=True)
            photo.save(force_insert=True)
            _save_result_rows(photo, recognition)
            return AddedPhoto(photo, is_new=True)
    except BaseException as error:
        delete_files([files["picture"], files["thumbnail"]])
        # Of two simultaneous uploads of one file, the second finds the first one's row.
        if isinstance(error, IntegrityError) and (first := same_file.first()):
            return AddedPhoto(first, is_new=False)
        raise


def _delete_pending(photo: Photo) -> None:
    """Delete the row of the same file now that was deleted a moment ago and is only hidden yet."""
    same_file = Photo._base_manager.filter(owner=photo.owner, sha256=photo.sha256)
    pending = PendingDeletion.objects.filter(item_id__in=same_file.values("pk"))
    if ids := list(pending.values_list("item_id", flat=True)):
        pending.delete()
        delete_photos(owner=photo.owner, ids=ids)


def _restore_photo(photo: Photo, upload: Photo, recognition: Recognition) -> None:
    """Give a photo whose files were deleted those of the new upload, from whose time on it is in the history.

    Its results and corrections are kept.
    """
    faces = Face.objects.current().filter(analysis__photo=photo)
    remove_from_history(face_entries(faces))
    for column in _RESTORED:
        setattr(photo, column, getattr(upload, column))
    photo.save(force_update=True)
    add_to_history(face_entries(faces))
    if (photo.result.detector, photo.model) != (recognition.detector, recognition.model):
        record_analysis(photo=photo, recognition=recognition)


def _save_result_rows(photo: Photo, recognition: Recognition) -> Analysis:
    """Save a photo's current result, the photo's columns that repeat it, and its place in the history's sums."""
    analysis = Analysis.objects.create(
        photo=photo,
        detector=recognition.detector,
        model=recognition.model,
        decode_ms=recognition.milliseconds.decode,
        detect_ms=recognition.milliseconds.detect,
        classify_ms=recognition.milliseconds.classify,
    )
    faces = Face.objects.bulk_create(
        Face.from_value(analysis=analysis, position=position, face=face)
        for position, face in enumerate(recognition.faces, start=1)
    )
    listed = [face.listed for face in faces]
    is_corrected = any(face.is_marked for face in faces)
    columns = result_columns(recognition.model, recognition.detector, listed, is_corrected=is_corrected)
    for column, value in columns.items():
        setattr(photo, column, value)
    photo.save(update_fields=list(columns))
    add_to_history(face_entries(analysis.faces.all()))
    analysis_recorded.send(Analysis, analysis=analysis)
    data = {"photo": str(photo.pk), "model": analysis.model, "detector": analysis.detector}
    record_event(event=Event.PHOTO_ANALYSED, data=data, owner_id=photo.owner_id)
    return analysis
