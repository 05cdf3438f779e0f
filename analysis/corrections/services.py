"""Corrections of recognized faces, faces marked by people, and the review of corrections by staff."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.consents.models import Consent
from analysis.consents.services import active_consent, give_consent, require_photos_consent
from analysis.corrections.models import CANNOT_TELL, CORRECTIONS, NOT_A_FACE, Correction
from analysis.errors import CorrectionError
from analysis.photos.face_changes import changing_faces
from analysis.photos.face_models import Face
from analysis.photos.models import Analysis, Photo
from analysis.photos.services import marked_boxes, recognize_photo, record_analysis
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from analysis.recognition.images import PHOTO_SIDE
from analysis.recognition.marking import SAME_FACE_OVERLAP
from analysis.recognition.result import Recognition
from ferproject.databases import release_connection
from ferproject.numbers import number

NOT_A_FACE_NOTICE = "2026-11-29"
"""The first version of the notice that names what is called "not a face"."""
MIN_MARKED_SIDE = 20
"""Pixels of the stored picture along the shorter side of a marked face."""
MAX_MARKED_FACES = 100
"""Of one photo."""
_LAST = 20_000
"""A new face's position until the faces are numbered."""


def correct_face(*, face: Face, by: Model, emotion: str) -> Correction:
    """Record what a face shows according to its owner, in place of an earlier correction.

    `emotion` is an expression, the recognized one to confirm it; `CANNOT_TELL`: the face stays and counts for no
    expression; or `NOT_A_FACE`: it leaves history, sums, lists and exports at once, and is among the result's
    `excluded_faces`. It is for training where its owner's consent to training is active now, else for this result only.

    Raises `CorrectionError` of code "unknown_emotion" or "outdated".
    """
    if emotion not in CORRECTIONS:
        raise CorrectionError(
            "unknown_emotion", gettext("Choose one of: %(choices)s.") % {"choices": ", ".join(CORRECTIONS)}
        )
    with _changing_face(face) as analysis:
        earlier = Correction.objects.filter(face=face).first()
        if earlier is not None and earlier.emotion == emotion:
            return earlier
        if earlier is not None:
            earlier.delete()
        correction = Correction.objects.create(
            face=face,
            by=by,
            emotion=emotion,
            said=face.emotion,
            model=analysis.model,
            consent=_consent_for(active_consent(user=by), emotion),
        )
        _apply(correction)
    return correction


def withdraw_correction(*, correction: Correction) -> None:
    """Delete a correction: the face is as the version answered again."""
    with changing_faces(photo_id=correction.face.analysis.photo_id):
        Correction.objects.filter(pk=correction.pk).delete()
        _reset(correction.face_id)


def mark_face(*, photo: Photo, by: Model, box: Box) -> Face:
    """Add a face that the detector did not find, and return it.

    `box` is in pixels of the upright original. The version that serves analyses what is in it: aligned by its landmarks
    where they are detected, and then with the detector's box instead, else framed by `box`. A photo with the result of
    another version is analysed again as a whole.

    Raises `RecognitionError`, and `CorrectionError` of code "box_outside", "box_too_small", "already_found",
    "too_many_marked", "picture_removed", "consent_needed" or "outdated".
    """
    require_photos_consent(user=by, error=CorrectionError)
    box = _check_box(photo, box)
    marks = marked_boxes(photo)
    if len(marks) >= MAX_MARKED_FACES:
        message = gettext("You can mark up to %(limit)s faces in a photo.") % {"limit": number(MAX_MARKED_FACES)}
        raise CorrectionError("too_many_marked", message)
    _check_not_found(photo.result, box)
    release_connection()
    recognition = _recognize(photo, [*marks, box.scaled(1 / photo.width, 1 / photo.height)])
    with transaction.atomic():
        locked = Photo.objects.select_for_update().filter(pk=photo.pk).first()
        # Its faces in the new result would lack what was marked meanwhile.
        if locked is None or marked_boxes(locked) != marks:
            raise _outdated()
        analysis = locked.analyses.get(is_current=True)
        if (analysis.model, analysis.detector) != (recognition.model, recognition.detector):
            analysis = record_analysis(photo=locked, recognition=recognition)
            return max(analysis.faces.all(), key=lambda face: box.overlap(face.value.box))
        value = max(recognition.faces, key=lambda face: box.overlap(face.box))
        _check_not_found(analysis, value.box)
        face = Face.from_value(analysis=analysis, position=_LAST, face=replace(value, is_marked=True))
        with changing_faces(photo_id=photo.pk):
            face.save()
    face.refresh_from_db()
    return face


def unmark_face(*, face: Face) -> None:
    """Delete a face that a person marked, with its correction; raise `CorrectionError` of code "not_marked"."""
    if not face.is_marked:
        message = gettext("The detector found this face. To remove it, correct it to “not a face”.")
        raise CorrectionError("not_marked", message)
    with _changing_face(face):
        Face.objects.filter(pk=face.pk).delete()


def agree_to_training(*, correction: Correction, notice_version: str) -> None:
    """Give the consent to training for this correction and those made from now on, not for earlier ones."""
    with transaction.atomic():
        consent = give_consent(user=correction.by, notice_version=notice_version)
        correction.consent = _consent_for(consent, correction.emotion)
        correction.save(update_fields=["consent"])


