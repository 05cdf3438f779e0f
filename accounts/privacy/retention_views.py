"""Pages about how long somebody's things are kept, and what they take on the disk."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import RetentionForm
from accounts.models import RETENTION_CHOICES
from accounts.privacy.retention import choose_retention, plan_choice
from analysis.files.quota import largest_photos, storage_by_month, used_storage


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """Take a choice; one that removes something is confirmed first, on a page that says what goes."""
    user = request.user
    now = {"days": user.retention_days or "", "keep_scores": user.keep_scores}
    form = RetentionForm(request.POST or None, initial=now)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/retention.html", {"form": form})
    choice = form.cleaned_data
    if "confirmed" not in request.POST and (found := plan_choice(user=user, **choice)):
        words = dict(RETENTION_CHOICES)[choice["days"]]
        return render(
            request, "accounts/retention_confirm.html", {"days": choice["days"], "words": words, "found": found}
        )
    choose_retention(user=user, **choice)
    messages.success(request, "Saved. What is older goes with the next purge, within a day.")
    return redirect("accounts:retention")


@never_cache
@login_required
@require_safe
def space(request: HttpRequest) -> HttpResponse:
    """Where the bytes are."""
    used = used_storage(request.user)
    quota = request.user.quota
    context = {
        "used": used,
        "quota": quota,
        "share": min(100, round(100 * used.total / quota)) if quota else None,
        "months": storage_by_month(request.user),
        "largest": largest_photos(request.user),
    }
    return render(request, "accounts/space.html", context)
