"""Drawing of a dashboard's charts on Matplotlib's axes; emotions differ by colour and by hatch, dash or marker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext

from analysis.dashboard.dashboard import Column, PeriodComparison
from analysis.dashboard.labels import bucket_label, bucket_tick
from analysis.history.models import HistorySum
from analysis.history.series import MIN_FACES_FOR_SHARES, Series
from analysis.recognition.emotions import COLOURS, EMOTIONS
from analysis.templatetags.ui import amount, less_than, percent
from analysis.words import EMOTION_NAMES
from ferproject import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, _LINE = "#1d1b19", "#625d57", "#e2ded7"
_HATCHES = ("////", "....", "\\\\\\\\", "", "----", "xxxx", "||||")
_DASHES: tuple[object, ...] = ("-", "--", "-.", ":", (0, (6, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MAX_SECONDS_SHOWN = 180
"""Longer times are drawn in minutes."""
_MAX_TICKS = 12
_MAX_MARKERS = 40
_FEW_ALPHA = 0.3


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
    axes.yaxis.set_major_formatter(lambda value, position: numbers.number(value))
    axes.set_ylabel(label, color=MUTED, fontsize=8)
    _finish(axes, series)


def _scale(unit: str, most: int) -> tuple[str, int]:
    """Return the axis' label and what numbers up to `most` are divided by."""
    if unit == "face":
        return gettext("Faces"), 1
    return (gettext("Minutes"), 60) if most > MAX_SECONDS_SHOWN else (gettext("Seconds"), 1)


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
        bars = axes.barh(
            places,
            shares,
            height * 0.9,
            color=[(COLOURS[emotion], 1 - 0.45 * min(number, 2) / 1.2) for emotion in EMOTIONS],
            hatch=("", "////", "....")[number % 3],
            edgecolor="white",
            linewidth=[0.5 if share else 0 for share in shares],
            label=_column_label(column),
        )
        labels = [percent(share) for share in shares] if column.shares else [""] * len(EMOTIONS)
        axes.bar_label(bars, labels, padding=3, fontsize=7, color=INK)
    axes.set_yticks(range(len(EMOTIONS)), _emotion_names())
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(_percent)
    _style_axes(axes, "x")
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False, fontsize=8)
    for handle in legend.legend_handles:
        handle.set_facecolor(MUTED)


def _column_label(column: Column) -> str:
    faces = amount(column.faces.n, column.unit)
    if column.shares is None:
        return gettext("%(name)s (%(faces)s, too few to show)") % {"name": column.name, "faces": faces}
    return f"{column.name} ({faces})"


def _emotion_names() -> list[str]:
    return [capfirst(str(EMOTION_NAMES[emotion])) for emotion in EMOTIONS]


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
    return numbers.percent(value)


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
    names = _emotion_names()
    axes.legend(handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False, fontsize=9)
    if any(bucket.faces.is_few for bucket in series.buckets):
        few = less_than(MIN_FACES_FOR_SHARES, HistorySum.Source(series.source).unit)
        note = gettext("Pale or hollow: %(few)s, too few to rely on.") % {"few": few}
        axes.set_xlabel(note, color=MUTED, fontsize=8)
    if not series.totals.whole.faces.n:
        text = gettext("No faces in this period")
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=MUTED)


def _style_axes(axes: Axes, grid: str) -> None:
    axes.grid(axis=grid, color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(colors=MUTED, labelsize=8, length=0)
