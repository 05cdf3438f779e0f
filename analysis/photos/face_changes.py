"""Changes of a photo's faces by its owner, which sums and lists follow at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.photos.face_models import Face
from analysis.photos.list_queries import result_columns
from analysis.photos.models import Analysis, Photo

_BEYOND = 10_000
"""More than a result's largest position."""


@contextmanager
def changing_faces(*, photo_id: uuid.UUID) -> Iterator[Analysis]:
    """Lock a photo while its faces are changed, and give its current result.

    Afterwards the faces are numbered, and the history's sums and the photo's list columns are of the faces as they are
    then; all in one transaction. Raises `Photo.DoesNotExist`.
    """
    with transaction.atomic():
        # Another change of its faces, another result for it, or its deletion waits for this lock.
        photo = Photo.objects.select_for_update().get(pk=photo_id)
        analysis = photo.analyses.get(is_current=True)
        remove_from_history(face_entries(Face.objects.filter(analysis=analysis)))
        yield analysis
        _number_faces(analysis)
        update_list_columns([analysis])
        add_to_history(face_entries(Face.objects.filter(analysis=analysis)))


def update_list_columns(analyses: Sequence[Analysis]) -> None:
    """Make the photos' list columns those of these results, which are current."""
    faces_of: dict[int, list[Face]] = {analysis.pk: [] for analysis in analyses}
    for face in Face.objects.filter(analysis__in=faces_of).select_related("correction"):
        faces_of[face.analysis_id].append(face)
    photos, columns = [], {}
    for analysis in analyses:
        faces = faces_of[analysis.pk]
        listed = [face.listed for face in faces if face.is_included]
        is_corrected = any(face.is_marked or hasattr(face, "correction") for face in faces)
        columns = result_columns(analysis.model, analysis.detector, listed, is_corrected=is_corrected)
        photos.append(Photo(pk=analysis.photo_id, **columns))
    if photos:
        Photo.objects.bulk_update(photos, list(columns))


def _number_faces(analysis: Analysis) -> None:
    """Number the included faces from left to right, then those taken out."""
    faces = sorted(
        Face.objects.filter(analysis=analysis), key=lambda face: (not face.is_included, face.value.box.centre[0])
    )
    if [face.position for face in faces] == list(range(1, len(faces) + 1)):
        return
    # No two faces of a result may have one position, not even for a moment.
    Face.objects.filter(analysis=analysis).update(position=F("position") + _BEYOND)
    for position, face in enumerate(faces, start=1):
        face.position = position
    Face.objects.bulk_update(faces, ["position"])
