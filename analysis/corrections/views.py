"""Views that correct a face, mark a missed one, undo both, and send a corrected face's image."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from analysis.audit.services import record_view
from analysis.corrections import services as corrections
from analysis.corrections.models import CORRECTION_CHOICES, Correction
from analysis.errors import AnalysisError, CorrectionError
from analysis.photos.annotated import face_jpeg, jpeg_response
from analysis.photos.face_models import Face
from analysis.photos.models import Photo
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Box
from ferproject.errors import translated_message


class CorrectionForm(forms.Form):
    """A face's expression, `cannot_tell` or `not_a_face`.

    `learn` is the consent to training, given to the notice of version `notice`.
    """

    emotion = forms.ChoiceField(choices=CORRECTION_CHOICES)
    learn = forms.BooleanField(required=False)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)


class MarkForm(forms.Form):
    """A box in pixels of the upright original."""

    x = forms.FloatField()
    y = forms.FloatField()
    width = forms.FloatField()
    height = forms.FloatField()


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
    """Undo a correction, "not a face" too."""
    correction = get_object_or_404(Correction.objects.owned_by(request.user).select_related("face__analysis"), pk=pk)
    corrections.withdraw_correction(correction=correction)
    return _redirect_to(correction.face)


@login_required
@require_POST
def mark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark a face that was missed in a photo, by the fields `x`, `y`, `width` and `height`."""
    photo = get_object_or_404(Photo.objects.owned_by(request.user), pk=pk)
    form = MarkForm(request.POST)
    try:
        if not form.is_valid():
            raise CorrectionError("box_outside", gettext("Draw a box around the face first."))
        face = corrections.mark_face(photo=photo, by=request.user, box=Box(**form.cleaned_data))
    except (AnalysisError, RecognitionError) as error:
        messages.error(request, translated_message(error))
        return redirect("analysis:detail", pk=photo.pk)
    return _redirect_to(face)


@login_required
@require_POST
def unmark(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the marking of a face."""
    face = get_object_or_404(Face.objects.owned_by(request.user).select_related("analysis"), pk=pk)
    try:
        corrections.unmark_face(face=face)
    except AnalysisError as error:
        messages.error(request, error.message)
    return redirect("analysis:detail", pk=face.analysis.photo_id)


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
    face.refresh_from_db()
    return redirect(f"{reverse('analysis:detail', args=[face.analysis.photo_id])}#face-{face.position}")
