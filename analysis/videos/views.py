"""Pages of videos, and the upload in parts."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.consents.requests import people_agreed_at
from analysis.errors import VideoError
from analysis.files.range_responses import stream_file
from analysis.http import signed_in
from analysis.videos import services as videos
from analysis.videos.models import Video
from analysis.videos.responses import (
    PART_BYTES,
    error_response,
    progress_words,
    success_response,
    video_json,
    videos_context,
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def video_list(request: HttpRequest) -> HttpResponse:
    """The user's videos, newest first; a POST begins an upload in parts or, from a plain form, uploads a whole file."""
    if request.method != "POST":
        return render(request, "analysis/videos/videos.html", videos_context(request))
    try:
        agreed_at = people_agreed_at(request, VideoError)
        if (file := request.FILES.get("video")) is not None:
            return success_response(request, _upload_whole(request, file, agreed_at))
        if "size" not in request.POST:
            raise VideoError("no_file", "Choose a video first.")
        name, size = request.POST.get("name", ""), _parse_bytes(request.POST["size"], "size")
        video = videos.create_video(owner=request.user, name=name, size=size, people_agreed_at=agreed_at)
        return success_response(request, video, HTTPStatus.CREATED)
    except VideoError as error:
        return error_response(request, error)


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
        return error_response(request, error)


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
    messages.info(request, f"“{video.name}” was cancelled.")
    return redirect("analysis:videos")


@require_POST
@signed_in
def video_retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    video = _own(request, pk)
    try:
        videos.retry_video(video=video)
    except VideoError as error:
        return error_response(request, error)
    return redirect("analysis:video-detail", pk=video.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def video_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete a video; a GET shows a page that asks for confirmation."""
    video = _own(request, pk)
    if request.method != "POST":
        return render(request, "analysis/videos/video_delete.html", {"video": video})
    videos.delete_video(video=video)
    messages.success(request, f"“{video.name}” is deleted.")
    return redirect("analysis:videos")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def video_annotated(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The annotated video, to play or, with `?download`, to save."""
    video = get_object_or_404(Video.objects.owned_by(request.user).exclude(annotated=""), pk=pk)
    name = f"{video.name.rsplit('.', 1)[0] or 'video'} - expressions.webm"
    return stream_file(request, video.annotated.name, "video/webm", name=name, download="download" in request.GET)


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
        raise VideoError(f"bad_{name}", f"{name}: expected a whole number of bytes; got “{text[:40]}”.")
    return int(text)
