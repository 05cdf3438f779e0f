"""Views that correct a face, withdraw a correction, and send a corrected face's image."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from analysis.audit.services import record_view
from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.errors import AnalysisError
from analysis.photos.annotated import face_jpeg, jpeg_response
from analysis.photos.models import Face


class CorrectionForm(forms.Form):
    """A face's expression; `learn` is the consent to training, given to the notice of version `notice`."""

    emotion = forms.ChoiceField(choices=EMOTION_CHOICES)
    learn = forms.BooleanField(required=False)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the expression of a face and, with the field `learn`, give the consent to training."""
    face = get_object_or_404(Face.objects.owned_by(request.user).select_related("analysis"), pk=pk)
    form = CorrectionForm(request.POST)
    try:
        correction = corrections.correct_face(face=face, by=request.user, emotion=form.data.get("emotion", ""))
        if form.is_valid() and form.cleaned_data["learn"]:
            corrections.agree_to_training(correction=correction, notice_version=form.cleaned_data["notice"])
    except AnalysisError as error:
        messages.error(request, error.message)
    return _redirect_to(face)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    correction = get_object_or_404(Correction.objects.owned_by(request.user), pk=pk)
    correction.delete()
    return _redirect_to(correction.face)


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def face_image(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a corrected face to its owner and, with the owner's consent to training, to reviewers."""
    visible = Correction.objects.owned_by(request.user)
    if request.user.has_perm("analysis.view_correction"):
        visible |= Correction.objects.consented()
    correction = get_object_or_404(visible.select_related("face__analysis__photo"), pk=pk)
    response = jpeg_response(face_jpeg, correction.face)
    record_view(actor=request.user, owner_id=correction.by_id, what=f"correction {correction.pk}")
    return response


def _redirect_to(face: Face) -> HttpResponse:
    return redirect(f"{reverse('analysis:detail', args=[face.analysis.photo_id])}#face-{face.position}")