def review_correction(*, correction: Correction, by: Model, approve: bool) -> Correction:
    """Approve or reject a correction, with an audit entry."""
    status = Correction.Status.APPROVED if approve else Correction.Status.REJECTED
    with transaction.atomic():
        # The correction or the consent may have been withdrawn since the page was rendered.
        if not Correction.objects.consented().filter(pk=correction.pk).exists():
            raise CorrectionError("withdrawn", gettext("This correction has been withdrawn."))
        correction.status, correction.reviewed_by, correction.reviewed_at = status, by, timezone.now()
        correction.save(update_fields=["status", "reviewed_by", "reviewed_at"])
        record_audit(
            actor=by,
            action=AuditEntry.CORRECTION_REVIEWED,
            subject=f"correction {correction.pk}",
            details={"status": status, "said": correction.said, "emotion": correction.emotion},
        )
    return correction


def carry_over_corrections(*, analysis: Analysis, **kwargs: Any) -> None:
    """Move a photo's corrections to the same faces of its new result; a receiver of `analysis_recorded`."""
    corrections = list(Correction.objects.filter(face__analysis__photo=analysis.photo_id).select_related("face"))
    if not corrections:
        return
    with changing_faces(photo_id=analysis.photo_id):
        own = {correction.face_id for correction in corrections}
        free = [face for face in analysis.faces.all() if face.pk not in own]
        for correction in corrections:
            box = correction.face.value.box
            face = max(free, key=lambda other: box.overlap(other.value.box), default=None)
            if correction.face.analysis_id != analysis.pk and face and box.overlap(face.value.box) >= SAME_FACE_OVERLAP:
                free.remove(face)
                _reset(correction.face_id)
                correction.face = face
                correction.save(update_fields=["face"])
                _apply(correction)


def carry_over_to_restored(*, analyses: list[Analysis], **kwargs: Any) -> None:
    """Do as `carry_over_corrections` for several results; a receiver of `results_restored`."""
    photos = {analysis.photo_id: analysis for analysis in analyses}
    corrections = Correction.objects.filter(face__analysis__photo__in=photos)
    for photo_id in set(corrections.values_list("face__analysis__photo", flat=True)):
        carry_over_corrections(analysis=photos[photo_id])


@contextmanager
def _changing_face(face: Face) -> Iterator[Analysis]:
    """Do as `changing_faces` where the face is one of the photo's current result, else raise "outdated"."""
    try:
        with changing_faces(photo_id=face.analysis.photo_id) as analysis:
            if not Face.objects.filter(pk=face.pk, analysis=analysis).exists():
                raise _outdated()
            yield analysis
    except Photo.DoesNotExist as error:
        raise _outdated() from error


def _apply(correction: Correction) -> None:
    """Make the columns of a face those of its correction."""
    emotion = correction.emotion if correction.emotion in EMOTIONS else ""
    is_included = correction.emotion != NOT_A_FACE
    Face.objects.filter(pk=correction.face_id).update(corrected_emotion=emotion, is_included=is_included)


def _reset(face_id: int) -> None:
    """Make the columns of a face those of one without a correction."""
    Face.objects.filter(pk=face_id).update(corrected_emotion=F("emotion"), is_included=True)


def _consent_for(consent: Consent | None, emotion: str) -> Consent | None:
    """Return the consent that publishes a correction to reviewers; None where it does not."""
    if consent is None or emotion == CANNOT_TELL:
        return None
    # Earlier notices said that nothing is measured by corrections.
    return consent if emotion != NOT_A_FACE or consent.notice_version >= NOT_A_FACE_NOTICE else None


def _check_box(photo: Photo, box: Box) -> Box:
    """Return the box without what rounding put outside the photo; raise `CorrectionError` for one that is no face's."""
    right, bottom = box.x + box.width, box.y + box.height
    # So that numbers that are none fail, too.
    if not (box.x >= -1 and box.y >= -1 and right <= photo.width + 1 and bottom <= photo.height + 1):
        raise CorrectionError(
            "box_outside",
            gettext("The box is outside the photo of %(size)s pixels.") % {"size": f"{photo.width} × {photo.height}"},
        )
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    box = Box(left, top, min(right, photo.width) - left, min(bottom, photo.height) - top)
    side = math.ceil(MIN_MARKED_SIDE * max(1.0, max(photo.width, photo.height) / PHOTO_SIDE))
    if not min(box.width, box.height) >= side:
        message = gettext("This box is too small. Draw one of at least %(size)s pixels.") % {"size": f"{side} × {side}"}
        raise CorrectionError("box_too_small", message)
    return box


def _check_not_found(analysis: Analysis, box: Box) -> None:
    """Raise "already_found" where a face of the result, taken out or not, is the one in the box."""
    for face in Face.objects.filter(analysis=analysis):
        if box.overlap(face.value.box) >= SAME_FACE_OVERLAP:
            if not face.is_included:
                raise CorrectionError("already_found", gettext("You said that this is not a face. Undo that first."))
            message = gettext("This is already face %(number)s.") % {"number": face.position}
            raise CorrectionError("already_found", message)


def _recognize(photo: Photo, marks: list[Box]) -> Recognition:
    try:
        return recognize_photo(photo=photo, marks=marks)
    except FileNotFoundError as error:
        raise CorrectionError("picture_removed", gettext("The file of this photo has been deleted.")) from error


def _outdated() -> CorrectionError:
    return CorrectionError("outdated", gettext("This photo has been analysed again. Here is its new result."))
