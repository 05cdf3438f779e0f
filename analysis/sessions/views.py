"""Pages about sessions: their list, one's replay, and what can be done with it."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import content_disposition_header
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.errors import SessionError
from analysis.http import signed_in, wants_json
from analysis.pagination import Cursor, read_page
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions import services as session_edits
from analysis.sessions.csv_export import session_csv
from analysis.sessions.emotion_counts import read_session_counts
from analysis.sessions.forms import SessionFilter, StretchForm
from analysis.sessions.models import Session
from analysis.sessions.timeline import length, read_summary, read_table, read_timeline

PAGE_SIZE = 24


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Recorded live sessions, newest first; of days or hours that a chart leads from, also those of videos."""
    form = SessionFilter(request.GET)
    mine = form.apply(Session.objects.owned_by(request.user))
    page = read_page(mine, cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    tallies = read_session_counts(page.rows)
    rows = [(session, tallies[session.pk]) for session in page.rows]
    return render(request, "analysis/sessions/sessions.html", {"page": page, "rows": rows, "form": form})


@login_required
@require_safe
def session(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return render(request, "analysis/sessions/session.html", _page_context(_own(request, pk)))


@require_POST
@signed_in
def session_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take another name, or other notes; what was refused stays in its field."""
    session = _own(request, pk)
    try:
        session_edits.edit_session(session=session, name=request.POST.get("name"), notes=request.POST.get("notes"))
    except SessionError as error:
        return _refused(request, session, error)
    if wants_json(request):
        return JsonResponse({"name": session.name, "notes": session.notes})
    messages.success(request, "Saved.")
    return redirect("analysis:session", pk=session.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask, on a page of its own where there is no script; then delete."""
    session = _own(request, pk)
    if request.method != "POST":
        return render(request, "analysis/sessions/session_delete.html", _what_goes(session))
    session_edits.delete_session(session=session)
    messages.success(request, f"“{session.name}” is deleted.")
    return redirect("analysis:sessions" if session.source == Session.Source.LIVE else "analysis:videos")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def session_csv_file(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    session = _own(request, pk)
    name = f"{session.name} - expressions.csv"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    if request.method == "GET":
        record_audit(actor=request.user, action=AuditEntry.EXPORTED, subject=f"their own session {session.pk}")
    return StreamingHttpResponse(session_csv(session), content_type="text/csv; charset=utf-8", headers=headers)


@gzip_page
@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def session_data(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the page's chart and bars are drawn from; see docs/sessions.md."""
    session = _own(request, pk)
    stretch = StretchForm(request.GET)
    if not stretch.is_valid():
        message = "The seconds asked for cannot be read; start and end are whole seconds of the session."
        answer = {"code": "bad_stretch", "message": message, "errors": stretch.errors}
        return JsonResponse(answer, status=HTTPStatus.BAD_REQUEST)
    start, end = stretch.cleaned_data["start"] or 0, stretch.cleaned_data["end"]
    return JsonResponse(read_timeline(session, start=start, end=end))


def _own(request: HttpRequest, pk: uuid.UUID) -> Session:
    return get_object_or_404(Session.objects.owned_by(request.user).select_related("owner", "video"), pk=pk)


def _page_context(session: Session) -> dict[str, Any]:
    summary = read_summary(session)
    seconds = length(session, summary.end)
    return {
        "session": session,
        "summary": summary,
        "seconds": seconds,
        "table": read_table(session, seconds) if summary.n else [],
        "emotions": EMOTIONS,
        "zone": timezone.get_current_timezone_name(),
        "name_max": session_edits.NAME_MAX,
        "notes_max": session_edits.NOTES_MAX,
    }


def _what_goes(session: Session) -> dict[str, Any]:
    return {"session": session, "summary": read_summary(session)}


def _refused(request: HttpRequest, session: Session, error: SessionError) -> HttpResponse:
    if wants_json(request):
        answer = {"code": error.code, "message": error.message, "errors": {}}
        return JsonResponse(answer, status=HTTPStatus.BAD_REQUEST)
    typed = {field: request.POST[field] for field in ("name", "notes") if field in request.POST}
    context = {**_page_context(session), "typed": typed, "refusal": error}
    return render(request, "analysis/sessions/session.html", context, status=HTTPStatus.BAD_REQUEST)
