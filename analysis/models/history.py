"""Sums over everything a person's faces showed, so that charts need not read a million rows."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from analysis.models.photos import EMOTION_CHOICES
from analysis.recognition.emotions import EMOTIONS

SUM_FIELDS = [f"sum_{emotion}" for emotion in EMOTIONS]
QUARTER_MINUTES = 15


def quarter_of(moment: dt.datetime) -> dt.datetime:
    """Return the start, in UTC, of the quarter of an hour that a moment lies in."""
    moment = moment.astimezone(dt.UTC)
    return moment.replace(minute=moment.minute - moment.minute % QUARTER_MINUTES, second=0, microsecond=0)


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


class HistorySum(models.Model):
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
    n = models.PositiveBigIntegerField(default=0)
    sum_angry = models.PositiveBigIntegerField(default=0)
    sum_disgust = models.PositiveBigIntegerField(default=0)
    sum_fear = models.PositiveBigIntegerField(default=0)
    sum_happy = models.PositiveBigIntegerField(default=0)
    sum_sad = models.PositiveBigIntegerField(default=0)
    sum_surprise = models.PositiveBigIntegerField(default=0)
    sum_neutral = models.PositiveBigIntegerField(default=0)

    objects = HistorySumQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "quarter", "source", "emotion", "model"], name="history_sum_once"),
            models.CheckConstraint(condition=Q(source__in=["photo", "live", "video"]), name="history_sum_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} from {self.quarter:%Y-%m-%d %H:%M}"
