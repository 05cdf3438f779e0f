"""Pages on which users make, list and revoke their links."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.albums.models import Collection
from analysis.errors import LinkError
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.sharing.forms import ShareForm
from analysis.sharing.models import SharedLink
from analysis.sharing.services import Item, create_link, has_picture, revoke_link
from ferproject.errors import http_status
from ferproject.links import with_site_url

MODELS: dict[str, type[Photo] | type[Session] | type[Collection]] = {
    "photo": Photo,
    "session": Session,
    "album": Collection,
}
_FIELD_OF_ERROR = {"title_too_long": "title", "weak_password": "password", "no_picture": "shows"}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """Make a link to one thing, and show its address, which cannot be shown again."""
    item = _own(request, kind, pk)
    form = ShareForm(request.POST or None, kind=kind, has_picture=has_picture(item))
    if not form.is_valid():
        return _render_form(request, kind, item, form)
    try:
        new = create_link(owner=request.user, item=item, **form.values)
    except LinkError as error:
        field = _FIELD_OF_ERROR.get(error.code)
        form.add_error(field if field in form.fields else None, error.message)
        return _render_form(request, kind, item, form, status=http_status(error))
    context = {"link": new.link, "address": shared_address(request, new.secret), "back": back_to(kind, pk)}
    return render(request, "analysis/sharing/created.html", context)


@never_cache
@login_required
@require_safe
def link_list(request: HttpRequest) -> HttpResponse:
    links = SharedLink.objects.owned_by(request.user).newest_first().select_related("photo", "session", "album")
    return render(request, "analysis/sharing/links.html", {"links": links})


@login_required
@require_POST
def link_revoke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    link = get_object_or_404(SharedLink.objects.owned_by(request.user), pk=pk)
    revoke_link(link=link, by=request.user)
    messages.success(request, gettext("The link was revoked."))
    page = request.POST.get("next", "")
    return redirect(page if url_has_allowed_host_and_scheme(page, None) else reverse("analysis:links"))


def shared_address(request: HttpRequest, secret: str) -> str:
    """Return the whole address of a link."""
    return with_site_url(request.build_absolute_uri(reverse("analysis:shared", args=[secret])))


def back_to(kind: str, pk: uuid.UUID) -> str:
    """Return the address of a photo's, session's or album's own page."""
    return reverse(
        {"photo": "analysis:detail", "session": "analysis:session", "album": "analysis:album"}[kind], args=[pk]
    )


def _own(request: HttpRequest, kind: str, pk: uuid.UUID) -> Item:
    rows = MODELS[kind].objects.owned_by(request.user)
    item: Item = get_object_or_404(rows, pk=pk)
    if isinstance(item, Collection) and not item.is_album:
        raise Http404
    return item


def _render_form(request: HttpRequest, kind: str, item: Any, form: ShareForm, status: int = 200) -> HttpResponse:
    links = SharedLink.objects.owned_by(request.user).about(item).newest_first()
    context = {"kind": kind, "item": item, "form": form, "links": links, "back": back_to(kind, item.pk)}
    return render(request, "analysis/sharing/share.html", context, status=status)
