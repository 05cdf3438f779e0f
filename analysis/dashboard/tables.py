"""A series as the rows of the tables behind the dashboard's charts, and as the numbers that these are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.dashboard.labels import Link, bucket_label, bucket_tick, links_behind
from analysis.history.series import MIN_FACES_FOR_SHARES, Bucket, Series
from analysis.recognition.emotions import EMOTIONS
from analysis.templatetags.ui import percent


@dataclass(frozen=True)
class Row:
    """One bucket with faces. `shares` are in words, and none where faces are too few."""

    label: str
    n: int
    is_few: bool
    counts: tuple[int, ...]
    shares: tuple[str, ...]
    means: tuple[str, ...]
    models: str
    links: list[Link]

    @property
    def cells(self) -> list[tuple[int, str]]:
        """Of each emotion, how many faces show it, and what share that is."""
        return list(zip(self.counts, self.shares or ("",) * len(self.counts), strict=True))


def table_rows(series: Series) -> list[Row]:
    """Return the buckets that have faces; a table needs no rows for the others."""
    return [_row(bucket, series) for bucket in series.buckets if bucket.faces.n]


def chart_data(series: Series) -> dict[str, Any]:
    """Return a series as JSON; emotions are named once and all numbers follow their order."""
    totals = series.totals
    return {
        "from": series.span.start.astimezone(series.zone).isoformat(),
        "to": series.span.end.astimezone(series.zone).isoformat(),
        "interval": series.interval,
        "zone": str(series.zone),
        "source": series.source,
        "emotions": EMOTIONS,
        "few": MIN_FACES_FOR_SHARES,
        "n": totals.whole.faces.n,
        "models": dict(totals.whole.models),
        "buckets": [_bucket(bucket, series) for bucket in series.buckets],
    }


def _row(bucket: Bucket, series: Series) -> Row:
    tally = bucket.faces
    return Row(
        label=bucket_label(bucket.span, series.interval, series.zone),
        n=tally.n,
        is_few=tally.is_few,
        counts=tally.counts,
        shares=() if tally.is_few else tuple(percent(share) for share in tally.shares or ()),
        means=tuple(percent(mean) for mean in tally.means or ()),
        models=", ".join(name for name, _ in bucket.models),
        links=links_behind(bucket, series.interval, series.zone),
    )


def _bucket(bucket: Bucket, series: Series) -> dict[str, Any]:
    start, end = (edge.astimezone(series.zone).isoformat() for edge in (bucket.span.start, bucket.span.end))
    found: dict[str, Any] = {
        "start": start,
        "end": end,
        "tick": bucket_tick(bucket.span, series.interval, series.zone),
        "n": bucket.faces.n,
    }
    if not bucket.faces.n:
        return {**found, "means": None}
    return {
        **found,
        "label": bucket_label(bucket.span, series.interval, series.zone),
        "counts": bucket.faces.counts,
        "means": [round(mean, 4) for mean in bucket.faces.means or ()],
        "models": dict(bucket.models),
        "sources": dict(bucket.sources),
        "behind": {link.source: link.url for link in links_behind(bucket, series.interval, series.zone)},
    }
