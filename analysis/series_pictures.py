"""The dashboard's charts as pictures for reports; what each is of is written into it."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from django.db import models

from analysis.dashboard import Comparison, Dashboard, read_dashboard
from analysis.dashboard_forms import Question
from analysis.dashboard_words import days_label
from analysis.errors import HistoryError
from analysis.series_drawing import draw_comparison, draw_counts, draw_means, draw_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
        f"n = {totals.whole.tally.n:,} faces",
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
