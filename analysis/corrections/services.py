"""What people say a face really shows, reviewed by staff; see `training_pool` for what becomes of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.corrections.models import Correction
from analysis.corrections.training_rows import TrainingRows, approved_rows
from analysis.errors import CorrectionError
from analysis.photos.models import Analysis, Face
from analysis.recognition.emotions import EMOTIONS

__all__ = [
    "TrainingRows",
    "approved_rows",
    "carry_over_corrections",
    "correct_face",
    "review_correction",
    "withdraw_correction",
]

SAME_FACE = 0.5
"""Intersection over union from which two results' boxes are one face."""


def correct_face(*, face: Face, by: Model, emotion: str) -> Correction:
    """Record which expression a face shows, in place of what was recorded before."""
    if emotion not in EMOTIONS:
        raise CorrectionError("unknown_emotion", f"Choose one of {', '.join(EMOTIONS)}.")
    if emotion == face.emotion:
        raise CorrectionError("same_emotion", f"This face was recognized as {emotion} already.")
    if not face.analysis.is_current:
        raise CorrectionError("outdated", "This photo was analysed again in the meantime; here is its new result.")
    with transaction.atomic():
        # Two corrections of one face at once wait for each other here.
        Face.objects.select_for_update().get(pk=face.pk)
        earlier = Correction.objects.filter(face=face).first()
        if earlier is not None and earlier.emotion == emotion:
            return earlier
        if earlier is not None:
            earlier.delete()
        return Correction.objects.create(
            face=face, by=by, emotion=emotion, said=face.emotion, model=face.analysis.model
        )


def withdraw_correction(*, correction: Correction) -> None:
    """Forget a correction, and with it its place in the training pool."""
    correction.delete()


def review_correction(*, correction: Correction, by: Model, approve: bool) -> Correction:
    """Approve or reject a correction, and note who did."""
    status = Correction.Status.APPROVED if approve else Correction.Status.REJECTED
    with transaction.atomic():
        # Its author may have taken it, or the consent, back since the reviewer's page was made.
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
    """Attach a photo's corrections to the same faces of its newest result; a receiver of `analysis_recorded`."""
    corrections = list(Correction.objects.filter(face__analysis__photo=analysis.photo_id).select_related("face"))
    if not corrections:
        return
    free = list(analysis.faces.all())
    for correction in corrections:
        box = correction.face.value.box
        face = max(free, key=lambda other: box.overlap(other.value.box), default=None)
        if face is not None and box.overlap(face.value.box) >= SAME_FACE:
            free.remove(face)
            correction.face = face
            correction.save(update_fields=["face"])
