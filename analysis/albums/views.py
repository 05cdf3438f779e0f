"""Pages of albums and tags."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.albums.models import Collection
from analysis.albums.services import (
    NAME_MAX,
    add_items,
    create_collection,
    delete_collection,
    edit_collection,
    find_or_create_collection,
    remove_items,
)
from analysis.date_range_form import TAKEN
from analysis.errors import AlbumError
from analysis.http import error_response
from analysis.pagination import Cursor, read_page
from analysis.photos.capture_times import keeps_capture_times
from analysis.photos.models import Photo
from analysis.sessions.emotion_counts import read_session_counts
from analysis.sessions.models import Session
from ferproject.errors import http_status

PAGE_SIZE = 24
SESSIONS_SHOWN = 24
ITEMS: dict[str, tuple[Any, str]] = {
    "photos": (Photo, "analysis:detail"),
    "sessions": (Session, "analysis:session"),
}
"""What can be in an album, and its page."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def albums(request: HttpRequest) -> HttpResponse:
    """The albums and tags by name; a POST makes an album, or with `kind` a tag."""
    if request.method != "POST":
        return render(request, "analysis/albums/albums.html", _list_context(request))
    kind = Collection.Kind.TAG if request.POST.get("kind") == Collection.Kind.TAG else Collection.Kind.ALBUM
    try:
        made = create_collection(owner=request.user, kind=kind, name=request.POST.get("name", ""))
    except AlbumError as error:
        return error_response(request, error, "analysis/albums/albums.html", _list_context)
    return redirect("analysis:album", pk=made.pk)


@login_required
@require_safe
def album(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return render(request, "analysis/albums/album.html", _album_context(request, _own(request, pk)))


@login_required
@require_POST
def album_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the name or, as `_chosen_cover`, the cover."""
    found = _own(request, pk)
    try:
        edit_collection(collection=found, name=request.POST.get("name"), **_chosen_cover(request))
    except AlbumError as error:
        context = {**_album_context(request, _own(request, pk)), "refusal": error, "typed": request.POST.get("name")}
        return render(request, "analysis/albums/album.html", context, status=http_status(error))
    messages.success(request, _("Your changes were saved."))
    return redirect("analysis:album", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def album_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete an album or tag, not what is in it; a GET asks for confirmation."""
    found = _own(request, pk)
    if request.method != "POST":
        return render(request, "analysis/albums/album_delete.html", {"album": found})
    delete_collection(collection=found)
    if found.is_album:
        text = _("The album “%(name)s” was deleted. What was in it is still in your history.")
    else:
        text = _("The tag “%(name)s” was deleted. What had it is still in your history.")
    messages.success(request, text % {"name": found.name})
    return redirect("analysis:albums")


@login_required
@require_POST
def item_albums(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Put a photo or session into the album or tag of a `name`, new or not, or take it out of `remove`."""
    model, page = ITEMS[kind]
    item = get_object_or_404(model.objects.owned_by(request.user), pk=pk)
    try:
        if "remove" in request.POST:
            found = get_object_or_404(_mine(request), pk=_parse_id(request.POST["remove"]))
            remove_items(collection=found, **{kind: [item.pk]})
        else:
            is_tag = request.POST.get("kind") == Collection.Kind.TAG
            wanted = Collection.Kind.TAG if is_tag else Collection.Kind.ALBUM
            found = find_or_create_collection(owner=request.user, kind=wanted, name=request.POST.get("name", ""))
            add_items(collection=found, **{kind: [item.pk]})
    except AlbumError as error:
        messages.error(request, error.message)
    return redirect(page, pk=item.pk)


def _mine(request: HttpRequest) -> Any:
    return Collection.objects.owned_by(request.user)


def _own(request: HttpRequest, pk: uuid.UUID) -> Collection:
    found: Collection = get_object_or_404(_mine(request).with_counts(), pk=pk)
    return found


def _chosen_cover(request: HttpRequest) -> dict[str, uuid.UUID | None]:
    """Return a form's `cover`, if it has one: a photo's id, "" for the newest photo, or "selected" for the `item`.

    Raises `AlbumError` of code "bad_selection" unless one item is selected.
    """
    if "cover" not in request.POST:
        return {}
    if request.POST["cover"] != "selected":
        return {"cover": _parse_id(request.POST["cover"])}
    selected = request.POST.getlist("item")
    if len(selected) != 1:
        raise AlbumError("bad_selection", _("Select exactly one photo to use as the cover."))
    return {"cover": _parse_id(selected[0])}


def _parse_id(text: str) -> uuid.UUID | None:
    """Return the id written as `text`, None for ""; any other text is nobody's id."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return uuid.UUID(int=0)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    mine = _mine(request).with_counts().with_cover().by_name()
    return {"albums": mine.albums(), "tags": mine.tags(), "name_max": NAME_MAX}


def _album_context(request: HttpRequest, found: Collection) -> dict[str, Any]:
    photos = Photo.objects.owned_by(request.user).in_collection(found.pk)
    by_taken = request.GET.get("dates") == TAKEN
    page = read_page(
        photos.with_result(),
        cursor=Cursor.parse(request.GET.get("page", "")),
        size=PAGE_SIZE,
        newest_first_keyset=Photo.objects.keyset(by_taken=by_taken),
        counted=Collection.photos.through.objects.filter(collection=found),
    )
    sessions = list(found.sessions.newest_first()[:SESSIONS_SHOWN]) if not page.newer else []
    counts = read_session_counts(sessions)
    return {
        "album": found,
        "page": page,
        "sessions": [(session, counts[session.pk]) for session in sessions],
        "sessions_shown": SESSIONS_SHOWN,
        "by_taken": by_taken,
        "keeps_times": keeps_capture_times(owner=request.user),
        "name_max": NAME_MAX,
    }
