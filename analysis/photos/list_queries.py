"""Filters of photo lists, and the columns and indexes that answer them.

A list must not read the faces of a million photos: each photo repeats what its current result shows.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.searched_names import named_like
from ferproject.pagination import Keyset
from ferproject.querysets import TimelineQuerySet

SHOWS_FIELDS = [f"shows_{emotion}" for emotion in EMOTIONS]
_FILTERED = [
    "search_name",
    "confidence",
    "source",
    *SHOWS_FIELDS,
    "answered_bits",
    "face_count",
    "is_corrected",
    "has_uncertain",
]


class ListedFace(NamedTuple):
    """A face of a photo's current result, as lists need it: `emotion` as the version answered.

    `corrected_emotion` is "" where its owner cannot tell; `is_open` where it is uncertain and not corrected.
    """

    emotion: str
    confidence: float
    corrected_emotion: str
    is_open: bool = False


class PhotoListQuerySet(TimelineQuerySet):
    """Filters and counts that are answered by the indexes of `PhotoListColumns`."""

    def matching(
        self,
        *,
        start: dt.datetime | None = None,
        end: dt.datetime | None = None,
        emotion: str = "",
        source: str = "",
        model: str = "",
        name: str = "",
        by_taken: bool = False,
        min_confidence: float | None = None,
        max_confidence: float | None = None,
        as_answered: bool = False,
        corrected: bool | None = None,
        without_faces: bool | None = None,
        uncertain: bool | None = None,
        album: uuid.UUID | None = None,
    ) -> Self:
        """Filter by the values given; None and "" filter nothing.

        Photos added, or `by_taken` taken, from `start` on and before `end`, with a face that shows `emotion` as
        corrected or `as_answered`, analysed by the version `model`, with `name` in their name in any letter case, with
        or without accents, and with the highest confidence of their faces from `min_confidence` to `max_confidence`,
        those without faces excluded. True or False: `corrected` photos have a face that their owner corrected, took out
        or marked, `uncertain` ones a face that is uncertain and not corrected. In the `album`, or with the tag, of that
        id.
        """
        time = "dated_at" if by_taken else "created_at"
        lookups = {
            f"{time}__gte": start,
            f"{time}__lt": end,
            "source": source,
            "model": model,
            "confidence__gte": min_confidence,
            "confidence__lte": max_confidence,
            f"shows_{emotion}": bool(emotion and not as_answered) or None,
            "is_corrected": corrected,
            "has_uncertain": uncertain,
        }
        photos = self.filter(**{lookup: value for lookup, value in lookups.items() if value not in (None, "")})
        if without_faces is not None:
            photos = photos.filter(face_count=0) if without_faces else photos.filter(face_count__gt=0)
        if emotion and as_answered:
            photos = photos.alias(answered=F("answered_bits").bitand(_bit(emotion))).filter(answered__gt=0)
        if name:
            photos = named_like(photos, name)
        return photos.in_collection(album) if album else photos

    def in_collection(self, pk: uuid.UUID) -> Self:
        """Photos in an album or with a tag."""
        return self.filter(collections=pk)

    @staticmethod
    def keyset(*, by_taken: bool) -> Keyset:
        """Return the order of photos by when they were added, or by when they were taken, newest first."""
        return Keyset(("-dated_at", "-id")) if by_taken else PhotoListQuerySet.newest_first_keyset

    def with_picture(self) -> Self:
        """Photos whose files are stored, not their results alone."""
        return self.exclude(picture="")

    def count_not_analysed_by(self, model: str, detector: str, *, limit: int | None = None) -> int:
        """Count, up to `limit`, the photos whose result is of another version or detector.

        In four ranges of the index: on both sides of the version and, within it, of the detector.
        """
        older, newer, same = self.filter(model__lt=model), self.filter(model__gt=model), self.filter(model=model)
        ranges = (older, newer, same.filter(detector__lt=detector), same.filter(detector__gt=detector))
        first, *others = (photos.order_by().values_list("model") for photos in ranges)
        return first.union(*others, all=True)[:limit].count()

    def count_outdated(self, model: str, detector: str, *, limit: int | None = None) -> int:
        """Count, up to `limit`, the photos with files whose current result is of another version or detector."""
        without_picture = self.filter(picture="").count_not_analysed_by(model, detector)
        count = self.count_not_analysed_by(model, detector, limit=None if limit is None else limit + without_picture)
        return count - without_picture

    def versions_used(self, user: models.Model) -> list[str]:
        """Return the versions of a user's current results, by name."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        # Steps from each version to the next in the index, where DISTINCT would read every photo.
        statement = (
            f"WITH RECURSIVE used (model) AS (SELECT MIN(model) FROM {table} WHERE owner_id = %s UNION ALL "  # noqa: S608
            f"SELECT (SELECT MIN(model) FROM {table} WHERE owner_id = %s AND model > used.model) FROM used "
            "WHERE used.model IS NOT NULL) SELECT model FROM used WHERE model IS NOT NULL"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [user.pk, user.pk])
            return [model for (model,) in cursor.fetchall()]


