"""What the dashboard says of somebody's history, from two queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import models
from django.utils.timezone import get_current_timezone

from analysis.dashboard.forms import Days, Question
from analysis.dashboard.labels import days_label
from analysis.history.models import HistorySum
from analysis.history.series import MIN_FACES_FOR_SHARES, EmotionTotals, Series, Totals, history_series, history_totals
from analysis.recognition.emotions import EMOTIONS, Emotion

MAX_BUCKETS_ON_PAGE = 200
"""Bars that can be told apart, and rows of a table that somebody reads."""


@dataclass(frozen=True)
class Column:
    """One of the things compared: its name, and what its faces showed."""

    name: str
    faces: EmotionTotals

    @property
    def shares(self) -> tuple[float, ...] | None:
        """None where there are too few faces to speak of shares."""
        return self.faces.shares if self.faces.n >= MIN_FACES_FOR_SHARES else None


@dataclass(frozen=True)
class Line:
    """One emotion's shares, a column each, and by how much the first exceeds the second."""

    emotion: Emotion
    shares: tuple[float | None, ...]

    @property
    def change(self) -> float | None:
        first, second = self.shares[:2]
        return None if first is None or second is None else first - second


@dataclass(frozen=True)
class Comparison:
    """Columns beside each other, an emotion a line."""

    columns: tuple[Column, ...]

    @property
    def lines(self) -> list[Line]:
        return [
            Line(emotion, tuple(column.shares[i] if column.shares else None for column in self.columns))
            for i, emotion in enumerate(EMOTIONS)
        ]

    @property
    def largest_change(self) -> Line | None:
        """The emotion whose share changed most, unless nothing did."""
        return max((line for line in self.lines if line.change), key=lambda line: abs(line.change or 0), default=None)

    @property
    def can_be_compared(self) -> bool:
        """Whether at least two columns have enough faces."""
        return sum(column.shares is not None for column in self.columns) >= 2


@dataclass(frozen=True)
class Dashboard:
    question: Question
    everything: Series
    series: Series
    totals: Totals
    before: Totals | None

    @property
    def compared(self) -> Comparison | None:
        """The range beside the one that it is compared with."""
        if self.before is None or self.question.against is None:
            return None
        return Comparison(
            (
                Column(days_label(self.question.days), self.totals.whole.faces),
                Column(days_label(self.question.against), self.before.whole.faces),
            )
        )

    @property
    def sources(self) -> Comparison:
        """Photos beside live sessions, and videos where there are any; whatever source is being shown."""
        tallies = dict(self.everything.totals.by_source)
        shown = [source for source in HistorySum.Source if source in tallies or source != HistorySum.Source.VIDEO]
        return Comparison(tuple(Column(str(source.label), tallies.get(source, EmotionTotals())) for source in shown))

    @property
    def source_label(self) -> str:
        source = self.question.source
        return str(HistorySum.Source(source).label) if source else "All sources"

    @property
    def has_few(self) -> bool:
        """Whether something is drawn that too few faces stand behind."""
        return any(bucket.faces.is_few for bucket in self.series.buckets)

    @property
    def dominant_share(self) -> float:
        return max(self.totals.whole.faces.shares or (0.0,))

    @property
    def versions(self) -> tuple[tuple[str, int], ...]:
        return self.totals.whole.models


def read_dashboard(*, owner: models.Model, question: Question) -> Dashboard:
    """Answer `question`; raise `HistoryError` where its intervals are too many for a page."""
    everything = read_series(owner=owner, question=replace(question, source=None), most=MAX_BUCKETS_ON_PAGE)
    series = everything.of_source(question.source) if question.source else everything
    before = read_totals(owner=owner, days=question.against, source=question.source) if question.against else None
    return Dashboard(question, everything, series, series.totals, before)


def read_series(*, owner: models.Model, question: Question, most: int) -> Series:
    """Return the series asked for, of at most so many intervals."""
    span = question.days.span
    return history_series(
        owner=owner,
        start=span.start,
        end=span.end,
        interval=question.interval,
        zone=question.days.zone,
        source=question.source,
        max_buckets=most,
    )


def read_totals(*, owner: models.Model, days: Days, source: str | None) -> Totals:
    span = days.span
    return history_totals(owner=owner, start=span.start, end=span.end, source=source)


def last_days_with_faces(*, owner: models.Model, source: str | None, count: int) -> Days | None:
    """Return so many days up to the last one with a face, or None where there never was one."""
    sums = HistorySum.objects.owned_by(owner)
    sums = sums.from_source(source) if source else sums
    quarter = sums.order_by("-quarter").values_list("quarter", flat=True).first()
    if quarter is None:
        return None
    zone = get_current_timezone()
    last = quarter.astimezone(zone).date()
    return Days(last - dt.timedelta(days=count - 1), last, zone)
