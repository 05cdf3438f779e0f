"""Pages about photos; each parses, calls one service or queryset, and renders."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis import engine
from analysis.consents import services as consents
from analysis.consents.requests import people_agreed_at
from analysis.errors import PhotoError
from analysis.http import signed_in
from analysis.pagination import Cursor, read_page
from analysis.photos import sample as samples
from analysis.photos import services
from analysis.photos.forms import HistoryFilter
from analysis.photos.models import Photo
from analysis.photos.overlay import overlay_data
from analysis.photos.reanalysis_views import reanalysis_context
from analysis.photos.responses import accepted, refused, upload_context
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.versions.card import read_card

PAGE_SIZE = 24


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for visitors; whoever is signed in goes on to their photos."""
    if request.user.is_authenticated:
        return redirect("analysis:upload")
    return render(request, "analysis/photos/landing.html", {"emotions": EMOTIONS, **_sample_context()})


@login_required
@require_safe
def upload(request: HttpRequest) -> HttpResponse:
    return render(request, "analysis/photos/upload.html", upload_context(request))


@require_POST
@signed_in
def photo_create(request: HttpRequest) -> HttpResponse:
    """Take one file; JSON when asked for, so that the upload page can show each file's fate by itself."""
    try:
        photo = request.FILES.get("photo")
        if photo is None:
            raise PhotoError("no_file", "Choose a photo first.")
        agreed_at = people_agreed_at(request, PhotoError)
        added = services.create_photo(
            owner=request.user, name=photo.name or "", data=photo.read(), people_agreed_at=agreed_at
        )
        return accepted(request, added)
    except (RecognitionError, PhotoError) as error:
        return refused(request, error)


@require_POST
@signed_in
def sample_create(request: HttpRequest) -> HttpResponse:
    try:
        return accepted(
            request,
            services.create_photo(
                owner=request.user, name=samples.NAME, data=samples.read_sample(), source=Photo.Source.SAMPLE
            ),
        )
    except (RecognitionError, PhotoError) as error:
        return refused(request, error)


@login_required
@require_safe
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    photos = Photo.objects.owned_by(request.user)
    photo = get_object_or_404(photos.with_result(), pk=pk)
    context = {
        "photo": photo,
        "overlay": overlay_data(width=photo.width, height=photo.height, faces=photo.result.recognized_faces),
        "newer": photos.newer_than(photo).oldest_first().first(),
        "older": photos.older_than(photo).newest_first().first(),
        "earlier": photo.analyses.earlier(),
        "consent": consents.standing_consent(user=request.user),
        "notice_version": consents.training_notice(),
        "emotions": EMOTIONS,
    }
    return render(request, "analysis/photos/detail.html", context)


@login_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    form = HistoryFilter(request.GET, versions=Photo.objects.versions_used(request.user))
    photos = form.apply(Photo.objects.owned_by(request.user).with_result())
    cursor = Cursor.parse(request.GET.get("page", ""))
    page = read_page(photos, cursor=cursor, size=PAGE_SIZE, oldest_first=form.is_oldest_first)
    context = {"form": form, "page": page, **reanalysis_context(request)}
    return render(request, "analysis/photos/history.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, on a page of its own where there is no script; then delete."""
    photo = get_object_or_404(Photo.objects.owned_by(request.user).with_result(), pk=pk)
    if request.method != "POST":
        return render(request, "analysis/photos/delete.html", {"photos": [photo], "back": photo})
    photo.delete()
    messages.success(request, f"“{photo.name}” and its result are deleted.")
    return redirect("analysis:history")


@login_required
@require_POST
def photos_delete(request: HttpRequest) -> HttpResponse:
    """Ask about the chosen photos, then, once confirmed, delete them."""
    photos = Photo.objects.owned_by(request.user).filter(pk__in=_ids(request)).newest_first().with_result()
    if not photos:
        messages.info(request, "No photo was chosen.")
        return redirect("analysis:history")
    if "confirmed" not in request.POST:
        return render(request, "analysis/photos/delete.html", {"photos": photos})
    count = services.delete_photos(owner=request.user, ids=[photo.pk for photo in photos])
    deleted = "One photo and its result are" if count == 1 else f"{count} photos and their results are"
    messages.success(request, f"{deleted} deleted.")
    return redirect("analysis:history")


@require_safe
def about_model(request: HttpRequest) -> HttpResponse:
    """The serving version's card, for visitors too; when its files are not in order, which and what to do."""
    try:
        card = read_card(engine.active_model())
    except RecognitionError as error:
        return render(request, "analysis/versions/model_unavailable.html", {"error": error}, status=503)
    return render(request, "analysis/versions/about_model.html", {"card": card})


def _sample_context() -> dict[str, Any]:
    """Return the sample photo's result; without a model the landing page shows the photo alone."""
    try:
        sample = samples.sample_result()
    except RecognitionError:
        return {}
    overlay = overlay_data(width=sample.width, height=sample.height, faces=sample.faces)
    return {"sample": sample, "overlay": overlay}


def _ids(request: HttpRequest) -> list[uuid.UUID]:
    """Return the chosen photos' ids; what is no id belongs to no photo."""
    ids = []
    for text in request.POST.getlist("photo"):
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            continue
    return ids
