"""What the dashboard shows of a history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import models
from django.utils.timezone import get_current_timezone

from analysis.dashboard.forms import DashboardQuery, Days
from analysis.dashboard.labels import days_label
from analysis.history.models import HistorySum
from analysis.history.series import MIN_FACES_FOR_SHARES, EmotionTotals, Series, Totals, history_series, history_totals
from analysis.recognition.emotions import EMOTIONS, Emotion

MAX_BUCKETS_ON_PAGE = 200
"""Bars that can be told apart, and rows of a readable table."""


@dataclass(frozen=True)
class Column:
    """One of the things compared: its name and the totals of its faces."""

    name: str
    faces: EmotionTotals

    @property
    def shares(self) -> tuple[float, ...] | None:
        """None with too few faces."""
        return self.faces.shares if self.faces.n >= MIN_FACES_FOR_SHARES else None


@dataclass(frozen=True)
class ComparisonLine:
    """One emotion's share in each column."""

    emotion: Emotion
    shares: tuple[float | None, ...]

    @property
    def change(self) -> float | None:
        """The first column's share less the second's."""
        first, second = self.shares[:2]
        return None if first is None or second is None else first - second


@dataclass(frozen=True)
class PeriodComparison:
    """Columns beside each other, a line for each emotion; `Column`s are periods or sources."""

    columns: tuple[Column, ...]

    @property
    def lines(self) -> list[ComparisonLine]:
        return [
            ComparisonLine(emotion, tuple(column.shares[i] if column.shares else None for column in self.columns))
            for i, emotion in enumerate(EMOTIONS)
        ]

    @property
    def largest_change(self) -> ComparisonLine | None:
        """The emotion whose share changed most, None where no share changed."""
        return max((line for line in self.lines if line.change), key=lambda line: abs(line.change or 0), default=None)

    @property
    def can_be_compared(self) -> bool:
        """Whether at least two columns have enough faces."""
        return sum(column.shares is not None for column in self.columns) >= 2


@dataclass(frozen=True)
class Dashboard:
    """The series and totals of the source asked for, and of the period compared with; `all_sources` is unfiltered."""

    query: DashboardQuery
    all_sources: Series
    series: Series
    totals: Totals
    before: Totals | None

    @property
    def compared(self) -> PeriodComparison | None:
        """The days beside those that they are compared with."""
        if self.before is None or self.query.against is None:
            return None
        return PeriodComparison(
            (
                Column(days_label(self.query.days), self.totals.whole.faces),
                Column(days_label(self.query.against), self.before.whole.faces),
            )
        )

    @property
    def sources(self) -> PeriodComparison:
        """Photos beside live sessions, and videos where there are any, whichever source is shown."""
        totals = dict(self.all_sources.totals.by_source)
        shown = [source for source in HistorySum.Source if source in totals or source != HistorySum.Source.VIDEO]
        return PeriodComparison(
            tuple(Column(str(source.label), totals.get(source, EmotionTotals())) for source in shown)
        )

    @property
    def source_label(self) -> str:
        source = self.query.source
        return str(HistorySum.Source(source).label) if source else "All sources"

    @property
    def has_few(self) -> bool:
        """Whether a bucket has too few faces."""
        return any(bucket.faces.is_few for bucket in self.series.buckets)

    @property
    def dominant_share(self) -> float:
        return max(self.totals.whole.faces.shares or (0.0,))


def read_dashboard(*, owner: models.Model, query: DashboardQuery) -> Dashboard:
    """Read a dashboard with two queries; raise `HistoryError` where there are too many intervals for a page."""
    all_sources = read_series(owner=owner, query=replace(query, source=None), max_buckets=MAX_BUCKETS_ON_PAGE)
    series = all_sources.of_source(query.source) if query.source else all_sources
    before = None
    if query.against:
        span = query.against.span
        before = history_totals(owner=owner, start=span.start, end=span.end, source=query.source)
    return Dashboard(query, all_sources, series, series.totals, before)


def read_series(*, owner: models.Model, query: DashboardQuery, max_buckets: int) -> Series:
    """Return the series asked for; raise `HistoryError` where it has more than `max_buckets`."""
    span = query.days.span
    return history_series(
        owner=owner,
        start=span.start,
        end=span.end,
        interval=query.interval,
        zone=query.days.zone,
        source=query.source,
        max_buckets=max_buckets,
    )


def last_days_with_faces(*, owner: models.Model, count: int) -> Days | None:
    """Return the `count` days up to the last one with a face, None without any face."""
    quarter = HistorySum.objects.owned_by(owner).order_by("-quarter").values_list("quarter", flat=True).first()
    if quarter is None:
        return None
    zone = get_current_timezone()
    last = quarter.astimezone(zone).date()
    return Days(last - dt.timedelta(days=count - 1), last, zone)
