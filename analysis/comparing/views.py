"""Pages that compare two photos, two sessions or two versions; with one chosen they offer the other."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from analysis.comparing.comparison import longest, pair_means, photo_means, read_session_side, version_names
from analysis.pagination import Cursor, Page, read_page
from analysis.photos.models import Photo
from analysis.sessions.emotion_counts import read_session_counts
from analysis.sessions.models import Session
from analysis.versions.card import read_details
from analysis.versions.comparison import SPLIT, compare_any
from analysis.versions.models import ModelVersion
from analysis.versions.words import DETAILS
from ferproject.querysets import TimelineQuerySet

PAGE_SIZE = 24


@login_required
@require_safe
def compare_photos(request: HttpRequest) -> HttpResponse:
    """Compare the two photos of the query's `photo`; offer the others for the second where one is named."""
    mine = Photo.objects.owned_by(request.user).with_result()
    photos = _chosen(request, "photo", mine)
    if not photos:
        return _choose_first(request, "analysis:history")
    if len(photos) < 2:
        context = {"chosen": photos[0], "page": _others(request, "photo", mine, photos[0])}
        return render(request, "analysis/comparing/choose_photo.html", context)
    pairs = pair_means(*map(photo_means, photos))
    context = {"photos": photos, "pairs": pairs, "heads": [photo.name for photo in photos]}
    return render(request, "analysis/comparing/photos.html", context)


@login_required
@require_safe
def compare_sessions(request: HttpRequest) -> HttpResponse:
    """Compare the two sessions of the query's `session`; offer the others for the second where one is named."""
    mine = Session.objects.owned_by(request.user)
    sessions = _chosen(request, "session", mine)
    if not sessions:
        return _choose_first(request, "analysis:sessions")
    if len(sessions) < 2:
        page = _others(request, "session", mine, sessions[0])
        counts = read_session_counts(page.rows)
        rows = [(session, counts[session.pk]) for session in page.rows]
        context: dict[str, Any] = {"chosen": sessions[0], "page": page, "rows": rows}
        return render(request, "analysis/comparing/choose_session.html", context)
    sides = [read_session_side(session) for session in sessions]
    pairs = pair_means(*(side.means for side in sides))
    context = {"sides": sides, "pairs": pairs, "seconds": longest(sides), "heads": [row.name for row in sessions]}
    return render(request, "analysis/comparing/sessions.html", context)


@login_required
@require_safe
def compare_versions(request: HttpRequest) -> HttpResponse:
    """Compare two model versions by their cards; without two names, the active one with the one before."""
    versions = ModelVersion.objects.all()
    names = version_names(versions)
    wanted = [request.GET.get("first") or next(iter(names), ""), request.GET.get("second") or "".join(names[1:2])]
    found = {version.name: version for version in versions.filter(name__in=wanted)}
    if any(name and name not in found for name in wanted):
        raise Http404("There is no such version.")
    chosen = [found[name] for name in wanted if name]
    context = {
        "names": names,
        "wanted": wanted,
        "versions": chosen,
        "split": SPLIT,
        "comparison": compare_any(*chosen) if len(chosen) == 2 else None,
        "details": _details(chosen),
    }
    return render(request, "analysis/comparing/versions.html", context)


def _chosen(request: HttpRequest, name: str, rows: TimelineQuerySet) -> list[Any]:
    """Return the rows whose ids the query has, in its order, two at most; 404 where it has others."""
    texts = list(dict.fromkeys(request.GET.getlist(name)))
    if len(texts) > 2:
        raise Http404("Two can be compared.")
    try:
        ids = [uuid.UUID(text) for text in texts]
    except ValueError:
        raise Http404("This is not an id.") from None
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    if len(found) < len(ids):
        raise Http404("There is none with this id.")
    return [found[pk] for pk in ids]


def _choose_first(request: HttpRequest, page: str) -> HttpResponse:
    messages.info(request, gettext("Open a photo or session, then choose “Compare”."))
    return redirect(page)


def _others(request: HttpRequest, name: str, rows: TimelineQuerySet, chosen: Any) -> Page:
    """Return a page of the other rows, each with its `compare_url`."""
    cursor = Cursor.parse(request.GET.get("page", ""))
    page = read_page(rows.exclude(pk=chosen.pk), cursor=cursor, size=PAGE_SIZE)
    for row in page.rows:
        row.compare_url = f"{request.path}?{name}={chosen.pk}&{name}={row.pk}"
    return page


def _details(versions: list[ModelVersion]) -> list[tuple[str, list[Any]]]:
    """Return what the cards say about the versions and their training: (name, a value of each)."""
    cards = [read_details(version.card) for version in versions]
    names = list(dict.fromkeys(name for card in cards for name in card))
    rows = [(name, [card.get(name) for card in cards]) for name in names]
    return [(str(DETAILS[name]), values) for name, values in rows if any(values)]
