"""Sums over everything a person's faces showed, so that charts need not read a million rows."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from analysis.emotion_columns import EMOTION_CHOICES
from analysis.recognition.emotions import EMOTIONS

SUM_FIELDS = [f"sum_{emotion}" for emotion in EMOTIONS]
QUARTER_MINUTES = 15


def quarter_of(moment: dt.datetime) -> dt.datetime:
    """Return the start, in UTC, of the quarter of an hour that a moment lies in."""
    moment = moment.astimezone(dt.UTC)
    return moment.replace(minute=moment.minute - moment.minute % QUARTER_MINUTES, second=0, microsecond=0)


def start_of(quarter: dt.datetime, grain: int) -> dt.datetime:
    """Return the start of the hour, six hours or day of UTC that a quarter of an hour lies in."""
    hours = grain // HistoryRollup.Grain.HOUR
    return quarter.replace(minute=0, hour=quarter.hour - quarter.hour % hours)


class HistorySumQuerySet(models.QuerySet["HistorySum"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner=user)

    def between(self, start: dt.datetime | None, end: dt.datetime | None) -> Self:
        """Quarters that begin at `start` or later and before `end`; None leaves that side open."""
        sums = self
        if start is not None:
            sums = sums.filter(quarter__gte=start)
        if end is not None:
            sums = sums.filter(quarter__lt=end)
        return sums

    def from_source(self, source: str) -> Self:
        return self.filter(source=source)


class SumColumns(models.Model):
    """How many faces, and the sums of their probabilities in millionths."""

    n = models.PositiveBigIntegerField(default=0)
    sum_angry = models.PositiveBigIntegerField(default=0)
    sum_disgust = models.PositiveBigIntegerField(default=0)
    sum_fear = models.PositiveBigIntegerField(default=0)
    sum_happy = models.PositiveBigIntegerField(default=0)
    sum_sad = models.PositiveBigIntegerField(default=0)
    sum_surprise = models.PositiveBigIntegerField(default=0)
    sum_neutral = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True


class HistorySum(SumColumns):
    """How many faces of one source, emotion and model version fell into one quarter of an hour, and their sums.

    `quarter` is its start in UTC: every time zone's hours and days are made of whole quarters. `source` is "photo",
    "live" or "video"; a face of a photo counts when the photo was added, one of a session once a second. The
    sums are of probabilities in millionths, as integers: what is added and taken away again leaves nothing behind.
    """

    class Source(models.TextChoices):
        PHOTO = "photo", "Photos"
        LIVE = "live", "Live"
        VIDEO = "video", "Videos"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="history_sums")
    quarter = models.DateTimeField()
    source = models.CharField(max_length=5, choices=Source)
    emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES)
    model = models.CharField(max_length=100)

    objects = HistorySumQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "quarter", "source", "emotion", "model"], name="history_sum_once"),
            models.CheckConstraint(condition=Q(source__in=["photo", "live", "video"]), name="history_sum_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} from {self.quarter:%Y-%m-%d %H:%M}"


class HistoryRollupQuerySet(models.QuerySet["HistoryRollup"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner=user)


class HistoryRollup(SumColumns):
    """Quarter-hours' sums added up to hours, six hours and days of UTC: a day of any zone is read from a dozen rows
    instead of ninety-six. What no whole hour of UTC covers, where zones are off by half of one, is read from quarters.

    `grain` is how many quarters of an hour it covers, `start` the first one.
    """

    class Grain(models.IntegerChoices):
        HOUR = 4
        SIX_HOURS = 24
        DAY = 96

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="history_rollups")
    grain = models.PositiveSmallIntegerField(choices=Grain)
    start = models.DateTimeField()
    source = models.CharField(max_length=5, choices=HistorySum.Source)
    emotion = models.CharField(max_length=8, choices=EMOTION_CHOICES)
    model = models.CharField(max_length=100)

    objects = HistoryRollupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "grain", "start", "source", "emotion", "model"], name="history_rollup_once"
            ),
            models.CheckConstraint(condition=Q(grain__in=[4, 24, 96]), name="history_rollup_grain_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} in the {self.get_grain_display().lower()} from {self.start:%Y-%m-%d %H:%M}"
