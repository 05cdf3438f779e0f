"""Pages of photos: upload, result, history and deletion."""

from __future__ import annotations

import uuid
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis import engine
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.consents.requests import people_agreed_at, upload_consent
from analysis.emotion_fields import ANSWERED
from analysis.errors import AnalysisError, PhotoError
from analysis.http import error_response, signed_in, wants_json
from analysis.pagination import Cursor, read_page
from analysis.photos import reanalysis, services
from analysis.photos import sample as samples
from analysis.photos.annotated import photo_overlay
from analysis.photos.capture_times import keeps_capture_times
from analysis.photos.forms import HistoryFilter
from analysis.photos.models import Photo, ReanalysisJob
from analysis.photos.services import AddedPhoto
from analysis.photos.shown_faces import ShownFace, shown_faces
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.versions.card import read_card
from analysis.versions.readings import readings_of
from ferproject.errors import translated_message

PAGE_SIZE = 24
RECENT_PHOTOS = 6
MAX_OUTDATED_COUNTED = 1000
"""Outdated photos are counted up to this number, with every view of the history page."""


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show visitors three faces with the model's answers, without a model none; redirect users to the upload."""
    if request.user.is_authenticated:
        return redirect("analysis:upload")
    shown: tuple[ShownFace, ...] = ()
    with suppress(RecognitionError):
        shown = shown_faces()
    return render(request, "analysis/photos/landing.html", {"emotions": EMOTIONS, "shown": shown})


@login_required
@require_safe
def upload(request: HttpRequest) -> HttpResponse:
    return render(request, "analysis/photos/upload.html", _upload_context(request))


@require_POST
@signed_in
def photo_create(request: HttpRequest) -> HttpResponse:
    """Analyse one uploaded file; the upload page's script sends each file and gets JSON."""
    try:
        photo = request.FILES.get("photo")
        if photo is None:
            raise PhotoError("no_file", gettext("Choose a photo first."))
        agreed_at = people_agreed_at(request, PhotoError)
        added = services.create_photo(
            owner=request.user, name=photo.name or "", data=photo.read(), people_agreed_at=agreed_at
        )
    except (RecognitionError, PhotoError) as error:
        return error_response(request, error, "analysis/photos/upload.html", _upload_context)
    return _upload_accepted(request, added)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest) -> HttpResponse:
    """Lead to the upload page; the manifest's share target, whose files the service worker takes to that page.

    Without the worker they end here, unread: what is shared has no CSRF token, so that any site could have sent it.
    """
    return redirect("analysis:upload")


@require_POST
@signed_in
def sample_create(request: HttpRequest) -> HttpResponse:
    try:
        added = services.create_photo(
            owner=request.user, name=samples.NAME, data=samples.read_sample(), source=Photo.Source.SAMPLE
        )
    except (RecognitionError, PhotoError) as error:
        return error_response(request, error, "analysis/photos/upload.html", _upload_context)
    return _upload_accepted(request, added)


@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    photos = Photo.objects.owned_by(request.user)
    photo = get_object_or_404(photos.with_excluded_faces(), pk=pk)
    faces = photo.result.faces.all()
    as_answered = request.GET.get("faces") == ANSWERED
    earlier = list(photo.analyses.earlier())
    readings = readings_of(result.model for result in (photo.result, *earlier))
    context = {
        "photo": photo,
        "reading": readings.get(photo.result.model),
        "overlay": photo_overlay(photo, as_answered=as_answered),
        "as_answered": as_answered,
        "is_corrected": any(face.emotion != face.corrected_emotion for face in faces),
        "newer": photos.newer_than(photo).oldest_first().first(),
        "older": photos.older_than(photo).newest_first().first(),
        "earlier": [(result, readings.get(result.model)) for result in earlier],
        "consent": consents.active_consent(user=request.user),
        "notice_version": consents.NOTICES[Consent.Purpose.TRAINING],
        "emotions": EMOTIONS,
    }
    return render(request, "analysis/photos/detail.html", context)


