"""The page on which somebody deletes their account."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import AccountsError
from accounts.privacy.deletion import request_deletion
from analysis.corrections.models import Correction
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.videos.models import Video
from training.runs.contributions import versions_learnt_from


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, then, for whoever typed the password lately, delete it all."""
    user = request.user
    if request.method != "POST":
        return render(request, "accounts/delete.html", _what_goes(request))
    try:
        request_deletion(user=user)
    except AccountsError as error:
        return render(request, "accounts/delete.html", {**_what_goes(request), "refusal": error.message}, status=409)
    logout(request)
    messages.success(request, "Your account is locked and everything in it is being deleted; it takes about a minute.")
    return redirect("analysis:landing")


def _what_goes(request: HttpRequest) -> dict[str, object]:
    user = request.user
    return {
        "photos": Photo.objects.owned_by(user).count(),
        "sessions": Session.objects.owned_by(user).live().count(),
        "videos": Video.objects.owned_by(user).count(),
        "corrections": Correction.objects.owned_by(user).count(),
        "versions": versions_learnt_from(user=user),
    }
