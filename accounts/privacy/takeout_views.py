"""The page from which somebody takes along everything about them."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.privacy.takeout import takeout_stream
from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def takeout(request: HttpRequest) -> HttpResponseBase:
    """Say what is in it, then send it, to whoever typed the password lately."""
    if request.method != "POST":
        return render(request, "accounts/takeout.html")
    record_audit(actor=request.user, action=AuditEntry.EXPORTED, subject="everything about themselves")
    name = f"expressions-{timezone.localdate():%Y-%m-%d}.zip"
    return StreamingHttpResponse(
        takeout_stream(request.user),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
