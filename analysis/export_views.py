"""One's history to take along; see docs/export.md."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analysis.answers import signed_in
from analysis.audit import record
from analysis.export_formats import FORMATS, export_stream
from analysis.forms import ExportForm
from analysis.models import AuditEntry


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest, format: str) -> HttpResponseBase:
    """The faces asked for as one file, sent while it is read."""
    form = ExportForm(request.GET)
    if not form.is_valid():
        message = "; ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items())
        return JsonResponse(
            {"code": "bad_filter", "message": message, "errors": form.errors}, status=HTTPStatus.BAD_REQUEST
        )
    writer = FORMATS[format]()
    name = f"history {timezone.localdate():%Y-%m-%d}.{format}"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    if request.method == "HEAD":
        return HttpResponse(headers=headers, content_type=writer.content_type)
    record(actor=request.user, action=AuditEntry.EXPORTED, subject="their own history", details={"format": format})
    stream = export_stream(form.wanted(request.user), writer, timezone.get_current_timezone())
    return StreamingHttpResponse(stream, headers=headers, content_type=writer.content_type)
