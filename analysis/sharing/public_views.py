"""What a link shows to whoever has its address: pages and files, for visitors without an account."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.core.internal import ratelimit
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from analysis.albums.models import Collection
from analysis.errors import LinkError
from analysis.http import error_json
from analysis.pagination import Cursor, read_page
from analysis.photos.annotated import photo_overlay
from analysis.photos.face_models import Face
from analysis.photos.file_views import send_photo_file
from analysis.photos.models import Photo
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Session
from analysis.sessions.timeline import read_summary, read_table, session_seconds
from analysis.sessions.views import timeline_response
from analysis.sharing.forms import PasswordForm
from analysis.sharing.models import SharedLink
from analysis.sharing.services import find_link, is_password_of
from analysis.videos.views import send_annotated
from ferproject.errors import http_status

PAGE_SIZE = 48
HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
"""Of every response: no search engine lists what is shared, and no other site learns the address."""
UNLOCKED = "unlocked_links"
"""Key in a browser's session of the links whose password it knew."""
ATTEMPTS = {"shared_link": "5/300s/key", "shared_link_anybody": "100/h/key"}
"""Wrong passwords of one address for one link, and of all addresses for one link."""


def _shared(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call the view with the link instead of its secret; answer 410 where it ended, 403 where it is locked."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        link = find_link(secret=token)
        if link is None or link.item is None:
            response: HttpResponseBase = render(request, "analysis/sharing/ended.html", status=HTTPStatus.GONE)
        elif _is_locked(request, link) and view is not _page:
            response = error_json(
                LinkError("link_locked", gettext("Open the shared link and enter its password first."))
            )
        else:
            response = view(request, link, token=token, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return wrapped


def _page(request: HttpRequest, link: SharedLink, token: str) -> HttpResponseBase:
    if _is_locked(request, link):
        return _ask_password(request, link, token)
    if request.method == "POST":
        return redirect("analysis:shared", token=token)
    if link.photo_id:
        return _photo_page(request, link, token, link.item)
    return _session_page(request, link, token, link.item) if link.session_id else _album_page(request, link, token)


shared = require_http_methods(["GET", "HEAD", "POST"])(_shared(_page))


@require_safe
@_shared
def shared_photo(request: HttpRequest, link: SharedLink, token: str, pk: uuid.UUID) -> HttpResponse:
    return _photo_page(request, link, token, _photo(link, pk))


@require_safe
@_shared
def shared_photo_file(request: HttpRequest, link: SharedLink, token: str, pk: uuid.UUID, field: str) -> HttpResponse:
    return _revalidated(send_photo_file(request, _photo(link, pk), field, stem="photo"))


@require_safe
@_shared
def shared_session(request: HttpRequest, link: SharedLink, token: str, pk: uuid.UUID) -> HttpResponse:
    return _session_page(request, link, token, _session(link, pk))


@require_safe
@_shared
def shared_session_data(request: HttpRequest, link: SharedLink, token: str, pk: uuid.UUID) -> JsonResponse:
    return timeline_response(request, _session(link, pk))


@require_safe
@_shared
def shared_session_video(request: HttpRequest, link: SharedLink, token: str, pk: uuid.UUID) -> HttpResponseBase:
    video = getattr(_session(link, pk), "video", None)
    if video is None or not video.annotated or not link.shows_picture:
        raise Http404
    return _revalidated(send_annotated(request, video, stem="video"))


def _photo(link: SharedLink, pk: uuid.UUID) -> Photo:
    """Return a photo that the link shows, without its picture's names where it shows the numbers only."""
    photos = Photo.objects.filter(pk=link.photo_id) if link.photo_id else Photo.objects.filter(collections=link.album)
    photo: Photo = get_object_or_404(photos.filter(pk=pk).with_result())
    return _without_hidden(link, photo)


def _without_hidden(link: SharedLink, photo: Photo) -> Photo:
    if not link.shows_picture:
        photo.picture = photo.thumbnail = ""
    return photo


def _session(link: SharedLink, pk: uuid.UUID) -> Session:
    rows = Session.objects.select_related("video")
    rows = rows.filter(pk=link.session_id) if link.session_id else rows.filter(collections=link.album)
    session: Session = get_object_or_404(rows, pk=pk)
    return session


def _revalidated(response: HttpResponseBase) -> HttpResponseBase:
    """Let the browser keep a file, and ask each time whether the link still shows it."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _photo_page(request: HttpRequest, link: SharedLink, token: str, photo: Photo) -> HttpResponse:
    photo = _without_hidden(link, photo)
    context = {"link": link, "token": token, "photo": photo, "overlay": photo_overlay(photo)}
    return render(request, "analysis/sharing/shared_photo.html", context)


def _session_page(request: HttpRequest, link: SharedLink, token: str, session: Session) -> HttpResponse:
    summary = read_summary(session)
    seconds = session_seconds(session, summary.end)
    context = {
        "link": link,
        "token": token,
        "session": session,
        "summary": summary,
        "seconds": seconds,
        "table": read_table(session, seconds) if summary.n else [],
        "emotions": EMOTIONS,
        "zone": "UTC",
    }
    return render(request, "analysis/sharing/shared_session.html", context)


def _album_page(request: HttpRequest, link: SharedLink, token: str) -> HttpResponse:
    album: Collection = link.item
    photos = Photo.objects.filter(collections=album)
    page = read_page(photos.with_result(), cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    faces = (
        Face.objects.current().included().filter(analysis__photo__in=photos).exclude(corrected_emotion="").order_by()
    )
    counts = list(faces.values_list("corrected_emotion").annotate(n=Count("pk")).order_by("-n"))
    total = sum(n for _, n in counts)
    context = {
        "link": link,
        "token": token,
        "page": page,
        "photos": [_without_hidden(link, photo) for photo in page.rows],
        "sessions": Session.objects.filter(collections=album).newest_first(),
        "count": photos.count(),
        "faces": total,
        "shares": [(emotion, n / total) for emotion, n in counts],
    }
    return render(request, "analysis/sharing/shared_album.html", context)


def _is_locked(request: HttpRequest, link: SharedLink) -> bool:
    return bool(link.password) and str(link.pk) not in request.session.get(UNLOCKED, [])


def _ask_password(request: HttpRequest, link: SharedLink, token: str) -> HttpResponse:
    """Ask for the password; the right one opens the link for this browser's session."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        try:
            _unlock(request, link, form.cleaned_data["password"])
        except LinkError as error:
            form.add_error("password", error.message)
            status = http_status(error)
        else:
            return redirect("analysis:shared", token=token)
    response = render(request, "analysis/sharing/password.html", {"form": form}, status=status)
    # With no-referrer browsers send the form with "Origin: null", which the check against forged requests refuses.
    response["Referrer-Policy"] = "same-origin"
    return response


def _unlock(request: HttpRequest, link: SharedLink, password: str) -> None:
    """Open the link for this browser's session; raise `LinkError` where the password is wrong or tried too often."""
    counted = []
    for action, (key, wait) in _attempts(request, link).items():
        usage = ratelimit.consume(request, app="analysis", action=action, key=key, config=ATTEMPTS)
        if usage is None:
            raise LinkError("too_many_attempts", wait)
        counted.append(usage)
    if not is_password_of(link=link, password=password):
        raise LinkError("wrong_password", gettext("This password is wrong."))
    for usage in counted:
        usage.rollback()
    request.session[UNLOCKED] = [*request.session.get(UNLOCKED, []), str(link.pk)]


def _attempts(request: HttpRequest, link: SharedLink) -> dict[str, tuple[str, str]]:
    """Return the key of each limit of `ATTEMPTS`, and what is said where it is reached."""
    return {
        "shared_link": (
            f"{ratelimit.get_ip(request)}:{link.pk}",
            gettext("Too many attempts. Try again in 5 minutes."),
        ),
        "shared_link_anybody": (str(link.pk), gettext("Too many attempts. Try again in 1 hour.")),
    }
