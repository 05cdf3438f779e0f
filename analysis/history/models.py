"""Sums of a history's faces by quarter of an hour, and their rollups, so that charts do not read a million faces."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysis.emotion_fields import EMOTION_CHOICES
from analysis.recognition.emotions import EMOTIONS
from ferproject.querysets import OwnedQuerySet

SUM_FIELDS = [f"sum_{emotion}" for emotion in EMOTIONS]
TOTAL_FIELDS = ("n", *SUM_FIELDS)
QUARTER_MINUTES = 15


def floor_to_quarter(moment: dt.datetime) -> dt.datetime:
    """Return the start, in UTC, of the quarter of an hour that contains `moment`."""
    moment = moment.astimezone(dt.UTC)
    return moment.replace(minute=moment.minute - moment.minute % QUARTER_MINUTES, second=0, microsecond=0)


def floor_to_grain(quarter: dt.datetime, grain: int) -> dt.datetime:
    """Return the start of the hour, six hours or day of UTC that contains a quarter of an hour."""
    hours = grain // HistoryRollup.Grain.HOUR
    return quarter.replace(minute=0, hour=quarter.hour - quarter.hour % hours)


class SumColumns(models.Model):
    """The number of faces of a source, emotion and model version, and the sums of their probabilities in millionths.

    `emotion` is as the version answered, `corrected_emotion` as the owner corrected it: the same without a correction,
    "" where they cannot tell. `clock` says of which time of the photo the row is: one with a capture time is in
    rows of both of its times, all others are in rows of `BOTH`.
    """

    class Source(models.TextChoices):
        PHOTO = "photo", _("Photos")
        LIVE = "live", _("Live sessions")
        VIDEO = "video", _("Videos")

        @property
        def unit(self) -> str:
            """What `n` counts: faces of photos, or seconds in which a face was seen."""
            return "face" if self is type(self).PHOTO else "second"

    class Clock(models.TextChoices):
        BOTH = "both"
        ADDED = "added"
        TAKEN = "taken"

    source = models.CharField(max_length=5, choices=Source)
    emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES)
    model = models.CharField(max_length=100)
    corrected_emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES, blank=True)
    clock = models.CharField(max_length=5, choices=Clock, default=Clock.BOTH)
    n = models.PositiveBigIntegerField(default=0)
    sum_angry = models.PositiveBigIntegerField(default=0)
    sum_disgust = models.PositiveBigIntegerField(default=0)
    sum_fear = models.PositiveBigIntegerField(default=0)
    sum_happy = models.PositiveBigIntegerField(default=0)
    sum_sad = models.PositiveBigIntegerField(default=0)
    sum_surprise = models.PositiveBigIntegerField(default=0)
    sum_neutral = models.PositiveBigIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True


class HistorySum(SumColumns):
    """Sums of the faces of one source, emotion and model version in one quarter of an hour.

    `quarter` is its start in UTC: every time zone's hours and days are made of whole quarters. A photo's face counts
    when the photo was added, a session's once a second. The sums are integers, millionths of probabilities, so that
    adding and removing the same face cancel out exactly.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="history_sums")
    quarter = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "quarter", "source", "emotion", "model", "corrected_emotion", "clock"],
                name="history_sum_once",
            ),
            models.CheckConstraint(condition=Q(source__in=["photo", "live", "video"]), name="history_sum_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} from {self.quarter:%Y-%m-%d %H:%M}"


class HistoryRollup(SumColumns):
    """Sums by hour, six hours and day of UTC, so that a day of any time zone is read from a dozen rows, not 96.

    `grain` is how many quarters of an hour a row covers, `start` the first one. Parts of hours, where a zone is off by
    half an hour, are read from `HistorySum`.
    """

    class Grain(models.IntegerChoices):
        HOUR = 4
        SIX_HOURS = 24
        DAY = 96

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="history_rollups")
    grain = models.PositiveSmallIntegerField(choices=Grain)
    start = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "grain", "start", "source", "emotion", "model", "corrected_emotion", "clock"],
                name="history_rollup_once",
            ),
            models.CheckConstraint(condition=Q(grain__in=[4, 24, 96]), name="history_rollup_grain_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} in the {self.get_grain_display().lower()} from {self.start:%Y-%m-%d %H:%M}"
