"""Responses with a chart's image or an export, for the site and the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from analysis.audit.services import record_own_export
from analysis.dashboard.charts import Chart
from analysis.dashboard.export import ExportFilter
from analysis.dashboard.export_formats import FORMATS, export_stream
from analysis.files.export_turns import export_in_turn


def send_chart(request: HttpRequest, chart: Chart, *, download: bool) -> HttpResponseBase:
    """Draw a chart unless the client has it already; raise `HistoryError` as `Chart.draw` does."""
    if (unchanged := get_conditional_response(request, etag=chart.etag)) is not None:
        return unchanged
    headers = {"ETag": chart.etag, "X-Content-Type-Options": "nosniff"}
    if download:
        headers["Content-Disposition"] = content_disposition_header(True, chart.file_name)
    return HttpResponse(chart.draw(), content_type="image/png", headers=headers)


def send_export(request: HttpRequest, export_filter: ExportFilter, format: str) -> HttpResponseBase:
    """Stream an export in a format of `FORMATS`, and record it in the audit log."""
    content_type = FORMATS[format].content_type
    name = f"history {timezone.localdate():%Y-%m-%d}.{format}"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    if request.method == "HEAD":
        return HttpResponse(headers=headers, content_type=content_type)
    details = {"format": format}
    record_own_export(actor=request.user, subject="their own history", details=details)
    stream = export_stream(export_filter, format, timezone.get_current_timezone())
    return StreamingHttpResponse(export_in_turn(request.user.pk, stream), headers=headers, content_type=content_type)
