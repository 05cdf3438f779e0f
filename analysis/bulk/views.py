"""Bulk actions of the lists' forms, deletion of single items, and the progress of jobs."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.albums.models import Collection
from analysis.albums.services import NAME_MAX, find_or_create_collection
from analysis.bulk.archive import send_archive
from analysis.bulk.models import BulkJob
from analysis.bulk.selection import MODELS, Selection, parse_id, read_selection
from analysis.bulk.services import cancel_job, dismiss_job, start_job
from analysis.bulk.words import counted, describe
from analysis.errors import AlbumError, AnalysisError, BulkError
from analysis.http import signed_in
from analysis.sessions.timeline import read_summary

SHOWN = 12
"""Items that a page which asks for something shows."""
LISTS = {"photos": "analysis:history", "sessions": "analysis:sessions", "videos": "analysis:videos"}
COMPARED = {"photos": ("analysis:compare-photos", "photo"), "sessions": ("analysis:compare-sessions", "session")}
"""The page that compares two of a kind, and the name of their ids in its query."""
Action, Kind = BulkJob.Action, BulkJob.Kind


@login_required
@require_POST
def act(request: HttpRequest, kind: str) -> HttpResponse:
    """Do what a list's form asks for; "add" and "tag" first ask which album or tag is meant."""
    back = _back(request, kind)
    try:
        selection = read_selection(request, kind)
        action, collection = request.POST.get("action", ""), None
        if action == "compare":
            return redirect(_comparison_url(selection))
        if action in ("add", "tag"):
            collection = _target(request, Collection.Kind.TAG if action == "tag" else Collection.Kind.ALBUM)
            if collection is None:
                return _choose(request, selection, action)
        elif action == Action.REMOVE:
            collection = _own_collection(request, request.POST.get("album", ""))
        action = Action.ADD if action == "tag" else action
        job = start_job(owner=request.user, action=action, kind=kind, rows=selection.rows, collection=collection)
    except AnalysisError as error:
        messages.error(request, error.message)
        return redirect(back)
    if job.action == Action.ZIP:
        return redirect("analysis:bulk-download", pk=job.pk)
    return _started(request, job, back)


@login_required
@require_POST
def delete_many(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the confirmation for what is selected, then, with `confirmed`, delete it."""
    back = _back(request, kind)
    try:
        selection = read_selection(request, kind)
        if "confirmed" not in request.POST and selection.count():
            return render(request, "analysis/bulk/delete.html", _asking(request, selection))
        job = start_job(owner=request.user, action=Action.DELETE, kind=kind, rows=selection.rows)
    except AnalysisError as error:
        messages.error(request, error.message)
        return redirect(back)
    return _started(request, job, back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_one(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Delete one photo, session or video; a GET shows the confirmation, for browsers without script."""
    rows = MODELS[kind].objects.owned_by(request.user)
    row = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return render(request, *_confirmation(kind, row))
    back = "videos" if kind == Kind.SESSIONS and row.source == row.Source.VIDEO else kind
    job = start_job(owner=request.user, action=Action.DELETE, kind=kind, rows=rows.filter(pk=pk))
    return _started(request, job, reverse(LISTS[back]))


@never_cache
@require_safe
@signed_in
def jobs(request: HttpRequest) -> HttpResponse:
    """Render the progress of the user's jobs, a part of the lists' pages."""
    return render(request, "analysis/bulk/jobs.html")


@login_required
@require_POST
def job_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Undo a deletion, or end another job."""
    job = _own_job(request, pk)
    try:
        cancel_job(job=job)
    except AnalysisError as error:
        messages.error(request, error.message)
    else:
        if job.action == Action.DELETE:
            messages.success(request, _("Restored: %(items)s") % {"items": counted(job.total, job.kind)})
    return redirect(_back(request, job.kind))


@login_required
@require_POST
def job_dismiss(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    job = _own_job(request, pk)
    dismiss_job(job=job)
    return redirect(_back(request, job.kind))


@never_cache
@login_required
@require_safe
def job_download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The zip file of a job for one."""
    return send_archive(get_object_or_404(BulkJob.objects.owned_by(request.user), pk=pk, action=Action.ZIP))


def _started(request: HttpRequest, job: BulkJob, back: str) -> HttpResponse:
    """Say what was done; the list shows the progress of a job that goes on."""
    if not job.is_open:
        level = messages.ERROR if job.status == BulkJob.Status.FAILED else messages.SUCCESS
        messages.add_message(request, level, " ".join(filter(None, [describe(job), job.message])))
        dismiss_job(job=job)
    return redirect(back)


def _own_job(request: HttpRequest, pk: uuid.UUID) -> BulkJob:
    job: BulkJob = get_object_or_404(BulkJob.objects.owned_by(request.user), pk=pk)
    return job


def _own_collection(request: HttpRequest, text: str) -> Collection:
    found: Collection = get_object_or_404(Collection.objects.owned_by(request.user), pk=parse_id(text))
    return found


def _target(request: HttpRequest, kind: str) -> Collection | None:
    """Return the album or tag that is meant, made where its name is new; None where the form does not say yet."""
    if name := request.POST.get("name", "").strip():
        return find_or_create_collection(owner=request.user, kind=kind, name=name)
    if text := request.POST.get("album", ""):
        return _own_collection(request, text)
    if "chosen" in request.POST:
        is_tag = kind == Collection.Kind.TAG
        text = _("Choose a tag or name a new one.") if is_tag else _("Choose an album or name a new one.")
        raise AlbumError("no_name", text)
    return None


def _choose(request: HttpRequest, selection: Selection, action: str) -> HttpResponse:
    mine = Collection.objects.owned_by(request.user).by_name()
    is_tag = action == "tag"
    context = {
        **_asking(request, selection),
        "action": action,
        "noun": "tag" if is_tag else "album",
        "collections": (mine.tags() if is_tag else mine.albums()).with_counts(),
        "name_max": NAME_MAX,
    }
    return render(request, "analysis/bulk/choose.html", context)


def _comparison_url(selection: Selection) -> str:
    """Return the page that compares the two selected, the older first; raise `BulkError` for any other number."""
    if selection.kind not in COMPARED:
        raise Http404
    page, name = COMPARED[selection.kind]
    ids = list(selection.rows.values_list("pk", flat=True)[:3])
    if len(ids) != 2:
        raise BulkError("bad_selection", _("Select exactly two items to compare."))
    return f"{reverse(page)}?{urlencode({name: ids[::-1]}, doseq=True)}"


def _asking(request: HttpRequest, selection: Selection) -> dict[str, Any]:
    rows = selection.rows.with_result() if selection.kind == Kind.PHOTOS else selection.rows
    count = selection.count()
    return {
        "selection": selection,
        "items": counted(count, selection.kind),
        "count": count,
        "rows": rows[:SHOWN],
        "more": max(0, count - SHOWN),
        "back": _back(request, selection.kind),
    }


def _confirmation(kind: str, row: Any) -> tuple[str, dict[str, Any]]:
    if kind == Kind.PHOTOS:
        return "analysis/photos/delete.html", {"photo": row}
    if kind == Kind.VIDEOS:
        return "analysis/videos/video_delete.html", {"video": row}
    return "analysis/sessions/session_delete.html", {"session": row, "summary": read_summary(row)}


def _back(request: HttpRequest, kind: str) -> str:
    """Return the address in `next` if it is of this site, else that of the list."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    if kind not in LISTS:
        raise Http404
    return reverse(LISTS[kind])
