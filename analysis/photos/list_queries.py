"""How lists of photos are read: what a photo keeps about its current result, and what can be asked of it.

A list of a million faces' photos must not read the faces: every filter is answered from one index.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, Self

from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import StrIndex

from analysis.recognition.emotions import EMOTIONS
from ferproject.querysets import TimelineQuerySet

SHOWS_FIELDS = [f"shows_{emotion}" for emotion in EMOTIONS]
_FILTERED = ["search_name", "confidence", "source", *SHOWS_FIELDS]


class PhotoLists(TimelineQuerySet):
    """What can be asked of a list of photos; every answer comes from `PhotoListed`'s indexes."""

    def between(self, start: dt.datetime | None, end: dt.datetime | None) -> Self:
        """Photos added at `start` or later and before `end`; None leaves that side open."""
        photos = self
        if start is not None:
            photos = photos.filter(created_at__gte=start)
        if end is not None:
            photos = photos.filter(created_at__lt=end)
        return photos

    def with_emotion(self, emotion: str) -> Self:
        """Photos in whose current result at least one face shows `emotion`."""
        return self.filter(**{f"shows_{emotion}": True})

    def with_confidence(self, *, least: float | None = None, most: float | None = None) -> Self:
        """Photos whose surest face lies between `least` and `most`, both included; those without a face never do."""
        photos = self
        if least is not None:
            photos = photos.filter(confidence__gte=least)
        if most is not None:
            photos = photos.filter(confidence__lte=most)
        return photos

    def analysed_by(self, model: str) -> Self:
        """Photos whose current result this version made."""
        return self.filter(model=model)

    def not_analysed_by(self, model: str) -> Self:
        """Photos whose current result another version made."""
        return self.exclude(model=model)

    def count_not_analysed_by(self, model: str, *, most: int | None = None) -> int:
        """Count those from both sides of the version's place in the index; stop counting at `most`."""
        older, newer = self.filter(model__lt=model), self.filter(model__gt=model)
        if most is None:
            return older.count() + newer.count()
        count = older[:most].count()
        return count if count == most else count + newer[: most - count].count()

    def count_outdated(self, model: str, *, most: int | None = None) -> int:
        """Count, up to `most`, those that another version analysed and whose pictures are kept to be analysed again."""
        without_picture = self.filter(picture="").count_not_analysed_by(model)
        found = self.count_not_analysed_by(model, most=None if most is None else most + without_picture)
        return found - without_picture

    def versions_used(self, user: models.Model) -> list[str]:
        """Return the versions that made somebody's current results, by name."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        # From each version to the next in the index, where DISTINCT would pass by every photo.
        statement = (
            f"WITH RECURSIVE used (model) AS (SELECT MIN(model) FROM {table} WHERE owner_id = %s UNION ALL "  # noqa: S608
            f"SELECT (SELECT MIN(model) FROM {table} WHERE owner_id = %s AND model > used.model) FROM used "
            "WHERE used.model IS NOT NULL) SELECT model FROM used WHERE model IS NOT NULL"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [user.pk, user.pk])
            return [model for (model,) in cursor.fetchall()]

    def with_picture(self) -> Self:
        """Photos whose files are kept, not their scores alone."""
        return self.exclude(picture="")

    def added_from(self, source: str) -> Self:
        return self.filter(source=source)

    def named_like(self, text: str) -> Self:
        """Photos in whose name `text` occurs, in large or small letters."""
        return self.alias(found=StrIndex("search_name", Value(fold_name(text)))).filter(found__gt=0)


class PhotoListed(models.Model):
    """What a photo's lists need to know: columns that repeat its current result, and the indexes that hold them all.

    `confidence` is the surest face's, None without a face; `source` tells how the photo came.
    """

    class Source(models.TextChoices):
        WEB = "web", "Uploaded here"
        API = "api", "By the API"
        SAMPLE = "sample", "Sample photo"

    source = models.CharField(max_length=6, choices=Source, default=Source.WEB, editable=False)
    search_name = models.CharField(max_length=255, editable=False, help_text="The name as it is searched.")
    model = models.CharField(max_length=100, editable=False, help_text="The version that made the current result.")
    face_count = models.PositiveIntegerField(default=0, editable=False)
    confidence = models.FloatField(null=True, editable=False)
    shows_angry = models.BooleanField(default=False, editable=False)
    shows_disgust = models.BooleanField(default=False, editable=False)
    shows_fear = models.BooleanField(default=False, editable=False)
    shows_happy = models.BooleanField(default=False, editable=False)
    shows_sad = models.BooleanField(default=False, editable=False)
    shows_surprise = models.BooleanField(default=False, editable=False)
    shows_neutral = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


def list_indexes() -> list[models.Index]:
    """Return the indexes that hold every column a list is filtered by.

    Whatever is asked, and however rare it is, the table itself is read for the rows of one page alone.
    """
    return [
        models.Index(fields=["owner", "-created_at", "-id", *_FILTERED, "model"], name="photo_newest_first"),
        models.Index(fields=["owner", "model", "-created_at", "-id", *_FILTERED], name="photo_by_model"),
        models.Index(fields=["owner", "model"], condition=Q(picture=""), name="photo_without_picture"),
    ]


def result_columns(model: str, faces: list[tuple[str, float]]) -> dict[str, Any]:
    """Return what a photo keeps of a result: the version, and each face's emotion and confidence."""
    emotions = {emotion for emotion, _ in faces}
    return {
        "model": model,
        "face_count": len(faces),
        "confidence": max((confidence for _, confidence in faces), default=None),
        **{f"shows_{emotion}": emotion in emotions for emotion in EMOTIONS},
    }


def fold_name(name: str) -> str:
    """Return a name as it is searched: without the difference between large and small letters."""
    return unicodedata.normalize("NFC", name.casefold())[:255]
