"""Sessions (live or of a video) and their samples."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Avg, Count, F, Max, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.deletions.models import VisibleManager
from analysis.emotion_fields import PROBABILITY_FIELDS, EmotionFields, emotion_constraints
from analysis.searched_names import NamedQuerySet, SearchedName
from ferproject.pagination import Keyset


class SessionQuerySet(NamedQuerySet):
    newest_first_keyset = Keyset(("-started_at", "-id"))

    def live(self) -> Self:
        return self.filter(source=Session.Source.LIVE)

    def open(self) -> Self:
        return self.filter(ended_at=None)

    def in_collection(self, pk: uuid.UUID) -> Self:
        """Sessions in an album or with a tag."""
        return self.filter(collections=pk)

    def overlapping(self, start: dt.datetime | None, end: dt.datetime | None) -> Self:
        """Sessions with a second at `start` or later and before `end`; None leaves that side open."""
        sessions = self
        if start is not None:
            # `gte`, because a session that ends at once has one second.
            sessions = sessions.filter(Q(ended_at__gte=start) | Q(ended_at=None, seen_at__gte=start))
        if end is not None:
            sessions = sessions.filter(started_at__lt=end)
        return sessions


class Session(SearchedName):
    """The timeline of a live session or an analysed video. `started_at` is second 0 of its samples.

    For a video that is the time of its upload, because its file does not reliably state when it was filmed.
    """

    class Source(models.TextChoices):
        LIVE = "live", _("Live")
        VIDEO = "video", _("Video")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    source = models.CharField(max_length=5, choices=Source)
    name = models.CharField(max_length=120)
    notes = models.TextField(blank=True, max_length=10_000)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When its last rows were written.")
    frames = models.PositiveIntegerField(default=0, help_text="Frames that were analysed.")
    dropped = models.PositiveIntegerField(default=0, help_text="Frames that gave way to newer ones.")
    # `emotion_counts` for lists; counting the samples of a page of long sessions would read a million rows.
    tally = models.JSONField(null=True, blank=True, editable=False)
    tallied_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="The `seen_at` it counts for.")

    # Nullable, so that SQLite need not copy the table.
    token = models.UUIDField(null=True, blank=True, editable=False, help_text="Of the live connection that writes it.")
    wanted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When another connection asked to go on with it."
    )

    objects = VisibleManager.from_queryset(SessionQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=["live", "video"]), name="session_source_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="session_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-started_at", "-id"], name="session_newest_first")]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def created_at(self) -> dt.datetime:
        """`started_at`, by the name that `pagination` uses."""
        return self.started_at

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_tallied(self) -> bool:
        """Whether the stored counts include every sample."""
        return self.tally is not None and self.tallied_at == self.seen_at

    @property
    def duration(self) -> dt.timedelta:
        """Its duration, so far if it is open."""
        return (self.ended_at or self.seen_at) - self.started_at


class FaceName(models.Model):
    """What the owner of a session calls one of its faces; it names nobody in other sessions or in photos."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="face_names")
    face = models.PositiveIntegerField()
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["face"]
        constraints = [models.UniqueConstraint(fields=["session", "face"], name="face_name_once")]

    def __str__(self) -> str:
        return f"face {self.face} of {self.session_id}"


class SampleQuerySet(models.QuerySet["Sample"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(session__owner=user)

    def within(self, start: int, end: int) -> Self:
        """Samples from second `start` to before second `end`."""
        return self.filter(second__gte=start, second__lt=end)

    def by_face(self) -> models.QuerySet[Sample, dict[str, object]]:
        """Group by session, face, emotion and model: `n` samples, `first` and `last` second, sum of confidences."""
        return (
            self.order_by()
            .values("session_id", "face", "emotion", "model")
            .annotate(n=Count("pk"), first=Min("second"), last=Max("second"), confidence_sum=Sum("confidence"))
        )

    def in_buckets(self, width: int) -> models.QuerySet[Sample, dict[str, object]]:
        """Group by `width` seconds and face: `bucket` (0, 1, ...), `n` samples and mean probabilities."""
        return self._in_buckets(width, "face").order_by("bucket", "face")

    def in_buckets_of_all(self, width: int) -> models.QuerySet[Sample, dict[str, object]]:
        """Group by `width` seconds: as `in_buckets`, with the number of `faces`."""
        return self._in_buckets(width).annotate(faces=Count("face", distinct=True)).order_by("bucket")

    def _in_buckets(self, width: int, *by: str) -> models.QuerySet[Sample, dict[str, object]]:
        means = {f"mean_{field}": Avg(field) for field in PROBABILITY_FIELDS}
        buckets = self.order_by().annotate(bucket=F("second") / width)
        return buckets.values("bucket", *by).annotate(n=Count("pk"), **means)


class Sample(EmotionFields):
    """One face in one second of a session: the mean over that second's frames, without image or position.

    `second` counts from the session's start, `face` is the face's id within it, `probabilities` are unsmoothed means.
    `score` is the detector's; rows of earlier releases have none.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="samples")
    second = models.PositiveIntegerField()
    face = models.PositiveIntegerField()
    frames = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=100)
    score = models.FloatField(null=True, blank=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ["second", "face"]
        constraints = [
            models.UniqueConstraint(fields=["session", "second", "face"], name="sample_once"),
            models.CheckConstraint(condition=Q(frames__gt=0), name="sample_has_frames"),
            *emotion_constraints("sample"),
        ]
