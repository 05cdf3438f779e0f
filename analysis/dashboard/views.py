"""The history as pictures: the dashboard, the numbers its charts are drawn from, and the charts as files."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from analysis.dashboard.charts import chart_picture
from analysis.dashboard.dashboard import Dashboard, last_days_with_faces, read_dashboard, read_series
from analysis.dashboard.file_responses import send_picture
from analysis.dashboard.forms import DEFAULT_RANGE, QuestionForm
from analysis.dashboard.labels import days_label
from analysis.dashboard.tables import chart_data, table_rows
from analysis.errors import AnalysisError
from analysis.history.series import MIN_FACES_FOR_SHARES
from analysis.history.time_buckets import MAX_BUCKETS
from analysis.http import signed_in, wants_json
from analysis.recognition.emotions import EMOTIONS
from ferproject.errors import RETRY_AFTER_SECONDS, http_status

"""By whether the same question may be answered later."""


@gzip_page
@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    form = QuestionForm(request.GET)
    try:
        found = read_dashboard(owner=request.user, question=form.question())
    except AnalysisError as error:
        if wants_json(request):
            return _refused(form, error)
        context = {"form": form, "refusal": error, "query": request.GET.urlencode()}
        return render(request, "analysis/dashboard/dashboard.html", context, status=http_status(error))
    return render(request, "analysis/dashboard/dashboard.html", _context(request, form, found))


@gzip_page
@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def series(request: HttpRequest) -> HttpResponse:
    """What the dashboard's charts are drawn from."""
    form = QuestionForm(request.GET)
    try:
        found = read_series(owner=request.user, question=form.question(), most=MAX_BUCKETS)
    except AnalysisError as error:
        return _refused(form, error)
    return JsonResponse(chart_data(found))


@require_safe
@signed_in
@cache_control(private=True, no_cache=True)
def chart_png(request: HttpRequest) -> HttpResponseBase:
    """One chart as a picture, to look at or, with `?download`, to save."""
    form = QuestionForm(request.GET)
    try:
        picture = chart_picture(owner=request.user, question=form.question(), kind=request.GET.get("kind", "shares"))
        return send_picture(request, picture, download="download" in request.GET)
    except AnalysisError as error:
        return _refused(form, error)


def _context(request: HttpRequest, form: QuestionForm, found: Dashboard) -> dict[str, Any]:
    question = found.question
    context = {
        "form": form,
        "found": found,
        "days": days_label(question.days),
        "days_shown": None if form.has_chosen_days else question.days.count,
        "source_shown": question.source or "",
        "query": request.GET.urlencode(),
    }
    if not found.totals.whole.faces.n:
        last = last_days_with_faces(owner=request.user, source=None, count=DEFAULT_RANGE)
        return {**context, "never": last is None, "last": last}
    return {
        **context,
        "against": days_label(question.against) if question.against else "",
        "rows": table_rows(found.series),
        "emotions": EMOTIONS,
        "few": MIN_FACES_FOR_SHARES,
    }


def _refused(form: QuestionForm, error: AnalysisError) -> JsonResponse:
    answer = {"code": error.code, "message": error.message, "errors": form.messages, "retryable": error.retryable}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if error.retryable else {}
    return JsonResponse(answer, status=http_status(error), headers=headers)