@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form = HistoryFilter(request.GET, versions=Photo.objects.versions_used(request.user))
    photos = form.apply(Photo.objects.owned_by(request.user).with_result())
    cursor = Cursor.parse(request.GET.get("page", ""))
    keyset = Photo.objects.keyset(by_taken=form.is_by_taken)
    page = read_page(
        photos, cursor=cursor, size=PAGE_SIZE, oldest_first=form.is_oldest_first, newest_first_keyset=keyset
    )
    keeps_times = keeps_capture_times(owner=request.user)
    shown = {"keeps_times": keeps_times, "as_answered": form.is_as_answered}
    context = {"form": form, "page": page, **shown, **_reanalysis_context(request)}
    return render(request, "analysis/photos/history.html", context)


@never_cache
@require_safe
@signed_in
def reanalysis_progress(request: HttpRequest) -> HttpResponse:
    """Render the job's progress, a part of the history page."""
    return render(request, "analysis/photos/reanalysis.html", _reanalysis_context(request))


@login_required
@require_POST
def reanalysis_start(request: HttpRequest) -> HttpResponse:
    try:
        reanalysis.start_reanalysis(owner=request.user)
    except (AnalysisError, RecognitionError) as error:
        messages.error(request, translated_message(error))
    return redirect("analysis:history")


@login_required
@require_POST
def reanalysis_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    reanalysis.cancel_reanalysis(job=_get_job(request, pk))
    return redirect("analysis:history")


@login_required
@require_POST
def reanalysis_dismiss(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    ReanalysisJob.objects.filter(pk=_get_job(request, pk).pk).ended().delete()
    return redirect("analysis:history")


@require_safe
def about_model(request: HttpRequest) -> HttpResponse:
    """Show the active version's card, or which of its files are missing or damaged."""
    # Not in `versions`, which `engine` imports.
    try:
        card = read_card(engine.active_model())
    except RecognitionError as error:
        return render(
            request, "analysis/versions/model_unavailable.html", {"message": translated_message(error)}, status=503
        )
    return render(request, "analysis/versions/about_model.html", {"card": card})


def _reanalysis_context(request: HttpRequest) -> dict[str, object]:
    """Return template variables: the last job, the active version, and the number of outdated photos."""
    job = ReanalysisJob.objects.owned_by(request.user).newest_first().first()
    try:
        model = engine.active_model().name
    except RecognitionError:
        return {"job": job}
    photos = Photo.objects.owned_by(request.user)
    outdated = (
        0 if job and job.is_open else photos.count_outdated(model, settings.FACE_DETECTOR, limit=MAX_OUTDATED_COUNTED)
    )
    return {"job": job, "model": model, "outdated": outdated, "many": MAX_OUTDATED_COUNTED}


def _get_job(request: HttpRequest, pk: uuid.UUID) -> ReanalysisJob:
    return get_object_or_404(ReanalysisJob.objects.owned_by(request.user), pk=pk)


def _upload_context(request: HttpRequest) -> dict[str, Any]:
    return {
        **upload_consent(request),
        "asks_for_times": not Consent.objects.filter(user=request.user, purpose=Consent.Purpose.TAKEN).exists(),
        "recent": Photo.objects.owned_by(request.user).newest_first().with_result()[:RECENT_PHOTOS],
        "max_bytes": settings.PHOTO_MAX_BYTES,
        "video_max_bytes": settings.VIDEO_MAX_BYTES,
    }


def _upload_accepted(request: HttpRequest, added: AddedPhoto) -> HttpResponse:
    """Respond to an upload whose photo is in the history: with JSON for the script, else a redirect to its page."""
    photo = added.photo
    if not wants_json(request):
        if not added.is_new:
            message = gettext("You have already uploaded this photo as “%(name)s”. Here is its result.")
            messages.info(request, message % {"name": photo.name})
        return redirect("analysis:detail", pk=photo.pk)
    content = {
        "id": str(photo.pk),
        "name": photo.name,
        "url": reverse("analysis:detail", args=[photo.pk]),
        "is_new": added.is_new,
        "faces": [{"emotion": face.emotion, "confidence": face.confidence} for face in photo.result.faces.all()],
        "html": render_to_string("analysis/photos/photo_card.html", {"photo": photo}, request),
    }
    return JsonResponse(content, status=HTTPStatus.CREATED if added.is_new else HTTPStatus.OK)
