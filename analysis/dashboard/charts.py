"""Charts of a dashboard as PNG, drawn with Matplotlib."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from analysis.dashboard.chart_drawing import INK, MUTED, draw_comparison, draw_counts, draw_means, draw_shares
from analysis.dashboard.chart_fonts import can_be_drawn, installed_fonts
from analysis.dashboard.dashboard import Dashboard, read_dashboard
from analysis.dashboard.forms import DashboardQuery
from analysis.dashboard.labels import days_label
from analysis.errors import HistoryError
from analysis.templatetags.ui import amount
from ferproject import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT, DPI = 1600, 900, 160
_DRAW_TIMEOUT = 20
_DRAWING_VERSION = "5"
"""Part of the ETag; raise it when the drawing changes."""
_draw_lock = threading.BoundedSemaphore(1)
"""Matplotlib shares fonts between figures, and a chart keeps a core busy: draw one at a time."""


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn; `etag` is a hash of all that it shows, `language` that of its texts."""

    language: str
    file_name: str
    title: str
    caption: str
    etag: str
    draw_on: Callable[[Axes], None]

    def draw(self) -> bytes:
        """Return a PNG of `WIDTH` x `HEIGHT` pixels; raise `HistoryError` of code "busy" after `_DRAW_TIMEOUT`."""
        if not _draw_lock.acquire(timeout=_DRAW_TIMEOUT):
            raise HistoryError(
                "busy", gettext("Too many charts are being drawn. Try again in a moment."), retryable=True
            )
        try:
            with override(self.language):
                return _draw(self)
        finally:
            _draw_lock.release()


_SERIES_CHARTS = {
    "shares": (_("Share of each expression"), draw_shares),
    "means": (_("Mean probability of each expression"), draw_means),
    "counts": (_("Number of faces"), draw_counts),
}
KINDS = (*_SERIES_CHARTS, "comparison", "sources")


def make_chart(*, owner: models.Model, query: DashboardQuery, kind: str) -> Chart:
    """Return one of the dashboard's charts; raise `HistoryError` of code "unknown_kind", or as `read_dashboard`.

    Its texts are in the active language, or in English where no font has that one's letters.
    """
    if kind not in KINDS:
        text = gettext("There is no chart “%(kind)s”. Choose one of %(kinds)s.")
        raise HistoryError("unknown_kind", text % {"kind": kind, "kinds": ", ".join(KINDS)})
    active = get_language() or settings.LANGUAGE_CODE
    language = active if can_be_drawn(active) else "en"
    with override(language):
        dashboard = read_dashboard(owner=owner, query=query)
        title, draw, shown = _content(dashboard, kind)
        caption = _caption(dashboard, kind)
    seen = (_DRAWING_VERSION, language, kind, title, caption, query, shown)
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()
    file_name = f"expressions-{kind}-{query.days.first}-{query.days.last}.png"
    return Chart(language, file_name, title, caption, f'"{digest[:32]}"', draw)


def _content(dashboard: Dashboard, kind: str) -> tuple[str, Callable[[Axes], None], object]:
    """Return a chart's title, the function that draws it, and what it shows."""
    if kind in _SERIES_CHARTS:
        title, draw = _SERIES_CHARTS[kind]
        if (kind, dashboard.query.unit) == ("counts", "second"):
            title = _("Time with faces")
        return str(title), lambda axes: draw(axes, dashboard.series), dashboard.series.buckets
    title, comparison = gettext("Expressions by source"), dashboard.sources
    if kind == "comparison":
        title, comparison = gettext("Two periods compared"), dashboard.compared
    if comparison is None:
        raise HistoryError("bad_range", gettext("There are no earlier days to compare with. Choose some."))
    return title, lambda axes: draw_comparison(axes, comparison), comparison


def _caption(dashboard: Dashboard, kind: str) -> str:
    """Return the days, the number of faces, the model versions, the source and the time zone."""
    return " · ".join(
        [
            days_label(dashboard.query.days),
            *(_amounts_by_source(dashboard) if kind == "sources" else _amounts(dashboard)),
            *([gettext("By the date that photos were taken")] if dashboard.query.by_taken else []),
            *([gettext("Without corrections")] if dashboard.query.as_answered else []),
            gettext("Times in %(zone)s") % {"zone": dashboard.query.days.zone},
        ]
    )


def _amounts(dashboard: Dashboard) -> list[str]:
    whole, unit = dashboard.totals.whole, dashboard.query.unit
    amounts = f"{dashboard.source_label}: {amount(whole.faces.n, unit)}"
    if not whole.models:
        return [amounts]
    versions = ", ".join(f"{name} ({amount(n, unit)})" for name, n in whole.models[:4])
    more = len(whole.models) - 4
    if more <= 0:
        return [amounts, gettext("Versions: %(versions)s") % {"versions": versions}]
    text = ngettext("Versions: %(versions)s and %(count)s more", "Versions: %(versions)s and %(count)s more", more)
    return [amounts, text % {"versions": versions, "count": numbers.number(more)}]


def _amounts_by_source(dashboard: Dashboard) -> list[str]:
    return [f"{each.source.label}: {amount(each.n, each.source.unit)}" for each in dashboard.by_source]


def _draw(chart: Chart) -> bytes:
    # Without pyplot and its global state.
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"font.family": installed_fonts()}):
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(chart.title, loc="left", pad=22, fontsize=14, fontweight="bold", color=INK)
        # A dollar sign would begin a formula.
        caption = shorten(chart.caption, 170, placeholder=" …").replace("$", r"\$")
        axes.annotate(caption, (0, 1), (0, 8), "axes fraction", "offset points", fontsize=8, color=MUTED)
        chart.draw_on(axes)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Title": chart.title, "Description": chart.caption})
    return buffer.getvalue()
