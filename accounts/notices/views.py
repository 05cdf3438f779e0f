"""Page where users choose how they are told of finished work."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.notices import services


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/notices/notices.html")
    services.change_email_notices(user=request.user, wanted="email" in request.POST)
    if request.user.wants_email_notices:
        messages.success(request, gettext("You get an email when a video or training run is done."))
    else:
        messages.success(request, gettext("You get no more emails about videos and training runs."))
    return redirect("accounts:notices")
