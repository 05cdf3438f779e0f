"""What the dashboard shows of a history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import models
from django.utils.timezone import get_current_timezone

from analysis.dashboard.forms import DashboardQuery, Days
from analysis.dashboard.labels import days_label
from analysis.history.models import HistorySum
from analysis.history.series import (
    MIN_FACES_FOR_SHARES,
    Bucket,
    EmotionTotals,
    Series,
    Totals,
    first_face,
    history_series,
    history_totals,
    last_face,
    totals_by_source,
)
from analysis.history.time_buckets import Interval
from analysis.recognition.emotions import EMOTIONS, Emotion

MAX_BUCKETS_ON_PAGE = 200
"""Bars that can be told apart, and rows of a readable table."""
SPARSE = 20
"""With a face in fewer than one of so many intervals, longer ones are shown."""


@dataclass(frozen=True)
class Column:
    """One of the things compared: its name, the totals of its faces, and what they count: "face" or "second"."""

    name: str
    faces: EmotionTotals
    unit: str

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
class SourceTotals:
    """One source's totals of the days asked for, for the choice of sources."""

    source: HistorySum.Source
    totals: Totals

    @property
    def n(self) -> int:
        return self.totals.whole.faces.n


@dataclass(frozen=True)
class Dashboard:
    """The series and totals of the source asked for, and of the period compared with; `by_source` has every source.

    `query` has the days and the interval that are shown, which may be fewer than were asked for.
    """

    query: DashboardQuery
    series: Series
    before: Totals | None
    by_source: tuple[SourceTotals, ...]

    @property
    def totals(self) -> Totals:
        return self.series.totals

    @property
    def compared(self) -> PeriodComparison | None:
        """The days beside those that they are compared with."""
        if self.before is None or self.query.against is None:
            return None
        unit = self.query.unit
        return PeriodComparison(
            (
                Column(days_label(self.query.days), self.totals.whole.faces, unit),
                Column(days_label(self.query.against), self.before.whole.faces, unit),
            )
        )

    @property
    def sources(self) -> PeriodComparison:
        """The sources with faces beside each other, each a whole of its own."""
        return PeriodComparison(
            tuple(
                Column(str(each.source.label), each.totals.whole.faces, each.source.unit)
                for each in self.by_source
                if each.n or each.source == self.query.source
            )
        )

    @property
    def only_bucket(self) -> Bucket | None:
        """The bucket that has all the faces: there is nothing to draw over time."""
        filled = self.series.filled
        return filled[0] if len(filled) == 1 else None

    @property
    def other_versions(self) -> int:
        """How many versions there are besides the one of the most faces."""
        return max(0, len(self.totals.whole.models) - 1)

    @property
    def source_label(self) -> str:
        return str(HistorySum.Source(self.query.source).label)

    @property
    def has_few(self) -> bool:
        """Whether a bucket has too few faces."""
        return any(bucket.faces.is_few for bucket in self.series.buckets)

    @property
    def dominant_share(self) -> float:
        return max(self.totals.whole.faces.shares or (0.0,))


def read_dashboard(*, owner: models.Model, query: DashboardQuery) -> Dashboard:
    """Read a dashboard; raise `HistoryError` where there are too many intervals for a page."""
    asked = query.days.span
    kind = {"as_answered": query.as_answered, "by_taken": query.by_taken}
    by_source = totals_by_source(owner=owner, start=asked.start, end=asked.end, **kind)
    series, query = read_series(owner=owner, query=query, max_buckets=MAX_BUCKETS_ON_PAGE)
    before = None
    if query.against:
        span = query.against.span
        before = history_totals(owner=owner, start=span.start, end=span.end, source=query.source, **kind)
    sources = tuple(SourceTotals(source, by_source[source]) for source in HistorySum.Source)
    return Dashboard(query, series, before, sources)


def read_series(*, owner: models.Model, query: DashboardQuery, max_buckets: int) -> tuple[Series, DashboardQuery]:
    """Return the series asked for and the query with its days and interval fitted to the faces, where it allows that.

    Raises `HistoryError` where it has more than `max_buckets`.
    """
    query = _without_days_before_the_first(owner, query)
    series = _read(owner, query, max_buckets)
    for interval in (Interval.WEEK, Interval.MONTH):
        is_sparse = len(series.buckets) > SPARSE * len(series.filled) > SPARSE
        if query.fits_interval and is_sparse and query.interval in (Interval.DAY, Interval.WEEK):
            query = replace(query, interval=interval)
            series = _read(owner, query, max_buckets)
    return series, query


def _without_days_before_the_first(owner: models.Model, query: DashboardQuery) -> DashboardQuery:
    """Let the days begin with the first one that ever had a face; there is nothing before to compare them with."""
    if not query.fits_days:
        return query
    quarter = first_face(owner=owner, source=query.source, by_taken=query.by_taken)
    if quarter is None:
        return query
    first = quarter.astimezone(query.days.zone).date()
    if not query.days.first < first <= query.days.last:
        return query
    against = None if query.against == query.days.before() else query.against
    return replace(query, days=replace(query.days, first=first), against=against)


def _read(owner: models.Model, query: DashboardQuery, max_buckets: int) -> Series:
    span = query.days.span
    return history_series(
        owner=owner,
        start=span.start,
        end=span.end,
        interval=query.interval,
        zone=query.days.zone,
        source=query.source,
        as_answered=query.as_answered,
        by_taken=query.by_taken,
        max_buckets=max_buckets,
    )


def last_days_with_faces(*, owner: models.Model, source: str, by_taken: bool, count: int) -> Days | None:
    """Return the `count` days up to the last one with a face of `source`, None without any face."""
    if (quarter := last_face(owner=owner, source=source, by_taken=by_taken)) is None:
        return None
    zone = get_current_timezone()
    last = quarter.astimezone(zone).date()
    return Days(last - dt.timedelta(days=count - 1), last, zone)
