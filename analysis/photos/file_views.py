"""Files of photos, sent to their owner only."""

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
    """Send the stored picture, with `?download` as an attachment."""
    photo = _get_photo(request, pk)
    return _file(request, photo, photo.picture.name, "image/jpeg")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def thumbnail(request: HttpRequest, pk: object) -> HttpResponse:
    photo = _get_photo(request, pk)
    return _file(request, photo, photo.thumbnail.name, "image/webp")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def annotated(request: HttpRequest, pk: object) -> HttpResponse:
    """Send the picture with circles and labels drawn into it, as an attachment."""
    photo = _get_photo(request, pk)
    try:
        data = annotated_jpeg(photo)
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{_stem(photo)} - expressions.jpg"
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type="image/jpeg")


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def sample_picture(request: HttpRequest) -> HttpResponse:
    return FileResponse(io.BytesIO(samples.sample_thumbnail()), filename="sample.webp", content_type="image/webp")


def _get_photo(request: HttpRequest, pk: object) -> Photo:
    return get_object_or_404(Photo.objects.owned_by(request.user), pk=pk)


def _file(request: HttpRequest, photo: Photo, stored: str, content_type: str) -> HttpResponse:
    """Send a stored file, or 304 where the browser has it; `no_cache` makes it revalidate, also after a sign-out."""
    if (unchanged := get_conditional_response(request, etag=f'"{stored}"')) is not None:
        return unchanged
    try:
        handle = open_file(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{_stem(photo)}.{stored.rsplit('.', 1)[-1]}"
    response = FileResponse(handle, as_attachment="download" in request.GET, filename=name, content_type=content_type)
    response["ETag"] = f'"{stored}"'
    return response


def _stem(photo: Photo) -> str:
    return photo.name.rsplit(".", 1)[0] or "photo"
