"""The history as numbers: emotions by hour, day, week or month of a time zone, read from the sums in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Subquery

from analysis.errors import HistoryError
from analysis.history.models import HistorySum
from analysis.history.sum_queries import SumRow, read_sums
from analysis.history.time_buckets import MAX_BUCKETS, Interval, Span, check_span, split
from analysis.recognition.emotions import EMOTIONS, Emotion

MIN_FACES_FOR_SHARES = 5
"""Shares of fewer faces are shown as too few to tell."""
_ZEROS = (0,) * len(EMOTIONS)


@dataclass(frozen=True)
class EmotionTotals:
    """Totals of `n` faces: `counts` of emotions, `sums` of probabilities in millionths, in the order of `EMOTIONS`."""

    n: int = 0
    counts: tuple[int, ...] = _ZEROS
    sums: tuple[int, ...] = _ZEROS

    @property
    def shares(self) -> tuple[float, ...] | None:
        """The share of faces that show each emotion, 0 to 1."""
        return tuple(count / self.n for count in self.counts) if self.n else None

    @property
    def means(self) -> tuple[float, ...] | None:
        """The mean probability of each emotion over all the faces."""
        return tuple(total / self.n / 1_000_000 for total in self.sums) if self.n else None

    @property
    def dominant(self) -> Emotion | None:
        """The emotion that most faces show; of two equally frequent ones, the one with the higher sum."""
        if not self.n:
            return None
        return EMOTIONS[max(range(len(EMOTIONS)), key=lambda i: (self.counts[i], self.sums[i]))]

    @property
    def is_few(self) -> bool:
        return 0 < self.n < MIN_FACES_FOR_SHARES


@dataclass(frozen=True)
class Bucket:
    """A span of time and its faces; `sources` and `models` are (name, number of faces) pairs, most faces first."""

    span: Span
    faces: EmotionTotals = field(default_factory=EmotionTotals)
    sources: tuple[tuple[str, int], ...] = ()
    models: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Series:
    """A span cut into intervals of `zone`, including those without a face."""

    span: Span
    interval: Interval
    zone: dt.tzinfo
    source: str | None
    buckets: tuple[Bucket, ...]
    rows: tuple[SumRow, ...] = field(repr=False)

    def of_source(self, source: str) -> Series:
        """Return the same span with the faces of one source only, without another query."""
        rows = tuple(row for row in self.rows if row.source == source)
        spans = [bucket.span for bucket in self.buckets]
        return Series(self.span, self.interval, self.zone, source, _buckets(spans, rows), rows)

    @property
    def totals(self) -> Totals:
        return _totals(self.span, self.rows)


@dataclass(frozen=True)
class Totals:
    """The totals of a span, and those by source and by model version, most faces first."""

    whole: Bucket
    by_source: tuple[tuple[str, EmotionTotals], ...]
    by_model: tuple[tuple[str, EmotionTotals], ...]


def history_series(
    *,
    owner: models.Model,
    start: dt.datetime,
    end: dt.datetime,
    interval: Interval,
    zone: dt.tzinfo,
    source: str | None = None,
    max_buckets: int = MAX_BUCKETS,
) -> Series:
    """Return the emotions of `owner`'s faces from `start` to before `end`, for each interval of `zone`.

    `start` is rounded down to a quarter of an hour, `end` up. `source` None means all sources. Raises `HistoryError`,
    of code "too_many_buckets" for more intervals than `max_buckets`.
    """
    span = check_span(start, end)
    spans = split(span, interval, zone, max_buckets=max_buckets)
    rows = read_sums(owner=owner, spans=spans, source=_check_source(source))
    return Series(span, interval, zone, source, _buckets(spans, rows), rows)


def history_totals(*, owner: models.Model, start: dt.datetime, end: dt.datetime, source: str | None = None) -> Totals:
    """Return the totals of `owner`'s faces from `start` to before `end`."""
    span = check_span(start, end)
    return _totals(span, read_sums(owner=owner, spans=[span], source=_check_source(source)))


def first_and_last_face(
    *, owner: models.Model, start: dt.datetime, end: dt.datetime, source: str | None = None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the quarters of an hour, in UTC, of the first and the last face; each is read from an end of the index."""
    span = check_span(start, end)
    sums = HistorySum.objects.owned_by(owner).between(span.start, span.end)
    quarters = (sums.from_source(source) if source else sums).values("quarter")
    first, last = Subquery(quarters.order_by("quarter")[:1]), Subquery(quarters.order_by("-quarter")[:1])
    # By `_meta.model`: a request's user is a lazy object, whose type is not a model.
    return owner._meta.model._default_manager.filter(pk=owner.pk).values_list(first, last).get()


def _check_source(source: str | None) -> str | None:
    if source is not None and source not in HistorySum.Source.values:
        expected = ", ".join(HistorySum.Source.values)
        raise HistoryError("unknown_source", f"source: expected one of {expected}; got {source!r}.")
    return source


def _buckets(spans: Sequence[Span], rows: Iterable[SumRow]) -> tuple[Bucket, ...]:
    of_span: list[list[SumRow]] = [[] for _ in spans]
    for row in rows:
        of_span[row.span].append(row)
    return tuple(_bucket(span, found) for span, found in zip(spans, of_span, strict=True))


def _bucket(span: Span, rows: Sequence[SumRow]) -> Bucket:
    return Bucket(
        span,
        _total(rows),
        sources=tuple((name, totals.n) for name, totals in _total_by(rows, "source")),
        models=tuple((name, totals.n) for name, totals in _total_by(rows, "model")),
    )


def _totals(span: Span, rows: Sequence[SumRow]) -> Totals:
    return Totals(whole=_bucket(span, rows), by_source=_total_by(rows, "source"), by_model=_total_by(rows, "model"))


def _total(rows: Sequence[SumRow]) -> EmotionTotals:
    if not rows:
        return EmotionTotals()
    n, *sums = map(sum, zip(*(row.totals for row in rows), strict=True))
    counts = [0] * len(EMOTIONS)
    for row in rows:
        counts[row.emotion] += row.totals[0]
    return EmotionTotals(n, tuple(counts), tuple(sums))


def _total_by(rows: Sequence[SumRow], key: str) -> tuple[tuple[str, EmotionTotals], ...]:
    """Return the totals by source or model, most faces first."""
    groups: dict[str, list[SumRow]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    totals = ((name, _total(found)) for name, found in groups.items())
    return tuple(sorted(totals, key=lambda pair: (-pair[1].n, pair[0])))
