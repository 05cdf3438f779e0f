"""Stored results of a version that serves again, after a roll-back, become their photos' current results again.

Without a new analysis. `ModelVersion.has_results_to_restore` is set when a version takes over from another, and cleared
when none is left.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.dispatch import Signal

from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.photos.face_changes import update_list_columns
from analysis.photos.face_models import Face
from analysis.photos.models import Analysis, Photo
from analysis.recognition.marking import SAME_FACE_OVERLAP
from analysis.versions.models import ModelVersion

results_restored = Signal()
"""Sent with `analyses`, a list, inside the transaction that makes them their photos' current results."""
REQUEST_SECONDS = 2.0
"""How long a promotion or a roll-back may take longer for this; the workers do the rest."""
SWEEP_SECONDS = 20.0
_BATCH = 500


def restore_on_activation(**kwargs: Any) -> None:
    """Restore the results of the version that serves now; a receiver of `version_activated`."""
    restore_results(seconds=REQUEST_SECONDS)


def restore_results(*, seconds: float) -> bool:
    """Restore results of the active version for about so many seconds; return whether none is left to restore."""
    version = ModelVersion.objects.active()
    if version is None or not version.has_results_to_restore:
        return True
    began, last = time.monotonic(), None
    while batch := _next_stored(version.name, last):
        _restore(batch)
        last = batch[-1].pk
        if time.monotonic() - began >= seconds:
            return False
    ModelVersion.objects.filter(pk=version.pk).update(has_results_to_restore=False)
    return True


def _next_stored(model: str, last: int | None) -> list[Analysis]:
    """Return the version's newest results that are not current, of photos whose current result is of another."""
    stored = Analysis.objects.filter(is_current=False, model=model, detector=settings.FACE_DETECTOR)
    stored = stored.filter(~Q(photo__model=model) | ~Q(photo__detector=F("detector")))
    if last is not None:
        stored = stored.filter(pk__lt=last)
    return list(stored.order_by("-pk")[:_BATCH])


def _restore(stored: Sequence[Analysis]) -> None:
    newest: dict[Any, Analysis] = {}
    for analysis in stored:
        newest.setdefault(analysis.photo_id, analysis)
    with transaction.atomic():
        # As any other result for them waits for this lock.
        photos = list(Photo.objects.select_for_update().filter(pk__in=newest).order_by("pk"))
        ids = {photo.pk for photo in photos if (photo.model, photo.detector) != _made_by(newest[photo.pk])}
        ids -= _lacking_marks([newest[pk] for pk in ids])
        analyses = [newest[pk] for pk in sorted(ids)]
        remove_from_history(face_entries(Face.objects.current().filter(analysis__photo__in=ids)))
        Analysis.objects.filter(photo__in=ids, is_current=True).update(is_current=False)
        Analysis.objects.filter(pk__in=[analysis.pk for analysis in analyses]).update(is_current=True)
        update_list_columns(analyses)
        add_to_history(face_entries(Face.objects.filter(analysis__in=analyses)))
        results_restored.send(Analysis, analyses=analyses)


def _made_by(analysis: Analysis) -> tuple[str, str]:
    return analysis.model, analysis.detector


def _lacking_marks(stored: Sequence[Analysis]) -> set[Any]:
    """Return the photos with a marked face that the stored result has not: analysing them again is what adds it."""
    by_photo = {analysis.photo_id: analysis for analysis in stored}
    marked = Face.objects.current().filter(analysis__photo__in=by_photo, is_marked=True).select_related("analysis")
    lacking = set()
    for face in marked:
        box, photo_id = face.value.box, face.analysis.photo_id
        faces = Face.objects.filter(analysis=by_photo[photo_id])
        if not any(box.overlap(other.value.box) >= SAME_FACE_OVERLAP for other in faces):
            lacking.add(photo_id)
    return lacking
