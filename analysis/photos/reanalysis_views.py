"""Analysing one's history again, as the history page shows it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analysis import engine
from analysis.errors import AnalysisError
from analysis.http import signed_in
from analysis.photos import reanalysis
from analysis.photos.models import Photo
from analysis.photos.reanalysis_models import ReanalysisJob
from analysis.recognition.errors import RecognitionError

MANY = 1000
"""Every look at the history counts the photos that await the serving version; from so many on it says "at least"."""


def reanalysis_context(request: HttpRequest) -> dict[str, object]:
    """Return the last job, or else how many photos the serving version could analyse anew."""
    job = ReanalysisJob.objects.owned_by(request.user).newest_first().first()
    try:
        model = engine.active_model().name
    except RecognitionError:
        return {"job": job}
    photos = Photo.objects.owned_by(request.user)
    outdated = 0 if job and job.is_open else photos.count_outdated(model, limit=MANY)
    return {"job": job, "model": model, "outdated": outdated, "many": MANY}


@never_cache
@require_safe
@signed_in
def progress(request: HttpRequest) -> HttpResponse:
    """The piece of the history page that shows how far it is."""
    return render(request, "analysis/photos/reanalysis.html", reanalysis_context(request))


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    try:
        reanalysis.start_reanalysis(owner=request.user)
    except (AnalysisError, RecognitionError) as error:
        messages.error(request, error.message)
    return redirect("analysis:history")


@login_required
@require_POST
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    reanalysis.cancel_reanalysis(job=_own(request, pk))
    return redirect("analysis:history")


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    reanalysis.dismiss_reanalysis(job=_own(request, pk))
    return redirect("analysis:history")


def _own(request: HttpRequest, pk: uuid.UUID) -> ReanalysisJob:
    return get_object_or_404(ReanalysisJob.objects.owned_by(request.user), pk=pk)
