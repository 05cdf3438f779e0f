"""Pages on which consents are given and withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import AnalysisError

Purpose = Consent.Purpose
_ORDER = (Purpose.PHOTOS, Purpose.CAMERA, Purpose.TRAINING, Purpose.TAKEN)
_NEXT = {"upload": "analysis:upload", "videos": "analysis:videos", "live": "analysis:live"}
"""Pages with a consent form, which redirects back to them, by its `next` field."""


@never_cache
@login_required
@require_safe
def consent_list(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            "purpose": purpose.value,
            "title": purpose.label,
            "notice": f"analysis/consents/{purpose.value}_notice.html",
            "notice_version": consents.NOTICES[purpose],
            "consent": consents.active_consent(user=request.user, purpose=purpose),
        }
        for purpose in _ORDER
    ]
    withdrawn = Consent.objects.filter(user=request.user, withdrawn_at__isnull=False)
    context = {"rows": rows, "past": withdrawn.order_by("-withdrawn_at", "-pk")}
    return render(request, "analysis/consents/consents.html", context)


@login_required
@require_POST
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Give or withdraw one consent."""
    if purpose not in Purpose.values:
        raise Http404
    try:
        if request.POST.get("answer") == "agree":
            notice = request.POST.get("notice", "")
            consents.give_consent(user=request.user, purpose=purpose, notice_version=notice)
        elif consents.withdraw_consent(user=request.user, purpose=purpose):
            title = Purpose(purpose).label
            messages.success(request, gettext("You withdrew your consent: %(title)s.") % {"title": title})
    except AnalysisError as error:
        messages.error(request, error.message)
    page = _NEXT.get(request.POST.get("next", ""))
    return redirect(page or f"{reverse('analysis:consents')}#{purpose}")
