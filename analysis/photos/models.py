"""What is kept of an analysed photo: the photo, each version's result for it, and each result's faces."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from analysis.emotion_columns import EMOTION_CHOICES, PROBABILITY_FIELDS
from analysis.files import storage
from analysis.history.sums import face_entries, remove_from_history
from analysis.idempotency.models import IdempotencyKey
from analysis.photos.list_queries import PhotoListed, PhotoLists, fold_name, list_indexes
from analysis.recognition import faces as values
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.quality import QualityWarning

_PORTION = 500


class PhotoQuerySet(PhotoLists):
    def with_result(self) -> Self:
        """Fetch the current result, its faces and their corrections along, in two queries for any number of photos."""
        return self.prefetch_related(
            Prefetch("analyses", queryset=Analysis.objects.current(), to_attr="current_analyses")
        )

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete with what the history's sums and remembered answers hold of them, a portion at a time.

        Whatever deletes photos comes through here or `Photo.delete`, but for a user's deletion: the sums go with it.
        """
        deleted: Counter[str] = Counter()
        with transaction.atomic():
            # A new result for one of them waits here until it is gone.
            ids = list(self.select_for_update().order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(ids), _PORTION):
                portion = ids[start : start + _PORTION]
                photos = Photo.objects.filter(pk__in=portion)
                _take_from_history(photos)
                IdempotencyKey.objects.filter(owner__in=photos.values("owner")).telling_of(portion).delete()
                deleted.update(super(PhotoQuerySet, photos).delete()[1])
        return sum(deleted.values()), dict(deleted)

    # As Django marks its own: neither a template nor a manager calls it.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Photo(PhotoListed):
    """A picture somebody added. `name` is what they called it and is only ever shown, never a path.

    `width` and `height` are the upright original's, in whose pixels every box is; the kept picture may be
    smaller. `sha256` is the uploaded file's. Where only the scores are kept, `picture` and `thumbnail` are "".
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: those of the lists begin with it, and SQLite would prefer the narrow one to them.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="photos", db_index=False)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    picture = models.FileField(max_length=100, blank=True)
    thumbnail = models.FileField(max_length=100, blank=True)
    bytes = models.PositiveBigIntegerField(help_text="What the kept files take together.")
    created_at = models.DateTimeField(default=timezone.now)
    people_agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner said that everybody to be seen in it agreed."
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="photo_once_per_owner"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_pixels"),
        ]
        indexes = list_indexes()

    def __str__(self) -> str:
        # The name is its owner's own words, and this is what the admin and logs show.
        return f"photo {self.pk}"

    def save(self, **kwargs: Any) -> None:
        self.search_name = fold_name(self.name)
        super().save(**kwargs)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete with what the history's sums and remembered answers hold of it."""
        with transaction.atomic():
            photo = Photo.objects.select_for_update().filter(pk=self.pk)
            if photo.exists():
                _take_from_history(photo)
            IdempotencyKey.objects.filter(owner=self.owner_id).telling_of([self.pk]).delete()
            return super().delete(**kwargs)

    @property
    def day(self) -> dt.date:
        """The day it was added, in the time zone being shown."""
        return timezone.localdate(self.created_at)

    @property
    def result(self) -> Analysis:
        """The result that counts now; `with_result` fetches it for many photos at once."""
        if not hasattr(self, "current_analyses"):
            self.current_analyses = list(self.analyses.current())
        return self.current_analyses[0]


def _take_from_history(photos: models.QuerySet[Photo]) -> None:
    remove_from_history(face_entries(Face.objects.counting().filter(analysis__photo__in=photos)))


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def current(self) -> Self:
        """Results that count, with their faces and what people said of those."""
        return self.filter(is_current=True).prefetch_related(
            Prefetch("faces", queryset=Face.objects.select_related("correction"))
        )

    def earlier(self) -> Self:
        """Results that count no more, the latest first, with their faces."""
        return self.filter(is_current=False).order_by("-created_at", "-pk").prefetch_related("faces")


