"""A series as rows of the tables below the dashboard's charts, and as the charts' data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.dashboard.labels import SourceLink, bucket_label, bucket_tick, source_link
from analysis.history.models import HistorySum
from analysis.history.series import MIN_FACES_FOR_SHARES, Bucket, Series
from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.templatetags.ui import percent


@dataclass(frozen=True)
class TableLine:
    """One emotion of a bucket: its share, and its number of faces or seconds."""

    emotion: Emotion
    share: float
    count: int


@dataclass(frozen=True)
class TableRow:
    """A bucket with faces; `shares` are formatted, and empty with too few faces."""

    label: str
    n: int
    is_few: bool
    counts: tuple[int, ...]
    shares: tuple[str, ...]
    means: tuple[float, ...]
    models: str
    link: SourceLink

    @property
    def lines(self) -> list[TableLine]:
        """The row as a line for each emotion."""
        shares = (count / self.n for count in self.counts)
        return [TableLine(*values) for values in zip(EMOTIONS, shares, self.counts, strict=True)]

    @property
    def cells(self) -> list[tuple[int, str]]:
        """The (count, share) of each emotion."""
        return list(zip(self.counts, self.shares or ("",) * len(self.counts), strict=True))


def table_rows(series: Series, *, album: object = None) -> list[TableRow]:
    """Return a row for each bucket that has faces."""
    return [_row(bucket, series, album) for bucket in series.buckets if bucket.faces.n]


def chart_data(series: Series, *, album: object = None) -> dict[str, Any]:
    """Return a series as JSON; numbers by emotion are in the order of `emotions`."""
    totals = series.totals
    return {
        "from": series.span.start.astimezone(series.zone).isoformat(),
        "to": series.span.end.astimezone(series.zone).isoformat(),
        "interval": series.interval,
        "zone": str(series.zone),
        "source": series.source,
        "unit": HistorySum.Source(series.source).unit,
        "emotions": EMOTIONS,
        "few": MIN_FACES_FOR_SHARES,
        "n": totals.whole.faces.n,
        "models": dict(totals.whole.models),
        "buckets": [_bucket(bucket, series, album) for bucket in series.buckets],
    }


def _row(bucket: Bucket, series: Series, album: object) -> TableRow:
    faces = bucket.faces
    return TableRow(
        label=bucket_label(bucket.span, series.interval, series.zone),
        n=faces.n,
        is_few=faces.is_few,
        counts=faces.counts,
        shares=() if faces.is_few else tuple(percent(share) for share in faces.shares or ()),
        means=faces.means or (),
        models=", ".join(name for name, _ in bucket.models),
        link=source_link(bucket, series, album),
    )


def _bucket(bucket: Bucket, series: Series, album: object) -> dict[str, Any]:
    data: dict[str, Any] = {
        "start": bucket.span.start.astimezone(series.zone).isoformat(),
        "end": bucket.span.end.astimezone(series.zone).isoformat(),
        "tick": bucket_tick(bucket.span, series.interval, series.zone),
        "n": bucket.faces.n,
    }
    if not bucket.faces.n:
        return {**data, "means": None}
    return {
        **data,
        "label": bucket_label(bucket.span, series.interval, series.zone),
        "counts": bucket.faces.counts,
        "means": [round(mean, 4) for mean in bucket.faces.means or ()],
        "models": dict(bucket.models),
        "behind": source_link(bucket, series, album).url,
    }
