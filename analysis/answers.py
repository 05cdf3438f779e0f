"""How an upload is answered: JSON for a script, a page or a redirect for a plain form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from analysis.consent_views import upload_consent
from analysis.errors import PhotoError
from analysis.models import Photo
from analysis.recognition.errors import RecognitionError
from analysis.services import AddedPhoto

STATUS = {
    "no_file": HTTPStatus.BAD_REQUEST,
    "empty_file": HTTPStatus.BAD_REQUEST,
    "damaged_image": HTTPStatus.BAD_REQUEST,
    "people_not_asked": HTTPStatus.BAD_REQUEST,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "consent_needed": HTTPStatus.FORBIDDEN,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_an_image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "quota_reached": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""Whatever is not named here is the server's own trouble: 503."""
RETRY_AFTER_SECONDS = 2
RECENT = 6


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask visitors to sign in; a script is told so instead of being sent to a page it cannot read."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated and wants_json(request):
            return refused(request, PhotoError("not_signed_in", "Your session has ended; sign in again."))
        return login_required(view)(request, *args, **kwargs)

    return wrapped


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
    status = STATUS.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE)
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            {"code": error.code, "message": error.message, "errors": {}, "retryable": error.retryable}, status=status
        )
    else:
        response = render(request, "analysis/upload.html", {**upload_context(request), "refusal": error}, status=status)
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
        "html": render_to_string("analysis/photo_card.html", {"photo": photo}, request),
    }


def _faces(photo: Photo) -> list[dict[str, object]]:
    return [{"emotion": face.emotion, "confidence": face.confidence} for face in photo.result.faces.all()]
