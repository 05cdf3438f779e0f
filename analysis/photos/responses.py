"""How an upload is answered: JSON for a script, a page or a redirect for a plain form."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from analysis.consents.requests import upload_consent
from analysis.errors import PhotoError
from analysis.http import error_json, wants_json
from analysis.photos.models import Photo
from analysis.photos.services import AddedPhoto
from analysis.recognition.errors import RecognitionError
from ferproject.errors import RETRY_AFTER_SECONDS, http_status

RECENT = 6


def upload_context(request: HttpRequest) -> dict[str, object]:
    """Return what the upload page shows, whether it was asked for or answers a refused form."""
    return {
        **upload_consent(request),
        "recent": Photo.objects.owned_by(request.user).newest_first().with_result()[:RECENT],
        "max_bytes": settings.PHOTO_MAX_BYTES,
        "max_megabytes": f"{settings.PHOTO_MAX_BYTES / 1_000_000:g}",
    }


def accepted(request: HttpRequest, added: AddedPhoto) -> HttpResponse:
    """Answer an upload that is now, or was already, in the history."""
    if wants_json(request):
        status = HTTPStatus.CREATED if added.is_new else HTTPStatus.OK
        return JsonResponse(_added(request, added), status=status)
    if not added.is_new:
        messages.info(request, "You had already uploaded this photo; here is its result.")
    return redirect("analysis:detail", pk=added.photo.pk)


def refused(request: HttpRequest, error: RecognitionError | PhotoError) -> HttpResponse:
    """Answer an upload that was not kept, in the site's one shape of error."""
    if wants_json(request):
        response: HttpResponse = error_json(error)
    else:
        context = {**upload_context(request), "refusal": error}
        status = http_status(error)
        response = render(request, "analysis/photos/upload.html", context, status=status)
    if error.retryable:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _added(request: HttpRequest, added: AddedPhoto) -> dict[str, object]:
    photo = added.photo
    return {
        "id": str(photo.pk),
        "name": photo.name,
        "url": reverse("analysis:detail", args=[photo.pk]),
        "is_new": added.is_new,
        "faces": _faces(photo),
        "html": render_to_string("analysis/photos/photo_card.html", {"photo": photo}, request),
    }


def _faces(photo: Photo) -> list[dict[str, object]]:
    return [{"emotion": face.emotion, "confidence": face.confidence} for face in photo.result.faces.all()]
