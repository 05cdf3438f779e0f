"""Pages for deleting the account, the retention time, storage use, and downloading all of one's data."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import AccountsError
from accounts.forms import RetentionForm
from accounts.models import RETENTION_CHOICES
from accounts.privacy.deletion import request_deletion
from accounts.privacy.retention import plan_retention, set_retention
from accounts.privacy.takeout import stream_takeout
from analysis.audit.services import record_own_export
from analysis.corrections.models import Correction
from analysis.files.export_turns import export_in_turn
from analysis.files.quota import largest_photos, storage_by_month, used_storage
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.videos.models import Video
from training.runs.contributions import versions_learnt_from


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Show what is deleted and what stays, then delete the account."""
    user, refusal = request.user, None
    if request.method == "POST":
        try:
            request_deletion(user=user)
        except AccountsError as error:
            refusal = error.message
        else:
            logout(request)
            message = gettext(
                "Your account is locked and everything in it is being deleted, which takes about a minute."
            )
            messages.success(request, message)
            return redirect("analysis:landing")
    context = {
        "photos": Photo.objects.owned_by(user).count(),
        "sessions": Session.objects.owned_by(user).live().count(),
        "videos": Video.objects.owned_by(user).count(),
        "corrections": Correction.objects.owned_by(user).count(),
        "versions": versions_learnt_from(user=user),
        "refusal": refusal,
    }
    return render(request, "accounts/delete.html", context, status=409 if refusal else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """Set the retention time; ask for confirmation first if that deletes something."""
    user = request.user
    initial = {"days": user.retention_days or "", "keep_scores": user.keep_scores}
    form = RetentionForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/retention.html", {"form": form})
    choice = form.cleaned_data
    if "confirmed" not in request.POST and (found := plan_retention(user=user, **choice)):
        words = dict(RETENTION_CHOICES)[choice["days"]]
        context = {"days": choice["days"], "words": words, "found": found}
        return render(request, "accounts/retention_confirm.html", context)
    set_retention(user=user, **choice)
    messages.success(request, gettext("Saved. What is older is deleted within a day."))
    return redirect("accounts:retention")


@never_cache
@login_required
@require_safe
def space(request: HttpRequest) -> HttpResponse:
    """Show how much storage the user's files take."""
    used, quota = used_storage(request.user), request.user.quota
    context = {
        "used": used,
        "quota": quota,
        "share": min(100, round(100 * used.total / quota)) if quota else None,
        "months": storage_by_month(request.user),
        "largest": largest_photos(request.user),
    }
    return render(request, "accounts/space.html", context)


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def takeout(request: HttpRequest) -> HttpResponseBase:
    """Show what the archive holds, then send it."""
    if request.method != "POST":
        return render(request, "accounts/takeout.html")
    record_own_export(actor=request.user, subject="everything about themselves")
    name = f"expressions-{timezone.localdate():%Y-%m-%d}.zip"
    return StreamingHttpResponse(
        export_in_turn(request.user.pk, stream_takeout(request.user)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
