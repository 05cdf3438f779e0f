"""Pages about how long somebody's things are kept, and what they take on the disk."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import RetentionForm
from accounts.retention import choose_retention
from analysis.space import largest_photos, space_by_month, used_space


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    user = request.user
    now = {"days": user.retention_days or "", "keep_scores": user.keep_scores}
    form = RetentionForm(request.POST or None, initial=now)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/retention.html", {"form": form})
    choose_retention(user=user, days=form.cleaned_data["days"], keep_scores=form.cleaned_data["keep_scores"])
    messages.success(request, "Saved. What is older goes with the next purge, within a day.")
    return redirect("accounts:retention")


@never_cache
@login_required
@require_safe
def space(request: HttpRequest) -> HttpResponse:
    """Where the bytes are."""
    used = used_space(request.user)
    quota = request.user.quota
    context = {
        "used": used,
        "quota": quota,
        "share": min(100, round(100 * used.total / quota)) if quota else None,
        "months": space_by_month(request.user),
        "largest": largest_photos(request.user),
    }
    return render(request, "accounts/space.html", context)
