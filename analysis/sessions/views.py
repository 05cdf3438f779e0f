"""Pages of sessions: the list, and a session's replay, editing, deletion and export."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import content_disposition_header
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from analysis.audit.services import record_own_export
from analysis.errors import SessionError
from analysis.files.export_turns import export_in_turn
from analysis.http import error_json, signed_in, wants_json
from analysis.pagination import Cursor, read_page
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.csv_export import session_csv
from analysis.sessions.emotion_counts import read_session_counts
from analysis.sessions.face_names import FACE_NAME_MAX, name_faces
from analysis.sessions.forms import FaceNameForm, SessionFilter, TimelineForm
from analysis.sessions.models import Session
from analysis.sessions.services import NAME_MAX, NOTES_MAX, edit_session
from analysis.sessions.timeline import read_summary, read_table, read_timeline, session_seconds
from ferproject.errors import http_status

PAGE_SIZE = 24


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """The list of sessions, newest first; live ones by default, of days or hours as in links from charts."""
    form = SessionFilter(request.GET)
    mine = form.apply(Session.objects.owned_by(request.user))
    page = read_page(mine, cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    counts = read_session_counts(page.rows)
    rows = [(session, counts[session.pk]) for session in page.rows]
    return render(request, "analysis/sessions/sessions.html", {"page": page, "rows": rows, "form": form})


@login_required
@require_safe
def session(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return render(request, "analysis/sessions/session.html", _page_context(_own(request, pk)))


@require_POST
@signed_in
def session_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the name or the notes; an invalid value stays in its field."""
    session = _own(request, pk)
    try:
        edit_session(session=session, name=request.POST.get("name"), notes=request.POST.get("notes"))
    except SessionError as error:
        if wants_json(request):
            return error_json(error)
        typed = {field: request.POST[field] for field in ("name", "notes") if field in request.POST}
        context = {**_page_context(session), "typed": typed, "refusal": error}
        return render(request, "analysis/sessions/session.html", context, status=http_status(error))
    if wants_json(request):
        return JsonResponse({"name": session.name, "notes": session.notes})
    messages.success(request, gettext("Saved."))
    return redirect("analysis:session", pk=session.pk)


@login_required
@require_POST
def session_face(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Name one of the session's faces."""
    session, form = _own(request, pk), FaceNameForm(request.POST)
    if form.is_valid():
        try:
            name_faces(session=session, names={form.cleaned_data["face"]: form.cleaned_data["name"]})
        except SessionError as error:
            messages.error(request, error.message)
    else:
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect(f"{reverse('analysis:session', args=[pk])}#faces-title")


@login_required
@require_safe
@cache_control(private=True, no_cache=True)
def session_csv_file(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    session = _own(request, pk)
    name = gettext("%(name)s - expressions") % {"name": session.name} + ".csv"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    if request.method == "GET":
        record_own_export(actor=request.user, subject=f"their own session {session.pk}")
    chunks = export_in_turn(request.user.pk, session_csv(session))
    return StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8", headers=headers)


@gzip_page
@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def session_data(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The timeline as JSON, for the page's charts; see docs/sessions.md."""
    return timeline_response(request, _own(request, pk))


def timeline_response(request: HttpRequest, session: Session) -> JsonResponse:
    """Return the timeline, or the seconds of it that are asked for."""
    form = TimelineForm(request.GET)
    if not form.is_valid():
        message = gettext("start and end: expected whole seconds of the session, start before end.")
        content = {"code": "bad_stretch", "message": message, "errors": form.errors}
        return JsonResponse(content, status=HTTPStatus.BAD_REQUEST)
    return JsonResponse(read_timeline(session, start=form.cleaned_data["start"] or 0, end=form.cleaned_data["end"]))


def _own(request: HttpRequest, pk: uuid.UUID) -> Session:
    return get_object_or_404(Session.objects.owned_by(request.user).select_related("owner", "video"), pk=pk)


def _page_context(session: Session) -> dict[str, Any]:
    summary = read_summary(session, with_names=True)
    seconds = session_seconds(session, summary.end)
    return {
        "session": session,
        "summary": summary,
        "face_names": {face.face: face.name for face in summary.faces if face.name},
        "face_name_max": FACE_NAME_MAX,
        "seconds": seconds,
        "table": read_table(session, seconds) if summary.n else [],
        "emotions": EMOTIONS,
        "zone": timezone.get_current_timezone_name(),
        "name_max": NAME_MAX,
        "notes_max": NOTES_MAX,
    }
