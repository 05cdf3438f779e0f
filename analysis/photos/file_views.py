"""Photos' files, each handed to its owner alone."""

from __future__ import annotations

import io

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.files.storage import open_file
from analysis.photos import sample as samples
from analysis.photos.annotated import annotated_jpeg
from analysis.photos.models import Photo


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def image(request: HttpRequest, pk: object) -> HttpResponse:
    """The kept picture, as it is or, with `?download`, to save."""
    photo = _own(request, pk)
    return _file(request, photo, photo.picture.name, "image/jpeg")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def thumbnail(request: HttpRequest, pk: object) -> HttpResponse:
    photo = _own(request, pk)
    return _file(request, photo, photo.thumbnail.name, "image/webp")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def annotated(request: HttpRequest, pk: object) -> HttpResponse:
    """The picture with circles and labels drawn into it, to save."""
    photo = _own(request, pk)
    try:
        data = annotated_jpeg(photo)
    except FileNotFoundError as error:
        raise Http404 from error
    return _response(io.BytesIO(data), "image/jpeg", name=f"{_stem(photo)} - expressions.jpg", download=True)


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def sample_picture(request: HttpRequest) -> HttpResponse:
    return _response(io.BytesIO(samples.sample_thumbnail()), "image/webp", name="sample.webp", download=False)


def _own(request: HttpRequest, pk: object) -> Photo:
    return get_object_or_404(Photo.objects.owned_by(request.user), pk=pk)


def _file(request: HttpRequest, photo: Photo, stored: str, content_type: str) -> HttpResponse:
    """Send a kept file, unless the browser has it.

    Kept files never change, yet the browser must ask each time: after a sign-out its cache must open for nobody.
    """
    if (unchanged := get_conditional_response(request, etag=f'"{stored}"')) is not None:
        return unchanged
    try:
        handle = open_file(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    suffix = stored.rsplit(".", 1)[-1]
    name = f"{_stem(photo)}.{suffix}"
    response = _response(handle, content_type, name=name, download="download" in request.GET)
    response["ETag"] = f'"{stored}"'
    return response


def _response(handle: object, content_type: str, *, name: str, download: bool) -> HttpResponse:
    """Send bytes under a name that Django quotes; the type is ours and browsers must not guess another."""
    response = FileResponse(handle, as_attachment=download, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _stem(photo: Photo) -> str:
    return photo.name.rsplit(".", 1)[0] or "photo"
