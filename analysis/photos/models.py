"""Photos, the results of model versions for them, the faces of each result, and re-analysis jobs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from dataclasses import asdict
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from analysis.deletions.models import VisibleManager
from analysis.emotion_fields import EmotionFields, emotion_constraints, emotion_values
from analysis.files.storage import delete_files
from analysis.history.sums import face_entries, remove_from_history
from analysis.idempotency.models import IdempotencyKey
from analysis.photos.list_queries import PhotoListColumns, PhotoListQuerySet, fold_name, list_indexes
from analysis.recognition import faces as values
from analysis.recognition.quality import QualityWarning
from ferproject.querysets import OwnedQuerySet

_BATCH_SIZE = 500


class PhotoQuerySet(PhotoListQuerySet):
    def with_result(self) -> Self:
        """Prefetch the current results, their faces and corrections."""
        return self.prefetch_related(
            Prefetch("analyses", queryset=Analysis.objects.current(), to_attr="current_analyses")
        )

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete in batches, and remove the photos from the history's sums and from stored idempotency responses.

        Only the deletion of a user bypasses this: it cascades to the sums and responses too.
        """
        deleted: Counter[str] = Counter()
        with transaction.atomic():
            # A new result for one of them waits for this lock.
            ids = list(self.select_for_update().order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(ids), _BATCH_SIZE):
                batch = ids[start : start + _BATCH_SIZE]
                photos = Photo.objects.filter(pk__in=batch)
                remove_from_history(face_entries(Face.objects.current().filter(analysis__photo__in=batch)))
                IdempotencyKey.objects.filter(owner__in=photos.values("owner")).about(batch).delete()
                deleted.update(super(PhotoQuerySet, photos).delete()[1])
        return sum(deleted.values()), dict(deleted)

    # As Django marks its own: not callable from templates, not copied to the manager.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Photo(PhotoListColumns):
    """An uploaded photo. `name` is the client's file name, for display only.

    `width`, `height` and all boxes are in pixels of the upright original; the stored picture may be smaller. `sha256`
    is of the uploaded file. `picture` and `thumbnail` are "" once its files are deleted and only its results kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: the list indexes begin with it, and SQLite would prefer the narrow one.
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

    objects = VisibleManager.from_queryset(PhotoQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="photo_once_per_owner"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_pixels"),
        ]
        indexes = list_indexes()

    def __str__(self) -> str:
        # Shown in the admin and in logs, which must not contain the owner's name for it.
        return f"photo {self.pk}"

    def save(self, **kwargs: Any) -> None:
        self.search_name = fold_name(self.name)
        super().save(**kwargs)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete as `PhotoQuerySet.delete` does."""
        return Photo.objects.filter(pk=self.pk).delete()

    @property
    def day(self) -> dt.date:
        """The day it was added, in the current time zone."""
        return timezone.localdate(self.created_at)

    @property
    def result(self) -> Analysis:
        """The current result, prefetched by `with_result`."""
        if not hasattr(self, "current_analyses"):
            self.current_analyses = list(self.analyses.current())
        return self.current_analyses[0]


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def current(self) -> Self:
        """Current results, with their faces and corrections."""
        return self.filter(is_current=True).prefetch_related(
            Prefetch("faces", queryset=Face.objects.select_related("correction__consent"))
        )

    def earlier(self) -> Self:
        """Former results, newest first, with their faces."""
        return self.filter(is_current=False).order_by("-created_at", "-pk").prefetch_related("faces")


class Analysis(models.Model):
    """The result of one detector and model version for a photo; one result of each photo is current."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="analyses")
    detector = models.CharField(max_length=50)
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
        """The faces as values of the recognition package, from left to right."""
        return [face.value for face in self.faces.all()]

    @property
    def emotion_counts(self) -> list[tuple[str, int]]:
        """The number of faces by emotion, most frequent first."""
        return Counter(face.emotion for face in self.faces.all()).most_common()


class FaceQuerySet(models.QuerySet["Face"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(analysis__photo__owner=user)

    def current(self) -> Self:
        """Faces of current results, the only ones in the history."""
        return self.filter(analysis__is_current=True)


class Face(EmotionFields):
    """A face in a result: its box in pixels of the upright original, and seven probabilities.

    `emotion` and `confidence` repeat the largest probability, for the filters of lists.
    """

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="faces")
    position = models.PositiveSmallIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    score = models.FloatField()
    picture_doubts = models.CharField(
        max_length=60, blank=True, default="", help_text="What is wrong with how the picture shows it, space-separated."
    )

    objects = FaceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "position"], name="face_position_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="face_box_has_area"),
            models.CheckConstraint(condition=Q(score__range=(0, 1)), name="face_score_in_0_1"),
            *emotion_constraints("face"),
        ]
        # Covers the query for faces of one emotion in a result.
        indexes = [models.Index(fields=["analysis", "emotion"], name="face_emotion_in_result")]

    @classmethod
    def from_value(cls, *, analysis: Analysis, position: int, face: values.Face) -> Face:
        """Return an unsaved row for a recognized face."""
        return cls(
            analysis=analysis,
            position=position,
            **asdict(face.box),
            score=min(1.0, max(0.0, face.score)),
            picture_doubts=" ".join(face.quality_warnings),
            **emotion_values(face.probabilities),
        )

    @property
    def value(self) -> values.Face:
        """The face as a value of the recognition package."""
        box = values.Box(self.x, self.y, self.width, self.height)
        warnings = tuple(map(QualityWarning, self.picture_doubts.split()))
        return values.Face(box=box, score=self.score, probabilities=self.probabilities, quality_warnings=warnings)


class ReanalysisQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=ReanalysisJob.OPEN)

    def ended(self) -> Self:
        return self.exclude(status__in=ReanalysisJob.OPEN)

    def newest_first(self) -> Self:
        return self.order_by("-created_at")


class ReanalysisJob(models.Model):
    """One pass over a history; `failed` of the `done` photos kept their old result. `token` is the worker's lease."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        FAILED = "failed"

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reanalyses")
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    model = models.CharField(max_length=100, help_text="The version that served when this was asked for.")
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReanalysisQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(status__in=["queued", "running"]), name="reanalysis_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.done}/{self.total} with {self.model}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def most(self) -> int:
        """Maximum of the progress bar; photos analysed twice, after a crash or a promotion, count twice."""
        return max(self.total, self.done)

    @property
    def renewed(self) -> int:
        """Number of photos with a new result."""
        return self.done - self.failed


@receiver(post_delete, sender=Photo)
def remove_files(instance: Photo, **kwargs: object) -> None:
    """Delete a deleted photo's files after the commit: a rollback must not leave a row without files."""
    transaction.on_commit(lambda: delete_files([instance.picture.name, instance.thumbnail.name]))
