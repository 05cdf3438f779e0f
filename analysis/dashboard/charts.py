"""Charts of a dashboard as PNG, drawn with Matplotlib; emotions differ by colour and by hatch, dash or marker."""

from __future__ import annotations

import hashlib
import io
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from django.db import models

from analysis.dashboard.dashboard import Column, Dashboard, PeriodComparison, read_dashboard
from analysis.dashboard.forms import DashboardQuery
from analysis.dashboard.labels import bucket_label, bucket_tick, days_label
from analysis.errors import HistoryError
from analysis.history.models import HistorySum
from analysis.history.series import MIN_FACES_FOR_SHARES, Series
from analysis.recognition.emotions import COLOURS, EMOTIONS
from analysis.templatetags.ui import amount, less_than, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _MUTED, _LINE = "#1d1b19", "#625d57", "#e2ded7"
_HATCHES = ("////", "....", "\\\\\\\\", "", "----", "xxxx", "||||")
_DASHES: tuple[object, ...] = ("-", "--", "-.", ":", (0, (6, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MAX_SECONDS_SHOWN = 180
"""Longer times are drawn in minutes."""
_MAX_TICKS = 12
_MAX_MARKERS = 40
_FEW_ALPHA = 0.3
WIDTH, HEIGHT, DPI = 1600, 900, 160
_DRAW_TIMEOUT = 20
_DRAWING_VERSION = "4"
"""Part of the ETag; raise it when the drawing changes."""
_draw_lock = threading.BoundedSemaphore(1)
"""Matplotlib shares fonts between figures, and a chart keeps a core busy: draw one at a time."""


def draw_shares(axes: Axes, series: Series) -> None:
    """Draw stacked bars of shares, those with too few faces pale; of a single interval's faces, a bar for each."""
    if len(series.filled) == 1:
        return draw_comparison(axes, _only_interval(series))
    _stack(axes, series, [bucket.faces.shares for bucket in series.buckets])
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(_percent)
    _finish(axes, series)


def draw_counts(axes: Axes, series: Series) -> None:
    """Draw stacked bars of numbers of faces, or of the time that faces were seen."""
    from matplotlib.ticker import MaxNLocator

    most = max((bucket.faces.n for bucket in series.buckets), default=0)
    label, divisor = _scale(HistorySum.Source(series.source).unit, most)
    heights = [[count / divisor for count in bucket.faces.counts] for bucket in series.buckets]
    _stack(axes, series, heights)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(label, color=_MUTED, fontsize=8)
    _finish(axes, series)


def _scale(unit: str, most: int) -> tuple[str, int]:
    """Return the axis' label and what numbers up to `most` are divided by."""
    if unit == "face":
        return "faces", 1
    return ("minutes", 60) if most > MAX_SECONDS_SHOWN else ("seconds", 1)


def draw_means(axes: Axes, series: Series) -> None:
    """Draw a line of mean probabilities for each emotion, broken where there is no face."""
    means = [bucket.faces.means for bucket in series.buckets]
    few = [i for i, bucket in enumerate(series.buckets) if bucket.faces.is_few]
    for index, emotion in enumerate(EMOTIONS):
        line = [mean[index] if mean else float("nan") for mean in means]
        axes.plot(
            line,
            color=COLOURS[emotion],
            linestyle=_DASHES[index],
            linewidth=1.8,
            marker=_MARKERS[index] if len(line) <= _MAX_MARKERS else None,
            markersize=4,
            markevery=[i for i in range(len(line)) if i not in few],
        )
        axes.scatter(
            few, [line[i] for i in few], marker=_MARKERS[index], s=22, facecolors="white", edgecolors=COLOURS[emotion]
        )
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(_percent)
    _finish(axes, series)


def draw_comparison(axes: Axes, comparison: PeriodComparison) -> None:
    """Draw a group of bars for each emotion, with a bar for each column."""
    height = 0.8 / len(comparison.columns)
    for number, column in enumerate(comparison.columns):
        places = [i + (number - (len(comparison.columns) - 1) / 2) * height for i in range(len(EMOTIONS))]
        shares = column.shares or (0.0,) * len(EMOTIONS)
        few = f", {less_than(MIN_FACES_FOR_SHARES, column.unit)}: not drawn"
        note = few if column.shares is None else ""
        bars = axes.barh(
            places,
            shares,
            height * 0.9,
            color=[(COLOURS[emotion], 1 - 0.45 * min(number, 2) / 1.2) for emotion in EMOTIONS],
            hatch=("", "////", "....")[number % 3],
            edgecolor="white",
            linewidth=[0.5 if share else 0 for share in shares],
            label=f"{column.name} ({amount(column.faces.n, column.unit)}{note})",
        )
        labels = [percent(share) for share in shares] if column.shares else [""] * len(EMOTIONS)
        axes.bar_label(bars, labels, padding=3, fontsize=7, color=_INK)
    axes.set_yticks(range(len(EMOTIONS)), [str(emotion) for emotion in EMOTIONS])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(_percent)
    _style_axes(axes, "x")
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False, fontsize=8)
    for handle in legend.legend_handles:
        handle.set_facecolor(_MUTED)


def _only_interval(series: Series) -> PeriodComparison:
    """Return the faces of the only interval that has some, as a comparison of one column."""
    (bucket,) = series.filled
    label = bucket_label(bucket.span, series.interval, series.zone)
    return PeriodComparison((Column(label, bucket.faces, HistorySum.Source(series.source).unit),))


def _stack(axes: Axes, series: Series, heights: Sequence[Sequence[float] | None]) -> None:
    """Draw `heights`, seven for each bucket or None, on top of each other."""
    bottoms = [0.0] * len(heights)
    for index in range(len(EMOTIONS)):
        tops = [bottom + (values[index] if values else 0) for bottom, values in zip(bottoms, heights, strict=True)]
        bars = [(i, low, high) for i, (low, high) in enumerate(zip(bottoms, tops, strict=True)) if high > low]
        _draw_bars(axes, [bar for bar in bars if not series.buckets[bar[0]].faces.is_few], index, 1.0)
        _draw_bars(axes, [bar for bar in bars if series.buckets[bar[0]].faces.is_few], index, _FEW_ALPHA)
        bottoms = tops
    axes.set_ylim(0, max(bottoms, default=0) * 1.05 or 1)


def _draw_bars(axes: Axes, bars: Sequence[tuple[int, float, float]], index: int, alpha: float) -> None:
    """Draw bars of (x, bottom, top) as one path: hundreds of patches would take seconds."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [
        corner
        for x, low, high in bars
        for corner in ((x - 0.45, low), (x - 0.45, high), (x + 0.45, high), (x + 0.45, low), (0, 0))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(bars)
    if bars:
        axes.add_patch(PathPatch(Path(corners, codes), **_fill(index, alpha)))


def _fill(index: int, alpha: float) -> dict[str, Any]:
    facecolor = (COLOURS[EMOTIONS[index]], alpha)
    return {"facecolor": facecolor, "hatch": _HATCHES[index], "edgecolor": (1, 1, 1, 0.55), "linewidth": 0}


def _percent(value: float, position: int) -> str:
    return f"{value:.0%}"


def _finish(axes: Axes, series: Series) -> None:
    """Add the time axis, the legend, and notes about too few faces or none."""
    from matplotlib.patches import Patch

    count = len(series.buckets)
    ticks = range(0, count, math.ceil(count / _MAX_TICKS))
    labels = [bucket_tick(series.buckets[i].span, series.interval, series.zone) for i in ticks]
    axes.set_xticks(list(ticks), labels)
    axes.set_xlim(-0.5, count - 0.5)
    _style_axes(axes, "y")
    handles = list(axes.lines) or [Patch(**_fill(index, 1.0)) for index in range(len(EMOTIONS))]
    names = [str(emotion) for emotion in EMOTIONS]
    axes.legend(handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False, fontsize=9)
    if any(bucket.faces.is_few for bucket in series.buckets):
        few = less_than(MIN_FACES_FOR_SHARES, HistorySum.Source(series.source).unit)
        note = f"Pale or hollow: {few}, too few to tell."
        axes.set_xlabel(note, color=_MUTED, fontsize=8)
    if not series.totals.whole.faces.n:
        axes.text(0.5, 0.5, "No face in this range.", ha="center", va="center", transform=axes.transAxes, color=_MUTED)


def _style_axes(axes: Axes, grid: str) -> None:
    axes.grid(axis=grid, color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(colors=_MUTED, labelsize=8, length=0)


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn; `etag` is a hash of all that it shows."""

    file_name: str
    title: str
    caption: str
    etag: str
    draw_on: Callable[[Axes], None]

    def draw(self) -> bytes:
        """Return a PNG of `WIDTH` x `HEIGHT` pixels; raise `HistoryError` of code "busy" after `_DRAW_TIMEOUT`."""
        if not _draw_lock.acquire(timeout=_DRAW_TIMEOUT):
            raise HistoryError("busy", "Too many pictures are being drawn just now. Try again.", retryable=True)
        try:
            return _draw(self)
        finally:
            _draw_lock.release()


_SERIES_CHARTS = {
    "shares": ("What faces showed", draw_shares),
    "means": ("How strongly: mean probabilities", draw_means),
    "counts": ("How many faces", draw_counts),
}
KINDS = (*_SERIES_CHARTS, "comparison", "sources")


def make_chart(*, owner: models.Model, query: DashboardQuery, kind: str) -> Chart:
    """Return one of the dashboard's charts; raise `HistoryError` of code "unknown_kind", or as `read_dashboard`."""
    if kind not in KINDS:
        raise HistoryError("unknown_kind", f"kind: expected one of {', '.join(KINDS)}; got {kind!r}.")
    dashboard = read_dashboard(owner=owner, query=query)
    title, draw, shown = _content(dashboard, kind)
    caption = _caption(dashboard, kind)
    digest = hashlib.sha256(repr((_DRAWING_VERSION, kind, title, caption, query, shown)).encode()).hexdigest()
    file_name = f"expressions-{kind}-{query.days.first}-{query.days.last}.png"
    return Chart(file_name, title, caption, f'"{digest[:32]}"', draw)


def _content(dashboard: Dashboard, kind: str) -> tuple[str, Callable[[Axes], None], object]:
    """Return a chart's title, the function that draws it, and what it shows."""
    if kind in _SERIES_CHARTS:
        title, draw = _SERIES_CHARTS[kind]
        if (kind, dashboard.query.unit) == ("counts", "second"):
            title = "How long faces were seen"
        return title, lambda axes: draw(axes, dashboard.series), dashboard.series.buckets
    title, comparison = "Where faces were seen", dashboard.sources
    if kind == "comparison":
        title, comparison = "Two ranges compared", dashboard.compared
    if comparison is None:
        raise HistoryError("bad_range", "against_from: expected days to compare with; there are none before these.")
    return title, lambda axes: draw_comparison(axes, comparison), comparison


def _caption(dashboard: Dashboard, kind: str) -> str:
    """Return the days, the number of faces, the model versions, the source and the time zone."""
    return " · ".join(
        [
            days_label(dashboard.query.days),
            *(_amounts_by_source(dashboard) if kind == "sources" else _amounts(dashboard)),
            *(["by when photos were taken"] if dashboard.query.by_taken else []),
            *(["as answered"] if dashboard.query.as_answered else []),
            f"times in {dashboard.query.days.zone}",
        ]
    )


def _amounts(dashboard: Dashboard) -> list[str]:
    whole, unit = dashboard.totals.whole, dashboard.query.unit
    versions = ", ".join(f"{name} ({amount(n, unit)})" for name, n in whole.models[:4])
    more = len(whole.models) - 4
    model = f"model {versions}{f' and {more} more' if more > 0 else ''}" if versions else ""
    return [f"{dashboard.source_label.lower()}: {amount(whole.faces.n, unit)}", *filter(None, [model])]


def _amounts_by_source(dashboard: Dashboard) -> list[str]:
    return [f"{each.source.label.lower()}: {amount(each.n, each.source.unit)}" for each in dashboard.by_source]


def _draw(chart: Chart) -> bytes:
    # Without pyplot and its global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(chart.title, loc="left", pad=22, fontsize=14, fontweight="bold", color=_INK)
    # A dollar sign would begin a formula.
    caption = shorten(chart.caption, 170, placeholder=" …").replace("$", r"\$")
    axes.annotate(caption, (0, 1), (0, 8), "axes fraction", "offset points", fontsize=8, color=_MUTED)
    chart.draw_on(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Title": chart.title, "Description": chart.caption})
    return buffer.getvalue()