class Analysis(models.Model):
    """What one model version said about a photo; a later version's result replaces it as the current one."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="analyses")
    model = models.CharField(max_length=100)
    is_current = models.BooleanField(default=True)
    decode_ms = models.FloatField()
    detect_ms = models.FloatField()
    classify_ms = models.FloatField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["photo"], condition=Q(is_current=True), name="analysis_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} by {self.model}"

    @property
    def milliseconds(self) -> float:
        return self.decode_ms + self.detect_ms + self.classify_ms

    @property
    def recognized_faces(self) -> list[values.Face]:
        """The faces as recognition gave them, from left to right."""
        return [face.value for face in self.faces.all()]

    @property
    def emotion_counts(self) -> list[tuple[str, int]]:
        """How many faces show each emotion, the most frequent first."""
        return Counter(face.emotion for face in self.faces.all()).most_common()


class FaceQuerySet(models.QuerySet["Face"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(analysis__photo__owner=user)

    def counting(self) -> Self:
        """Those of photos' current results, which alone count in a history."""
        return self.filter(analysis__is_current=True)


class Face(models.Model):
    """One face of a result: its box in pixels of the upright original, and seven probabilities.

    `emotion` and `confidence` repeat the largest of those, because lists are filtered by them.
    """

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="faces")
    position = models.PositiveSmallIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    score = models.FloatField()
    emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES)
    confidence = models.FloatField()
    p_angry = models.FloatField()
    p_disgust = models.FloatField()
    p_fear = models.FloatField()
    p_happy = models.FloatField()
    p_sad = models.FloatField()
    p_surprise = models.FloatField()
    p_neutral = models.FloatField()
    picture_doubts = models.CharField(
        max_length=60, blank=True, default="", help_text="What is wrong with how the picture shows it, space-separated."
    )

    objects = FaceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "position"], name="face_position_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="face_box_has_area"),
            models.CheckConstraint(condition=Q(emotion__in=[str(e) for e in EMOTIONS]), name="face_emotion_known"),
            *(
                models.CheckConstraint(condition=Q(**{f"{field}__range": (0, 1)}), name=f"face_{field}_in_0_1")
                for field in ["score", "confidence", *PROBABILITY_FIELDS]
            ),
        ]
        # Answers "does this result hold a face of that emotion" from the index alone.
        indexes = [models.Index(fields=["analysis", "emotion"], name="face_emotion_in_result")]

    def __str__(self) -> str:
        return f"{self.emotion} {self.confidence:.0%}"

    @classmethod
    def from_value(cls, *, analysis: Analysis, position: int, face: values.Face) -> Face:
        """Return an unsaved row for one recognized face."""
        # float32 probabilities may exceed one by a rounding error that the constraint would refuse.
        probabilities = [min(1.0, max(0.0, float(p))) for p in face.probabilities]
        return cls(
            analysis=analysis,
            position=position,
            x=face.box.x,
            y=face.box.y,
            width=face.box.width,
            height=face.box.height,
            score=min(1.0, max(0.0, face.score)),
            emotion=str(face.emotion),
            confidence=max(probabilities),
            picture_doubts=" ".join(face.quality_warnings),
            **dict(zip(PROBABILITY_FIELDS, probabilities, strict=True)),
        )

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Seven floats in the order of `EMOTIONS`."""
        return tuple(getattr(self, field) for field in PROBABILITY_FIELDS)

    @property
    def value(self) -> values.Face:
        """This face as recognition gave it."""
        box = values.Box(self.x, self.y, self.width, self.height)
        warnings = tuple(map(QualityWarning, self.picture_doubts.split()))
        return values.Face(box=box, score=self.score, probabilities=self.probabilities, quality_warnings=warnings)


@receiver(post_delete, sender=Photo)
def remove_files(instance: Photo, **kwargs: object) -> None:
    """Remove a deleted photo's files, whoever deleted it: its owner, the admin, or its owner's own deletion.

    Only after the commit: a rollback must not leave a row without its files.
    """
    transaction.on_commit(lambda: storage.remove([instance.picture.name, instance.thumbnail.name]))
