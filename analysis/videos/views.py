"""Pages of videos, and the upload in parts; scripts get JSON."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.consents.requests import people_agreed_at, upload_consent
from analysis.errors import VideoError
from analysis.files.range_responses import stream_file
from analysis.http import error_response, signed_in, wants_json
from analysis.pagination import Cursor, read_page
from analysis.sessions.emotion_counts import read_session_counts
from analysis.videos import services as videos
from analysis.videos.forms import VideoFilter
from analysis.videos.limits import megabytes, minutes
from analysis.videos.models import MEDIA_TYPES, Video
from ferproject import numbers

PAGE_SIZE = 24
PART_BYTES = 4_000_000
"""Size of the parts that the page sends; the server holds each request in memory."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def video_list(request: HttpRequest) -> HttpResponse:
    """The user's videos, newest first; a POST begins an upload in parts or, from a plain form, uploads a whole file."""
    if request.method != "POST":
        return render(request, "analysis/videos/videos.html", _list_context(request))
    try:
        agreed_at = people_agreed_at(request, VideoError)
        if (file := request.FILES.get("video")) is not None:
            return _success(request, _upload_whole(request, file, agreed_at))
        if "size" not in request.POST:
            raise VideoError("no_file", gettext("Choose a video first."))
        name, size = request.POST.get("name", ""), _parse_bytes(request.POST["size"], "size")
        video = videos.create_video(owner=request.user, name=name, size=size, people_agreed_at=agreed_at)
        return _success(request, video, HTTPStatus.CREATED)
    except VideoError as error:
        return _error(request, error)


