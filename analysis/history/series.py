"""The history as numbers: how many faces showed what, by hour, day, week or month of somebody's time zone.

Everything is read from the sums, in one query however many faces there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Subquery

from analysis.errors import HistoryError
from analysis.history.models import HistorySum
from analysis.history.sum_queries import Row, read_sums
from analysis.history.time_buckets import MOST_BUCKETS, Interval, Span, check_span, split
from analysis.recognition.emotions import EMOTIONS, Emotion

FEW = 5
"""Shares of fewer faces than this are shown as what they are: too few to tell."""
_NONE = (0,) * len(EMOTIONS)
_MILLION = 1_000_000


@dataclass(frozen=True)
class Tally:
    """What `n` faces showed. `counts` and `sums`, of probabilities in millionths, are in the order of `EMOTIONS`."""

    n: int = 0
    counts: tuple[int, ...] = _NONE
    sums: tuple[int, ...] = _NONE

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Of the faces, the parts that show each emotion; they add up to 1."""
        return tuple(count / self.n for count in self.counts) if self.n else None

    @property
    def means(self) -> tuple[float, ...] | None:
        """The mean probability of each emotion over all the faces."""
        return tuple(total / self.n / _MILLION for total in self.sums) if self.n else None

    @property
    def dominant(self) -> Emotion | None:
        """What most faces show; of two as frequent, that which faces show more strongly."""
        if not self.n:
            return None
        return EMOTIONS[max(range(len(EMOTIONS)), key=lambda i: (self.counts[i], self.sums[i]))]

    @property
    def is_few(self) -> bool:
        return 0 < self.n < FEW


@dataclass(frozen=True)
class Part:
    """One stretch of time. `sources` and `models` are how many faces each contributed, most first."""

    span: Span
    tally: Tally = field(default_factory=Tally)
    sources: tuple[tuple[str, int], ...] = ()
    models: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Series:
    """A range cut into intervals of `zone`, those with no face included."""

    span: Span
    interval: Interval
    zone: dt.tzinfo
    source: str | None
    buckets: tuple[Part, ...]
    rows: tuple[Row, ...] = field(repr=False)

    def of_source(self, source: str) -> Series:
        """Return the same range with one source's faces alone; it needs no further query."""
        rows = tuple(row for row in self.rows if row.source == source)
        spans = [bucket.span for bucket in self.buckets]
        return Series(self.span, self.interval, self.zone, source, _parts(spans, rows), rows)

    @property
    def totals(self) -> Totals:
        return _totals(self.span, self.rows)


@dataclass(frozen=True)
class Totals:
    """A range as a whole; of sources and of models that with most faces comes first."""

    whole: Part
    by_source: tuple[tuple[str, Tally], ...]
    by_model: tuple[tuple[str, Tally], ...]


@dataclass(frozen=True)
class Summary(Totals):
    """A range as a whole. `first` and `last` are the quarter-hours, in UTC, of its first and last faces."""

    first: dt.datetime | None
    last: dt.datetime | None


def history_series(
    *,
    owner: models.Model,
    start: dt.datetime,
    end: dt.datetime,
    interval: Interval,
    zone: dt.tzinfo,
    source: str | None = None,
    most: int = MOST_BUCKETS,
) -> Series:
    """Return what `owner`'s faces showed from `start` on and before `end`, in every interval of `zone`.

    Sums are kept of quarter-hours: `start` is rounded down to one and `end` up. Of `source` None, all sources count.
    More intervals than `most` are refused.
    """
    span = check_span(start, end)
    spans = split(span, interval, zone, most=most)
    rows = read_sums(owner=owner, spans=spans, source=_known(source))
    return Series(span, interval, zone, source, _parts(spans, rows), rows)


def history_totals(*, owner: models.Model, start: dt.datetime, end: dt.datetime, source: str | None = None) -> Totals:
    """Return what `owner`'s faces showed from `start` on and before `end`, as a whole."""
    span = check_span(start, end)
    return _totals(span, read_sums(owner=owner, spans=[span], source=_known(source)))


def summary(*, owner: models.Model, start: dt.datetime, end: dt.datetime, source: str | None = None) -> Summary:
    """Return the totals, and when the first and the last face was."""
    totals = history_totals(owner=owner, start=start, end=end, source=source)
    ends = _ends(owner, totals.whole.span, source)
    return Summary(totals.whole, totals.by_source, totals.by_model, *ends)


def _known(source: str | None) -> str | None:
    if source is not None and source not in HistorySum.Source.values:
        expected = ", ".join(HistorySum.Source.values)
        raise HistoryError("unknown_source", f"source: expected one of {expected}; got {source!r}.")
    return source


def _ends(owner: models.Model, span: Span, source: str | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the first and the last quarter-hour with a face, each from one end of the index."""
    sums = HistorySum.objects.owned_by(owner).between(span.start, span.end)
    quarters = (sums.from_source(source) if source else sums).values("quarter")
    first, last = Subquery(quarters.order_by("quarter")[:1]), Subquery(quarters.order_by("-quarter")[:1])
    # Not its type's: a request's user is a lazy object, whose type is none of the database's.
    return owner._meta.model._default_manager.filter(pk=owner.pk).values_list(first, last).get()


def _parts(spans: Sequence[Span], rows: Iterable[Row]) -> tuple[Part, ...]:
    of_span: list[list[Row]] = [[] for _ in spans]
    for row in rows:
        of_span[row.span].append(row)
    return tuple(_part(span, found) for span, found in zip(spans, of_span, strict=True))


def _part(span: Span, rows: Sequence[Row]) -> Part:
    sources, versions = _by(rows, "source"), _by(rows, "model")
    return Part(
        span,
        _total(rows),
        sources=tuple((name, tally.n) for name, tally in sources),
        models=tuple((name, tally.n) for name, tally in versions),
    )


def _totals(span: Span, rows: Sequence[Row]) -> Totals:
    return Totals(whole=_part(span, rows), by_source=_by(rows, "source"), by_model=_by(rows, "model"))


def _total(rows: Sequence[Row]) -> Tally:
    if not rows:
        return Tally()
    n, *sums = map(sum, zip(*(row.values for row in rows), strict=True))
    counts = [0] * len(EMOTIONS)
    for row in rows:
        counts[row.emotion] += row.values[0]
    return Tally(n, tuple(counts), tuple(sums))


def _by(rows: Sequence[Row], key: str) -> tuple[tuple[str, Tally], ...]:
    """Return the tally of each source or model, that with most faces first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    tallies = ((name, _total(found)) for name, found in groups.items())
    return tuple(sorted(tallies, key=lambda pair: (-pair[1].n, pair[0])))
