"""Charts of a dashboard as PNG, drawn with Matplotlib; emotions differ by colour and by hatch, dash or marker."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from django.db import models

from analysis.dashboard.dashboard import Comparison, Dashboard, read_dashboard
from analysis.dashboard.forms import Question
from analysis.dashboard.labels import bucket_tick, days_label
from analysis.errors import HistoryError
from analysis.history.series import MIN_FACES_FOR_SHARES, Series
from analysis.recognition.emotions import COLOURS, EMOTIONS
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
    _stack(axes, series, [bucket.faces.shares for bucket in series.buckets])
    axes.set_ylim(0, 1)
    _percentages(axes)
    _finish(axes, series)


def draw_counts(axes: Axes, series: Series) -> None:
    from matplotlib.ticker import MaxNLocator

    _stack(axes, series, [bucket.faces.counts for bucket in series.buckets])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("faces", color=_MUTED, fontsize=8)
    _finish(axes, series)


def draw_means(axes: Axes, series: Series) -> None:
    """A line for each emotion, broken where there is no face."""
    means = [bucket.faces.means for bucket in series.buckets]
    few = [i for i, bucket in enumerate(series.buckets) if bucket.faces.is_few]
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
        note = f", fewer than {MIN_FACES_FOR_SHARES}: not drawn" if column.shares is None else ""
        bars = axes.barh(
            places,
            shares,
            height * 0.9,
            color=[(COLOURS[emotion], 1 - 0.45 * min(number, 2) / 1.2) for emotion in EMOTIONS],
            hatch=("", "////", "....")[number % 3],
            edgecolor="white",
            linewidth=0.5,
            label=f"{column.name} (n = {column.faces.n:,}{note})",
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
        _boxes(axes, [box for box in boxes if not series.buckets[box[0]].faces.is_few], index, 1.0)
        _boxes(axes, [box for box in boxes if series.buckets[box[0]].faces.is_few], index, _PALE)
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
    if any(bucket.faces.is_few for bucket in series.buckets):
        axes.set_xlabel(
            f"Pale or hollow: fewer than {MIN_FACES_FOR_SHARES} faces, too few to tell.", color=_MUTED, fontsize=8
        )
    if not series.totals.whole.faces.n:
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


WIDTH, HEIGHT, DPI = 1600, 900, 160
_PATIENCE_SECONDS = 20
_DRAWN_AS = "1"
"""Raised when the drawing changes, so that no browser shows an old one."""

_drawing = threading.BoundedSemaphore(1)
"""Matplotlib shares fonts between figures, and a picture takes a core for a while: one at a time."""


@dataclass(frozen=True)
class Picture:
    """A chart that can be drawn. `etag` stands for all that is in it: whoever has it need not be drawn it again."""

    name: str
    title: str
    caption: str
    etag: str
    content: Callable[[Axes], None]

    def draw(self) -> bytes:
        """Return a PNG of `WIDTH` x `HEIGHT` pixels."""
        if not _drawing.acquire(timeout=_PATIENCE_SECONDS):
            raise HistoryError("busy", "Too many pictures are being drawn just now. Try again.", retryable=True)
        try:
            return _draw(self)
        finally:
            _drawing.release()


def chart_picture(*, owner: models.Model, question: Question, kind: str) -> Picture:
    """Return one of the dashboard's charts for what `question` asks."""
    if kind not in KINDS:
        raise HistoryError("unknown_kind", f"kind: expected one of {', '.join(KINDS)}; got {kind!r}.")
    found = read_dashboard(owner=owner, question=question)
    title, content, shown = KINDS[kind](found)
    caption = _caption(found, kind)
    days = question.days
    digest = hashlib.sha256(repr((_DRAWN_AS, kind, title, caption, question, shown)).encode()).hexdigest()
    name = f"expressions-{kind}-{days.first}-{days.last}.png"
    return Picture(name, title, caption, f'"{digest[:32]}"', content)


def _shares(found: Dashboard) -> tuple[str, Callable[[Axes], None], object]:
    return "What faces showed", lambda axes: draw_shares(axes, found.series), found.series.buckets


def _means(found: Dashboard) -> tuple[str, Callable[[Axes], None], object]:
    return "How strongly: mean probabilities", lambda axes: draw_means(axes, found.series), found.series.buckets


def _counts(found: Dashboard) -> tuple[str, Callable[[Axes], None], object]:
    return "How many faces", lambda axes: draw_counts(axes, found.series), found.series.buckets


def _comparison(found: Dashboard) -> tuple[str, Callable[[Axes], None], object]:
    compared = found.compared
    if compared is None:
        raise HistoryError("bad_range", "against_from: expected days to compare with; there are none before these.")
    return "Two ranges compared", lambda axes: draw_comparison(axes, compared), compared


def _sources(found: Dashboard) -> tuple[str, Callable[[Axes], None], object]:
    sources: Comparison = found.sources
    return "Where faces were seen", lambda axes: draw_comparison(axes, sources), sources


KINDS = {"shares": _shares, "means": _means, "counts": _counts, "comparison": _comparison, "sources": _sources}


def _caption(found: Dashboard, kind: str) -> str:
    """Return which days, how many faces of which sources, and whose answers they are."""
    totals = found.everything.totals if kind == "sources" else found.totals
    versions = ", ".join(f"{name} ({n:,})" for name, n in totals.whole.models[:4])
    more = len(totals.whole.models) - 4
    pieces = [
        days_label(found.question.days),
        f"n = {totals.whole.faces.n:,} faces",
        f"model {versions}{f' and {more} more' if more > 0 else ''}" if versions else "",
        f"{found.source_label.lower()} only" if found.question.source and kind != "sources" else "",
        f"times in {found.question.days.zone}",
    ]
    return " · ".join(filter(None, pieces))


def _draw(picture: Picture) -> bytes:
    # Neither pyplot nor its state; the figure is garbage once it is written.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(picture.title, loc="left", pad=22, fontsize=14, fontweight="bold", color="#1d1b19")
    # A dollar sign would begin a formula.
    caption = shorten(picture.caption, 170, placeholder=" …").replace("$", r"\$")
    axes.annotate(caption, (0, 1), (0, 8), "axes fraction", "offset points", fontsize=8, color="#625d57")
    picture.content(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Title": picture.title, "Description": picture.caption})
    return buffer.getvalue()
