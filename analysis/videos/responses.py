"""Responses of the pages of videos: JSON for scripts, a page or a redirect for plain forms."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from analysis.consents.requests import upload_consent
from analysis.errors import VideoError
from analysis.http import error_json, wants_json
from analysis.pagination import Cursor, read_page
from analysis.sessions.emotion_counts import read_session_counts
from analysis.videos.models import Video
from ferproject.errors import RETRY_AFTER_SECONDS, http_status

PAGE_SIZE = 24
PART_BYTES = 4_000_000
"""Size of the parts that the page sends; the server holds each request in memory."""


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
        "message": video.message,
        "words": progress_words(video),
        "url": reverse("analysis:video-detail", args=[video.pk]),
        "part_url": reverse("analysis:video-part", args=[video.pk]),
        "session_url": reverse("analysis:session", args=[video.session_id]) if video.session_id else None,
        "annotated_url": reverse("analysis:video-annotated", args=[video.pk]) if video.annotated else None,
    }


def progress_words(video: Video) -> str:
    """Return the progress and the remaining time in words."""
    if video.status == Video.Status.UPLOADING:
        return f"{100 * video.received // video.bytes}% of {video.bytes / 1_000_000:.1f} MB are here"
    if video.status == Video.Status.QUEUED:
        return "It starts by itself once the server gets to it"
    if video.status != Video.Status.RUNNING:
        return video.get_status_display()
    if not video.progress:
        return "Just begun" if video.seconds or not video.width else "The file does not say how long it is"
    remaining = video.remaining
    return f"{100 * video.progress:.0f}%" + (f" · {_about(remaining)} left" if remaining is not None else "")


def success_response(request: HttpRequest, video: Video, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(video_json(video), status=status)
    return redirect("analysis:video-detail", pk=video.pk)


def error_response(request: HttpRequest, error: VideoError) -> HttpResponse:
    response: HttpResponse
    if wants_json(request):
        response = error_json(error, **({} if error.received is None else {"received": error.received}))
    else:
        context = {**videos_context(request), "refusal": error}
        response = render(request, "analysis/videos/videos.html", context, status=http_status(error))
    if error.retryable:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def videos_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the list of videos, also for the response to an invalid form."""
    mine = Video.objects.owned_by(request.user).select_related("session")
    page = read_page(mine, cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    counts = read_session_counts([video.session for video in page.rows if video.session])
    return {
        **upload_consent(request),
        "page": page,
        "rows": [(video, counts.get(video.session_id), progress_words(video)) for video in page.rows],
        "is_waiting": any(video.is_open for video in page.rows),
        "max_bytes": settings.VIDEO_MAX_BYTES,
        "max_megabytes": f"{settings.VIDEO_MAX_BYTES / 1_000_000:g}",
        "max_minutes": f"{settings.VIDEO_MAX_SECONDS / 60:g}",
        "form_megabytes": f"{settings.PHOTO_MAX_BYTES / 1_000_000:g}",
        "part_bytes": PART_BYTES,
    }


def _about(remaining: dt.timedelta) -> str:
    seconds = remaining.total_seconds()
    if seconds < 50:
        return f"about {max(5, round(seconds / 5) * 5)} seconds"
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} minute{'' if minutes == 1 else 's'}"