@require_http_methods(["PUT", "POST"])
@signed_in
def video_part(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Save the next part of an upload: at most `MAX_PART_BYTES` raw bytes, from `?offset=` on."""
    try:
        offset = _parse_bytes(request.GET.get("offset", ""), "offset")
        # `request.body` would refuse bodies of this size.
        data = request.read(videos.MAX_PART_BYTES + 1)
        return JsonResponse(video_json(videos.append_part(video=_own(request, pk), offset=offset, data=data)))
    except VideoError as error:
        return _error(request, error)


@login_required
@never_cache
@require_safe
def video_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A video's progress, or why it failed; a finished one's session has a page of its own."""
    video = _own(request, pk)
    if video.session_id is not None:
        return redirect("analysis:session", pk=video.session_id)
    return render(request, "analysis/videos/video.html", {"video": video, "words": progress_words(video)})


@never_cache
@require_safe
@signed_in
def video_progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return JsonResponse(video_json(_own(request, pk)))


@require_POST
@signed_in
def video_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    video = _own(request, pk)
    videos.cancel_video(video=video)
    if wants_json(request):  # the upload's script, once the server refused the file
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    messages.info(request, gettext("“%(name)s” was cancelled.") % {"name": video.name})
    return redirect("analysis:videos")


@require_POST
@signed_in
def video_retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    video = _own(request, pk)
    try:
        videos.retry_video(video=video)
    except VideoError as error:
        return _error(request, error)
    return redirect("analysis:video-detail", pk=video.pk)


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def video_annotated(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The annotated video, to play or, with `?download`, to save."""
    video = get_object_or_404(Video.objects.owned_by(request.user).exclude(annotated=""), pk=pk)
    return send_annotated(request, video, stem=video.name.rsplit(".", 1)[0] or gettext("Video"))


def send_annotated(request: HttpRequest, video: Video, *, stem: str) -> HttpResponseBase:
    """Send an annotated video, or the range of it that is asked for."""
    suffix = video.annotated_suffix
    name, download = gettext("%(name)s - expressions") % {"name": stem}, "download" in request.GET
    return stream_file(request, video.annotated.name, MEDIA_TYPES[suffix], name=f"{name}{suffix}", download=download)


def _own(request: HttpRequest, pk: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.owned_by(request.user), pk=pk)


def _upload_whole(request: HttpRequest, file: UploadedFile, agreed_at: dt.datetime) -> Video:
    """Save a file that was sent in one request; nothing is left of one that is refused."""
    video = videos.create_video(
        owner=request.user, name=file.name or "", size=file.size or 0, people_agreed_at=agreed_at
    )
    try:
        for data in file.chunks(PART_BYTES):
            video = videos.append_part(video=video, offset=video.received, data=data)
    except VideoError:
        videos.cancel_video(video=video)
        raise
    return video


def _parse_bytes(text: str, name: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 16):
        message = gettext("%(name)s: expected a whole number of bytes; got “%(value)s”.")
        raise VideoError(f"bad_{name}", message % {"name": name, "value": text[:40]})
    return int(text)


def video_json(video: Video) -> dict[str, Any]:
    """Return a video as JSON for scripts."""
    remaining = video.remaining
    return {
        "id": str(video.pk),
        "name": video.name,
        "status": video.status,
        "status_words": video.get_status_display(),
        "bytes": video.bytes,
        "received": video.received,
        "progress": video.progress,
        "remaining_seconds": None if remaining is None else round(remaining.total_seconds()),
        "message": video.shown_message,
        "words": progress_words(video),
        "url": reverse("analysis:video-detail", args=[video.pk]),
        "part_url": reverse("analysis:video-part", args=[video.pk]),
        "session_url": reverse("analysis:session", args=[video.session_id]) if video.session_id else None,
        "annotated_url": reverse("analysis:video-annotated", args=[video.pk]) if video.annotated else None,
    }


def progress_words(video: Video) -> str:
    """Return the progress and the remaining time in words."""
    if video.status == Video.Status.UPLOADING:
        share, size = numbers.percent(video.received / video.bytes), numbers.number(video.bytes / 1_000_000, digits=1)
        return gettext("%(share)s of %(size)s MB uploaded") % {"share": share, "size": size}
    if video.status == Video.Status.QUEUED:
        return gettext("It starts automatically when its turn comes")
    if video.status != Video.Status.RUNNING:
        return video.get_status_display()
    if not video.progress and (video.seconds or not video.width):
        return gettext("Just started")
    if not video.progress:
        return gettext("The file does not state how long the video is")
    share, remaining = numbers.percent(video.progress), video.remaining
    return share if remaining is None else f"{share} · {_time_left(remaining)}"


def _success(request: HttpRequest, video: Video, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(video_json(video), status=status)
    return redirect("analysis:video-detail", pk=video.pk)


def _error(request: HttpRequest, error: VideoError) -> HttpResponse:
    return error_response(request, error, "analysis/videos/videos.html", _list_context)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the list of videos, also for the response to an invalid form."""
    form = VideoFilter(request.GET)
    mine = form.apply(Video.objects.owned_by(request.user).select_related("session"))
    page = read_page(mine, cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    counts = read_session_counts([video.session for video in page.rows if video.session])
    return {
        **upload_consent(request),
        "page": page,
        "form": form,
        "rows": [(video, counts.get(video.session_id), progress_words(video)) for video in page.rows],
        "is_waiting": any(video.is_open for video in page.rows),
        "max_bytes": settings.VIDEO_MAX_BYTES,
        "max_megabytes": megabytes(settings.VIDEO_MAX_BYTES),
        "max_length": minutes(settings.VIDEO_MAX_SECONDS),
        "form_megabytes": megabytes(settings.PHOTO_MAX_BYTES),
        "part_bytes": PART_BYTES,
    }


def _time_left(remaining: dt.timedelta) -> str:
    seconds = remaining.total_seconds()
    if seconds < 50:
        count = max(5, round(seconds / 5) * 5)
        text = ngettext("about %(count)s second left", "about %(count)s seconds left", count)
    else:
        count = max(1, round(seconds / 60))
        text = ngettext("about %(count)s minute left", "about %(count)s minutes left", count)
    return text % {"count": numbers.number(count)}
