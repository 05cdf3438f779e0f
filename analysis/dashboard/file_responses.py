"""A history's files as answers, to browsers and to programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.dashboard.charts import Picture
from analysis.dashboard.export import Wanted
from analysis.dashboard.export_formats import FORMATS, export_stream


def send_picture(request: HttpRequest, picture: Picture, *, download: bool) -> HttpResponseBase:
    """Draw a chart for whoever does not have it yet; raises `HistoryError` as `Picture.draw` does."""
    if (unchanged := get_conditional_response(request, etag=picture.etag)) is not None:
        return unchanged
    headers = {"ETag": picture.etag, "X-Content-Type-Options": "nosniff"}
    if download:
        headers["Content-Disposition"] = content_disposition_header(True, picture.name)
    return HttpResponse(picture.draw(), content_type="image/png", headers=headers)


def send_export(request: HttpRequest, wanted: Wanted, format: str) -> HttpResponseBase:
    """Send the faces asked for as one file of a format of `FORMATS`, while it is read; the log notes it."""
    writer = FORMATS[format]()
    name = f"history {timezone.localdate():%Y-%m-%d}.{format}"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    if request.method == "HEAD":
        return HttpResponse(headers=headers, content_type=writer.content_type)
    details = {"format": format}
    record_audit(actor=request.user, action=AuditEntry.EXPORTED, subject="their own history", details=details)
    stream = export_stream(wanted, writer, timezone.get_current_timezone())
    return StreamingHttpResponse(stream, headers=headers, content_type=writer.content_type)
