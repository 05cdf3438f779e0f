"""Saying that a face was recognized wrongly, and whether training may learn from that."""

from __future__ import annotations

import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from analysis.audit.services import record_view
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections.forms import CorrectionForm
from analysis.corrections.models import Correction
from analysis.errors import AnalysisError
from analysis.photos.annotated import face_jpeg
from analysis.photos.models import Face


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the right expression of one of one's own faces; agreeing to its use is a field, and a record, of its own."""
    face = get_object_or_404(Face.objects.owned_by(request.user).select_related("analysis"), pk=pk)
    form = CorrectionForm(request.POST)
    try:
        corrections.correct_face(face=face, by=request.user, emotion=form.data.get("emotion", ""))
        if form.is_valid() and form.cleaned_data["learn"]:
            consents.give_consent(user=request.user, notice_version=form.cleaned_data["notice"])
    except AnalysisError as error:
        messages.error(request, error.message)
    return _back_to(face)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Correction.objects.owned_by(request.user).select_related("face__analysis")
    correction = get_object_or_404(mine, pk=pk)
    corrections.withdraw_correction(correction=correction)
    return _back_to(correction.face)


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def cut_out(request: HttpRequest, pk: int) -> HttpResponse:
    """One corrected face: for its owner and, while the owner's consent stands, for those who review corrections."""
    seen = Correction.objects.owned_by(request.user)
    if request.user.has_perm("analysis.view_correction"):
        seen |= Correction.objects.consented()
    correction = get_object_or_404(seen.select_related("face__analysis__photo"), pk=pk)
    try:
        data = face_jpeg(correction.face)
    except FileNotFoundError as error:
        raise Http404 from error
    record_view(actor=request.user, owner_id=correction.by_id, what=f"correction {correction.pk}")
    response = FileResponse(io.BytesIO(data), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _back_to(face: Face) -> HttpResponse:
    return redirect(f"{reverse('analysis:detail', args=[face.analysis.photo_id])}#face-{face.position}")
