"""Files of photos, sent to their owner only."""

from __future__ import annotations

import io

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.files.storage import open_file
from analysis.photos import sample as samples
from analysis.photos.annotated import annotated_jpeg, jpeg_response
from analysis.photos.models import Photo

CONTENT_TYPES = {"picture": "image/jpeg", "thumbnail": "image/webp"}


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def photo_file(request: HttpRequest, pk: object, field: str) -> HttpResponse:
    """Send the owner's stored picture or thumbnail.

    Stored files never change, but `no_cache` makes the browser ask each time, also after a sign-out.
    """
    photo = _get_photo(request, pk)
    return send_photo_file(request, photo, field, stem=_stem(photo))


def send_photo_file(request: HttpRequest, photo: Photo, field: str, *, stem: str) -> HttpResponse:
    """Send a picture or thumbnail, with `?download` as an attachment; 304 where the browser has it.

    Raises `Http404` where the photo has none.
    """
    if not getattr(photo, field):
        raise Http404
    stored: str = getattr(photo, field).name
    etag = f'"{stored}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    try:
        file = open_file(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{stem}.{stored.rsplit('.', 1)[-1]}"
    return FileResponse(
        file,
        as_attachment="download" in request.GET,
        filename=name,
        content_type=CONTENT_TYPES[field],
        # A bucket's file does not tell how long it is otherwise.
        headers={"ETag": etag, "Content-Length": str(file.size)},
    )


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def annotated(request: HttpRequest, pk: object) -> HttpResponse:
    """Send the picture with circles and labels drawn into it, as an attachment."""
    photo = _get_photo(request, pk)
    name = gettext("%(photo)s - expressions") % {"photo": _stem(photo)} + ".jpg"
    return jpeg_response(annotated_jpeg, photo, as_attachment=True, filename=name)


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def sample_picture(request: HttpRequest) -> HttpResponse:
    return FileResponse(io.BytesIO(samples.sample_thumbnail()), filename="sample.webp", content_type="image/webp")


def _get_photo(request: HttpRequest, pk: object) -> Photo:
    return get_object_or_404(Photo.objects.owned_by(request.user), pk=pk)


def _stem(photo: Photo) -> str:
    return photo.name.rsplit(".", 1)[0] or "photo"
