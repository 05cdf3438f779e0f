"""One's history to take along; see docs/export.md."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analysis.dashboard.export_form import ExportForm
from analysis.dashboard.file_responses import send_export
from analysis.http import signed_in


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
    return send_export(request, form.wanted(request.user), format)
