"""Corrections of recognized expressions, and their review by staff."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.consents.services import active_consent, give_consent
from analysis.corrections.models import Correction
from analysis.errors import CorrectionError
from analysis.photos.models import Analysis, Face
from analysis.recognition.emotions import EMOTIONS

SAME_FACE_OVERLAP = 0.5
"""Minimum intersection over union of one face's boxes in two results."""


def correct_face(*, face: Face, by: Model, emotion: str) -> Correction:
    """Record the expression of a face according to its owner, in place of an earlier correction.

    It is for training where its owner's consent to training is active now, else for this result only.
    """
    if emotion not in EMOTIONS:
        raise CorrectionError("unknown_emotion", f"Choose one of {', '.join(EMOTIONS)}.")
    if emotion == face.emotion:
        raise CorrectionError("same_emotion", f"This face was recognized as {emotion} already.")
    if not face.analysis.is_current:
        raise CorrectionError("outdated", "This photo was analysed again in the meantime; here is its new result.")
    with transaction.atomic():
        # Another correction of the face waits for this lock.
        Face.objects.select_for_update().get(pk=face.pk)
        earlier = Correction.objects.filter(face=face).first()
        if earlier is not None and earlier.emotion == emotion:
            return earlier
        if earlier is not None:
            earlier.delete()
        return Correction.objects.create(
            face=face,
            by=by,
            emotion=emotion,
            said=face.emotion,
            model=face.analysis.model,
            consent=active_consent(user=by),
        )


def agree_to_training(*, correction: Correction, notice_version: str) -> None:
    """Give the consent to training for this correction and those made from now on, not for earlier ones."""
    with transaction.atomic():
        consent = give_consent(user=correction.by, notice_version=notice_version)
        correction.consent = consent
        correction.save(update_fields=["consent"])


def review_correction(*, correction: Correction, by: Model, approve: bool) -> Correction:
    """Approve or reject a correction, with an audit entry."""
    status = Correction.Status.APPROVED if approve else Correction.Status.REJECTED
    with transaction.atomic():
        # The correction or the consent may have been withdrawn since the page was rendered.
        if not Correction.objects.consented().filter(pk=correction.pk).exists():
            raise CorrectionError("withdrawn", "This correction was withdrawn in the meantime.")
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
    free = list(analysis.faces.all()) if corrections else []
    for correction in corrections:
        box = correction.face.value.box
        face = max(free, key=lambda other: box.overlap(other.value.box), default=None)
        if face is not None and box.overlap(face.value.box) >= SAME_FACE_OVERLAP:
            free.remove(face)
            correction.face = face
            correction.save(update_fields=["face"])
