"""Series and comparisons drawn with Matplotlib; emotions differ by colour and by hatch, dash or marker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.dashboard import Comparison
from analysis.dashboard_words import bucket_tick
from analysis.recognition.emotions import COLOURS, EMOTIONS
from analysis.series import FEW, Series
from analysis.templatetags.ui import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _MUTED, _LINE = "#1d1b19", "#625d57", "#e2ded7"
_HATCHES = ("////", "....", "\\\\\\\\", "", "----", "xxxx", "||||")
_DASHES: tuple[object, ...] = ("-", "--", "-.", ":", (0, (6, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_MOST_TICKS = 12
_MOST_MARKERS = 40
_PALE = 0.3


def draw_shares(axes: Axes, series: Series) -> None:
    """Stacked bars of shares; those of few faces are pale and say so."""
    _stack(axes, series, [bucket.tally.shares for bucket in series.buckets])
    axes.set_ylim(0, 1)
    _percentages(axes)
    _finish(axes, series)


def draw_counts(axes: Axes, series: Series) -> None:
    from matplotlib.ticker import MaxNLocator

    _stack(axes, series, [bucket.tally.counts for bucket in series.buckets])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("faces", color=_MUTED, fontsize=8)
    _finish(axes, series)


def draw_means(axes: Axes, series: Series) -> None:
    """A line for each emotion, broken where there is no face."""
    means = [bucket.tally.means for bucket in series.buckets]
    few = [i for i, bucket in enumerate(series.buckets) if bucket.tally.is_few]
    for index, emotion in enumerate(EMOTIONS):
        line = [mean[index] if mean else float("nan") for mean in means]
        axes.plot(
            line,
            color=COLOURS[emotion],
            linestyle=_DASHES[index],
            linewidth=1.8,
            marker=_MARKERS[index] if len(line) <= _MOST_MARKERS else None,
            markersize=4,
            markevery=[i for i in range(len(line)) if i not in few],
        )
        axes.scatter(
            few, [line[i] for i in few], marker=_MARKERS[index], s=22, facecolors="white", edgecolors=COLOURS[emotion]
        )
    axes.set_xlim(-0.5, len(means) - 0.5)
    axes.set_ylim(bottom=0)
    _percentages(axes)
    _finish(axes, series)


def draw_comparison(axes: Axes, comparison: Comparison) -> None:
    """A group of bars for each emotion, a bar for each column."""
    height = 0.8 / len(comparison.columns)
    for number, column in enumerate(comparison.columns):
        places = [i + (number - (len(comparison.columns) - 1) / 2) * height for i in range(len(EMOTIONS))]
        shares = column.shares or (0.0,) * len(EMOTIONS)
        note = f", fewer than {FEW}: not drawn" if column.shares is None else ""
        bars = axes.barh(
            places,
            shares,
            height * 0.9,
            color=[(COLOURS[emotion], 1 - 0.45 * min(number, 2) / 1.2) for emotion in EMOTIONS],
            hatch=("", "////", "....")[number % 3],
            edgecolor="white",
            linewidth=0.5,
            label=f"{column.name} (n = {column.tally.n:,}{note})",
        )
        labels = [percent(share) for share in shares] if column.shares else [""] * len(EMOTIONS)
        axes.bar_label(bars, labels, padding=3, fontsize=7, color=_INK)
    axes.set_yticks(range(len(EMOTIONS)), [str(emotion) for emotion in EMOTIONS])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    _calm(axes, "x")
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False, fontsize=8)
    for handle in legend.legend_handles:
        handle.set_facecolor(_MUTED)


def _stack(axes: Axes, series: Series, heights: Sequence[Sequence[float] | None]) -> None:
    """Draw `heights`, seven for each bucket or None, on top of each other."""
    feet = [0.0] * len(heights)
    for index in range(len(EMOTIONS)):
        heads = [foot + (values[index] if values else 0) for foot, values in zip(feet, heights, strict=True)]
        boxes = [(i, foot, head) for i, (foot, head) in enumerate(zip(feet, heads, strict=True)) if head > foot]
        _boxes(axes, [box for box in boxes if not series.buckets[box[0]].tally.is_few], index, 1.0)
        _boxes(axes, [box for box in boxes if series.buckets[box[0]].tally.is_few], index, _PALE)
        feet = heads
    axes.set_xlim(-0.5, len(heights) - 0.5)
    axes.set_ylim(0, max(feet, default=0) * 1.05 or 1)


def _boxes(axes: Axes, boxes: Sequence[tuple[int, float, float]], index: int, alpha: float) -> None:
    """Draw bars of (place, foot, head) as one shape: hundreds of patches would take seconds."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [
        corner
        for place, low, high in boxes
        for corner in ((place - 0.45, low), (place - 0.45, high), (place + 0.45, high), (place + 0.45, low), (0, 0))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(boxes)
    if boxes:
        axes.add_patch(PathPatch(Path(corners, codes), **_fill(index, alpha)))


def _fill(index: int, alpha: float) -> dict[str, Any]:
    return {
        "facecolor": (COLOURS[EMOTIONS[index]], alpha),
        "hatch": _HATCHES[index],
        "edgecolor": (1, 1, 1, 0.55),
        "linewidth": 0,
    }


def _percentages(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _finish(axes: Axes, series: Series) -> None:
    """Name the time below, the emotions beside, and what is pale."""
    count = len(series.buckets)
    step = -(-count // _MOST_TICKS)
    ticks = range(0, count, step)
    labels = [bucket_tick(series.buckets[i].span, series.interval, series.zone) for i in ticks]
    axes.set_xticks(list(ticks), labels)
    _calm(axes, "y")
    axes.legend(
        *(items[::-1] for items in _legend(axes)),
        loc="center left",
        bbox_to_anchor=(1.005, 0.5),
        frameon=False,
        fontsize=9,
    )
    if any(bucket.tally.is_few for bucket in series.buckets):
        axes.set_xlabel(f"Pale or hollow: fewer than {FEW} faces, too few to tell.", color=_MUTED, fontsize=8)
    if not series.totals.whole.tally.n:
        axes.text(0.5, 0.5, "No face in this range.", ha="center", va="center", transform=axes.transAxes, color=_MUTED)


def _legend(axes: Axes) -> tuple[list[Any], list[str]]:
    """Return the handles and names of the emotions."""
    from matplotlib.patches import Patch

    names = [str(emotion) for emotion in EMOTIONS]
    return list(axes.lines) or [Patch(**_fill(index, 1.0)) for index in range(len(EMOTIONS))], names


def _calm(axes: Axes, grid: str) -> None:
    axes.grid(axis=grid, color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(colors=_MUTED, labelsize=8, length=0)
