"""The history as numbers: emotions of one source by hour, day, week or month of a time zone, read in one query."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Subquery
from django.utils.translation import gettext

from analysis.errors import HistoryError
from analysis.history.models import HistoryRollup, HistorySum
from analysis.history.sum_queries import SumRow, other_clock, read_sums
from analysis.history.sums import sum_tables_of
from analysis.history.time_buckets import MAX_BUCKETS, Interval, Span, check_span, split
from analysis.recognition.emotions import EMOTIONS, Emotion

MIN_FACES_FOR_SHARES = 5
"""Shares of fewer faces are shown as too few to tell."""
_ZEROS = (0,) * len(EMOTIONS)


@dataclass(frozen=True)
class EmotionTotals:
    """Totals of `n` faces of photos, or seconds of faces in sessions; one source alone, because they weigh differently.

    `counts` are of emotions, `sums` of probabilities in millionths, both in the order of `EMOTIONS`.
    """

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
    """A span of time and its faces; `models` are (name, number of faces) pairs, most faces first."""

    span: Span
    faces: EmotionTotals = field(default_factory=EmotionTotals)
    models: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Series:
    """A span cut into intervals of `zone`, including those without a face of `source`."""

    span: Span
    interval: Interval
    zone: dt.tzinfo
    source: str
    buckets: tuple[Bucket, ...]
    rows: tuple[SumRow, ...] = field(repr=False)
    as_answered: bool = False
    by_taken: bool = False

    @property
    def filled(self) -> tuple[Bucket, ...]:
        """The buckets with faces."""
        return tuple(bucket for bucket in self.buckets if bucket.faces.n)

    @property
    def totals(self) -> Totals:
        return _totals(self.span, self.rows)


@dataclass(frozen=True)
class Totals:
    """The totals of one source in a span, and those by model version, most faces first."""

    whole: Bucket
    by_model: tuple[tuple[str, EmotionTotals], ...]

    @property
    def versions(self) -> str:
        """The names of the versions, most faces first."""
        return ", ".join(name for name, _ in self.by_model)


def history_series(
    *,
    owner: models.Model,
    start: dt.datetime,
    end: dt.datetime,
    interval: Interval,
    zone: dt.tzinfo,
    source: str,
    as_answered: bool = False,
    by_taken: bool = False,
    max_buckets: int = MAX_BUCKETS,
) -> Series:
    """Return the emotions of `owner`'s faces of `source` from `start` to before `end`, for each interval of `zone`.

    `start` is rounded down to a quarter of an hour, `end` up. Emotions are as their owner corrected them, or
    `as_answered` by the version; probabilities are the version's either way. Photos count when they were added, or
    `by_taken` when they were taken where that is known. Raises `HistoryError`, of code
    "too_many_buckets" for more intervals than `max_buckets`.
    """
    span = check_span(start, end)
    spans = split(span, interval, zone, max_buckets=max_buckets)
    checked = _check_source(source)
    rows = read_sums(owner=owner, spans=spans, source=checked, as_answered=as_answered, by_taken=by_taken)
    return Series(span, interval, zone, source, _buckets(spans, rows), rows, as_answered, by_taken)


def history_totals(
    *,
    owner: models.Model,
    start: dt.datetime,
    end: dt.datetime,
    source: str,
    as_answered: bool = False,
    by_taken: bool = False,
) -> Totals:
    """Return the totals of `owner`'s faces of `source` from `start` to before `end`."""
    span = check_span(start, end)
    checked = _check_source(source)
    rows = read_sums(owner=owner, spans=[span], source=checked, as_answered=as_answered, by_taken=by_taken)
    return _totals(span, rows)


def totals_by_source(
    *, owner: models.Model, start: dt.datetime, end: dt.datetime, as_answered: bool = False, by_taken: bool = False
) -> dict[str, Totals]:
    """Return the totals of each source, without a face too, from `start` to before `end`."""
    span = check_span(start, end)
    rows = read_sums(owner=owner, spans=[span], source=None, as_answered=as_answered, by_taken=by_taken)
    return {str(source): _totals(span, [row for row in rows if row.source == source]) for source in HistorySum.Source}


