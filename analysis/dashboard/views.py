"""The dashboard, the data and images of its charts, and exports of the history."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from analysis.albums.models import Collection, album_in_query
from analysis.dashboard.charts import make_chart
from analysis.dashboard.dashboard import Dashboard, last_days_with_faces, read_dashboard, read_series
from analysis.dashboard.file_responses import send_chart, send_export
from analysis.dashboard.forms import DEFAULT_RANGE, DashboardForm, ExportForm
from analysis.dashboard.labels import days_label
from analysis.dashboard.tables import chart_data, table_rows
from analysis.errors import AnalysisError
from analysis.history.series import MIN_FACES_FOR_SHARES, has_faces
from analysis.history.time_buckets import MAX_BUCKETS
from analysis.http import signed_in, wants_json
from analysis.photos.capture_times import keeps_capture_times
from analysis.recognition.emotions import EMOTIONS
from analysis.versions.readings import readings_of
from ferproject.errors import RETRY_AFTER_SECONDS, http_status


@gzip_page
@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The dashboard of the user's history or, with `?album=`, of one of their albums or tags."""
    form, owner = DashboardForm(request.GET), _owner(request)
    try:
        found = read_dashboard(owner=owner, query=form.get_query(owner))
    except AnalysisError as error:
        if wants_json(request):
            return _error_response(form, error)
        context = {"form": form, "album": _album(owner), "refusal": error, "query": request.GET.urlencode()}
        return render(request, "analysis/dashboard/dashboard.html", context, status=http_status(error))
    return render(request, "analysis/dashboard/dashboard.html", _context(request, form, found, owner))


@gzip_page
@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def series(request: HttpRequest) -> HttpResponse:
    """The data of the dashboard's charts as JSON."""
    form, owner = DashboardForm(request.GET), _owner(request)
    try:
        found, _ = read_series(owner=owner, query=form.get_query(owner), max_buckets=MAX_BUCKETS)
    except AnalysisError as error:
        return _error_response(form, error)
    return JsonResponse(chart_data(found, album=_album_id(owner)))


@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def chart_png(request: HttpRequest) -> HttpResponseBase:
    """A chart as an image, shown in the browser or, with `?download`, as an attachment."""
    form, owner = DashboardForm(request.GET), _owner(request)
    try:
        chart = make_chart(owner=owner, query=form.get_query(owner), kind=request.GET.get("kind", "shares"))
        return send_chart(request, chart, download="download" in request.GET)
    except AnalysisError as error:
        return _error_response(form, error)


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest, format: str) -> HttpResponseBase:
    """The faces of the days and sources asked for, as a file; see docs/export.md."""
    form = ExportForm(request.GET)
    if not form.is_valid():
        message = "; ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items())
        answer = {"code": "bad_filter", "message": message, "errors": form.errors}
        return JsonResponse(answer, status=HTTPStatus.BAD_REQUEST)
    album = album_in_query(request.user, request.GET.get("album"))
    return send_export(request, form.get_filter(request.user, album), format)


def _owner(request: HttpRequest) -> Any:
    """Return whose history is asked for: the album or tag of `?album=`, or the user; raise `Http404` for another's."""
    return album_in_query(request.user, request.GET.get("album")) or request.user


def _album(owner: Any) -> Collection | None:
    return owner if isinstance(owner, Collection) else None


def _days_shown(form: DashboardForm, owner: Any) -> int | None:
    """Return which of the choices of days is shown, None for other days; an album's are all its days by default."""
    if form.has_chosen_days:
        return None
    return form.cleaned_data["days"] or (None if _album(owner) else DEFAULT_RANGE)


def _album_id(owner: Any) -> object:
    return owner.pk if isinstance(owner, Collection) else None


def _context(request: HttpRequest, form: DashboardForm, found: Dashboard, owner: Any) -> dict[str, Any]:
    query = found.query
    context = {
        "form": form,
        "dashboard": found,
        "album": _album(owner),
        "days": days_label(query.days),
        "asked_days": days_label(form.get_query(owner).days),
        "days_shown": _days_shown(form, owner),
        "query": request.GET.urlencode(),
        "keeps_times": keeps_capture_times(owner=request.user),
    }
    if not found.totals.whole.faces.n:
        last = last_days_with_faces(owner=owner, source=query.source, by_taken=query.by_taken, count=DEFAULT_RANGE)
        never = last is None and not has_faces(owner=owner)
        return {**context, "never": never, "last": last}
    return {
        **context,
        "against": days_label(query.against) if query.against else "",
        "mixed_readings": _mixed_readings(found),
        "rows": table_rows(found.series, album=_album_id(owner)),
        "emotions": EMOTIONS,
        "few": MIN_FACES_FOR_SHARES,
    }


def _mixed_readings(found: Dashboard) -> list[tuple[str, str]]:
    """Return each version's name and reading where the faces shown, or those compared with, have more than one."""
    before = found.before.whole.models if found.before else ()
    names = [name for name, _ in (*found.totals.whole.models, *before)]
    readings = readings_of(names)
    return list(readings.items()) if len(set(readings.values())) > 1 else []


def _error_response(form: DashboardForm, error: AnalysisError) -> JsonResponse:
    answer = {"code": error.code, "message": error.message, "errors": form.messages, "retryable": error.retryable}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if error.retryable else {}
    return JsonResponse(answer, status=http_status(error), headers=headers)
