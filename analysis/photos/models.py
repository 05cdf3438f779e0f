"""Photos, the results of model versions for them, the faces of each result, and re-analysis jobs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.db.models.functions import Coalesce
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.deletions.models import VisibleManager
from analysis.files.storage import delete_files
from analysis.history.sums import face_entries, remove_from_history
from analysis.idempotency.models import IdempotencyKey
from analysis.photos.face_models import Face
from analysis.photos.list_queries import PhotoListColumns, PhotoListQuerySet, list_indexes
from analysis.recognition import faces as values
from analysis.recognition.emotions import by_emotion
from analysis.searched_names import fold_name
from ferproject.querysets import OwnedQuerySet

_BATCH_SIZE = 500


class PhotoQuerySet(PhotoListQuerySet):
    def with_result(self) -> Self:
        """Prefetch the current results, their faces and corrections."""
        return self._with_results(Analysis.objects.current())

    def with_excluded_faces(self) -> Self:
        """Do as `with_result`, and prefetch the faces that their owner took out."""
        return self._with_results(Analysis.objects.current().with_excluded_faces())

    def _with_results(self, results: AnalysisQuerySet) -> Self:
        return self.prefetch_related(Prefetch("analyses", queryset=results, to_attr="current_analyses"))

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
    is of the uploaded file. `dated_at` is when it was taken or, where that is not known, added. `picture` and
    `thumbnail` are "" once its files are deleted and only its results kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: the list indexes begin with it, and SQLite would prefer the narrow one.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="photos",
        db_index=False,
        verbose_name=_("owner"),
    )
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    picture = models.FileField(max_length=100, blank=True)
    thumbnail = models.FileField(max_length=100, blank=True)
    bytes = models.PositiveBigIntegerField(_("bytes"), help_text=_("Size of its stored files."))
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    taken_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="From its EXIF, with its owner's consent to keep that."
    )
    dated_at = models.GeneratedField(
        expression=Coalesce("taken_at", "created_at"), output_field=models.DateTimeField(), db_persist=True
    )
    people_agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner confirmed that everyone in it agreed."
    )

    objects = VisibleManager.from_queryset(PhotoQuerySet)()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="photo_once_per_owner"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_pixels"),
        ]
        indexes = list_indexes()

    def __str__(self) -> str:
        # Shown in the admin and in logs, which must not contain the owner's name for it.
        return gettext("photo %(id)s") % {"id": self.pk}

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
    def dated_day(self) -> dt.date:
        """The day it was taken or, where that is not known, added, in the current time zone."""
        return timezone.localdate(self.dated_at)

    @property
    def result(self) -> Analysis:
        """The current result, prefetched by `with_result`."""
        if not hasattr(self, "current_analyses"):
            self.current_analyses = list(self.analyses.current())
        return self.current_analyses[0]


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def current(self) -> Self:
        """Current results; their prefetched `faces` are those that their owner did not take out, with corrections."""
        return self.filter(is_current=True).prefetch_related(
            Prefetch("faces", queryset=Face.objects.included().select_related("correction__consent"))
        )

    def with_excluded_faces(self) -> Self:
        """Prefetch the results' `excluded_faces`, with the corrections that took them out."""
        faces = Face.objects.excluded().select_related("correction__consent")
        return self.prefetch_related(Prefetch("faces", queryset=faces, to_attr="excluded_faces"))

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
        # Finds what a version that serves again has stored.
        indexes = [models.Index(fields=["model"], condition=Q(is_current=False), name="analysis_not_current")]

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
        """The number of faces by emotion as corrected, most frequent first."""
        return Counter(face.corrected_emotion for face in self.faces.all() if face.corrected_emotion).most_common()

    @property
    def mean_probabilities(self) -> tuple[float, ...] | None:
        """The mean of the faces' probabilities, in the order of `EMOTIONS`; None without a face."""
        rows = [face.probabilities for face in self.faces.all()]
        return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True)) if rows else None

    @property
    def group(self) -> list[tuple[str, float]]:
        """The (emotion, mean probability) of two or more faces together, the likeliest first."""
        means = self.mean_probabilities if len(self.faces.all()) > 1 else None
        return [] if means is None else sorted(by_emotion(means).items(), key=lambda pair: -pair[1])

    @cached_property
    def excluded_faces(self) -> list[Face]:
        """The faces that their owner took out: "not a face"."""
        return list(Face.objects.excluded().filter(analysis=self).select_related("correction__consent"))


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
    def message_in_language(self) -> str:
        """Why the job failed, in the active language where the text is known in it."""
        return gettext(self.message) if self.message else ""

    @property
    def renewed(self) -> int:
        """Number of photos with a new result."""
        return self.done - self.failed


@receiver(post_delete, sender=Photo)
def remove_files(instance: Photo, **kwargs: object) -> None:
    """Delete a deleted photo's files after the commit: a rollback must not leave a row without files."""
    transaction.on_commit(lambda: delete_files([instance.picture.name, instance.thumbnail.name]))