class PhotoListColumns(models.Model):
    """Columns that repeat a photo's current result, without the faces that its owner took out.

    `confidence` is the highest of its faces, None without a face. `shows_...` are as corrected, `answered_bits` as the
    version answered, a bit for each emotion.
    """

    class Source(models.TextChoices):
        WEB = "web", _("Uploaded")
        API = "api", _("API")
        SAMPLE = "sample", _("Sample photo")
        IMPORT = "import", _("Imported from a folder")

    source = models.CharField(max_length=6, choices=Source, default=Source.WEB, editable=False)
    search_name = models.CharField(max_length=255, editable=False, help_text="The name as it is searched.")
    model = models.CharField(max_length=100, editable=False, help_text="The version that made the current result.")
    detector = models.CharField(max_length=50, editable=False, help_text="The face detector of the current result.")
    face_count = models.PositiveIntegerField(default=0, editable=False)
    confidence = models.FloatField(null=True, editable=False)
    shows_angry = models.BooleanField(default=False, editable=False)
    shows_disgust = models.BooleanField(default=False, editable=False)
    shows_fear = models.BooleanField(default=False, editable=False)
    shows_happy = models.BooleanField(default=False, editable=False)
    shows_sad = models.BooleanField(default=False, editable=False)
    shows_surprise = models.BooleanField(default=False, editable=False)
    shows_neutral = models.BooleanField(default=False, editable=False)
    answered_bits = models.PositiveSmallIntegerField(default=0, editable=False)
    is_corrected = models.BooleanField(
        default=False, editable=False, help_text="Its owner corrected, took out or marked a face."
    )
    has_uncertain = models.BooleanField(
        default=False, editable=False, help_text="A face is uncertain and not corrected."
    )

    class Meta:
        abstract = True


def list_indexes() -> list[models.Index]:
    """Return indexes with every filtered column: the table itself is read for the rows of one page only."""
    return [
        models.Index(fields=["owner", "-created_at", "-id", *_FILTERED, "model"], name="photo_newest_first"),
        models.Index(fields=["owner", "-dated_at", "-id", *_FILTERED, "model"], name="photo_newest_taken_first"),
        models.Index(fields=["owner", "model", "-created_at", "-id", *_FILTERED], name="photo_by_model"),
        models.Index(fields=["owner", "model", "detector"], name="photo_by_detector"),
        models.Index(fields=["owner", "model", "detector"], condition=Q(picture=""), name="photo_without_picture"),
    ]


def result_columns(
    model: str, detector: str, faces: Sequence[ListedFace], *, is_corrected: bool = False
) -> dict[str, Any]:
    """Return the `PhotoListColumns` of a result, given its faces without those taken out."""
    emotions = {face.corrected_emotion for face in faces}
    return {
        "model": model,
        "detector": detector,
        "face_count": len(faces),
        "confidence": max((face.confidence for face in faces), default=None),
        **{f"shows_{emotion}": emotion in emotions for emotion in EMOTIONS},
        "answered_bits": sum({_bit(face.emotion) for face in faces}),
        "is_corrected": is_corrected,
        "has_uncertain": any(face.is_open for face in faces),
    }


def _bit(emotion: str) -> int:
    return 1 << EMOTIONS.index(Emotion(emotion))