def first_and_last_face(
    *, owner: models.Model, start: dt.datetime, end: dt.datetime, source: str, by_taken: bool = False
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the quarters of an hour, in UTC, of the first and the last face; each is read from an end of the index."""
    span = check_span(start, end)
    sums = _quarters(owner, source=_check_source(source), by_taken=by_taken)
    quarters = sums.filter(quarter__gte=span.start, quarter__lt=span.end).values("quarter")
    first, last = Subquery(quarters.order_by("quarter")[:1]), Subquery(quarters.order_by("-quarter")[:1])
    # By `_meta.model`: a request's user is a lazy object, whose type is not a model.
    return owner._meta.model._default_manager.filter(pk=owner.pk).values_list(first, last).get()


def first_face(*, owner: models.Model, source: str, by_taken: bool = False) -> dt.datetime | None:
    """Return the quarter of an hour, in UTC, of the first face ever of `source`."""
    # By the day first: a year of quarters of another source may precede it in the index.
    rollups = sum_tables_of(owner).rollups.model._default_manager.filter(owner=owner.pk)
    days = rollups.filter(grain=HistoryRollup.Grain.DAY, source=source).exclude(clock=other_clock(by_taken=by_taken))
    day = Subquery(days.order_by("start").values("start")[:1])
    sums = _quarters(owner, source=source, by_taken=by_taken).filter(quarter__gte=day)
    return sums.order_by("quarter").values_list("quarter", flat=True).first()


def last_face(*, owner: models.Model, source: str, by_taken: bool = False) -> dt.datetime | None:
    """Return the quarter of an hour, in UTC, of the last face of `source`."""
    sums = _quarters(owner, source=source, by_taken=by_taken)
    return sums.order_by("-quarter").values_list("quarter", flat=True).first()


def has_faces(*, owner: models.Model) -> bool:
    """Return whether any source has a face."""
    return sum_tables_of(owner).quarters.model._default_manager.filter(owner=owner.pk).exists()


def _quarters(owner: models.Model, *, source: str, by_taken: bool) -> models.QuerySet[Any]:
    """Return the sums of an owner, a user or an album, by quarter of an hour."""
    sums = sum_tables_of(owner).quarters.model._default_manager.filter(owner=owner.pk, source=source)
    return sums.exclude(clock=other_clock(by_taken=by_taken))


def _check_source(source: str) -> str:
    if source not in HistorySum.Source.values:
        text = gettext("There is no source “%(source)s”. Choose one of %(sources)s.")
        values = {"source": source, "sources": ", ".join(HistorySum.Source.values)}
        raise HistoryError("unknown_source", text % values)
    return source


def _buckets(spans: Sequence[Span], rows: Iterable[SumRow]) -> tuple[Bucket, ...]:
    of_span: list[list[SumRow]] = [[] for _ in spans]
    for row in rows:
        of_span[row.span].append(row)
    return tuple(_bucket(span, found) for span, found in zip(spans, of_span, strict=True))


def _bucket(span: Span, rows: Sequence[SumRow]) -> Bucket:
    faces_of: Counter[str] = Counter()
    for row in rows:
        faces_of[row.model] += row.totals[0]
    models = sorted(faces_of.items(), key=lambda pair: (-pair[1], pair[0]))
    return Bucket(span, _total(rows), models=tuple(models))


def _totals(span: Span, rows: Sequence[SumRow]) -> Totals:
    return Totals(whole=_bucket(span, rows), by_model=_total_by_model(rows))


def _total(rows: Sequence[SumRow]) -> EmotionTotals:
    if not rows:
        return EmotionTotals()
    n, *sums = map(sum, zip(*(row.totals for row in rows), strict=True))
    counts = [0] * len(EMOTIONS)
    for row in rows:
        counts[row.emotion] += row.totals[0]
    return EmotionTotals(n, tuple(counts), tuple(sums))


def _total_by_model(rows: Sequence[SumRow]) -> tuple[tuple[str, EmotionTotals], ...]:
    """Return the totals by model version, most faces first."""
    groups: dict[str, list[SumRow]] = {}
    for row in rows:
        groups.setdefault(row.model, []).append(row)
    totals = ((name, _total(found)) for name, found in groups.items())
    return tuple(sorted(totals, key=lambda pair: (-pair[1].n, pair[0])))
