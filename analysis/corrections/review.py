"""The queue of a person's uncertain faces, which they go through one by one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, QuerySet

from analysis.photos.face_models import Face
from analysis.photos.models import Photo

MAX_COUNTED = 1000
"""Photos that wait are counted up to this number, with every page of the queue."""


@dataclass(frozen=True)
class ReviewQueue:
    """Uncertain faces that `owner` did not correct, of photos whose picture is stored, newest photos first."""

    owner: Model

    def next(self, after: Face | None = None) -> Face | None:
        """Return the first face, or the first behind another one, whatever was said of that; None at the end."""
        photos = self._photos()
        if after is not None:
            photo = after.analysis.photo
            if face := _open_faces(photo).filter(pk__gt=after.pk).first():
                return face
            photos = photos.older_than(photo)
        newest = photos.newest_first().first()
        return None if newest is None else _open_faces(newest).first()

    def count_photos(self) -> int:
        """Count the photos with such faces, up to `MAX_COUNTED`."""
        return self._photos().order_by()[:MAX_COUNTED].count()

    def get(self, text: str) -> Face | None:
        """Return the owner's face with the id written as `text`, of a current result; None where it is none."""
        if not (text.isascii() and text.isdecimal() and len(text) < 16):
            return None
        return _with_photo(Face.objects.owned_by(self.owner).current().filter(pk=int(text))).first()

    def _photos(self) -> QuerySet[Photo]:
        return Photo.objects.owned_by(self.owner).with_picture().matching(uncertain=True)


def _open_faces(photo: Photo) -> QuerySet[Face]:
    # By id, which a correction does not change; a face that is taken out gets another position.
    faces = Face.objects.current().filter(analysis__photo=photo).to_review()
    return _with_photo(faces).order_by("pk")


def _with_photo(faces: QuerySet[Face]) -> QuerySet[Face]:
    return faces.select_related("analysis__photo", "correction")
