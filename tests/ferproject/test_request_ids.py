"""Ids of requests in the log and in responses, JSON where it is asked for, and tracebacks of bugs only."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from ferproject import logs, urls
from tests.support.site import RunningSite

logger = logging.getLogger(__name__)


def _answer(request: HttpRequest, outcome: str) -> HttpResponse:
    logger.info("Answering")
    if outcome == "denied":
        raise PermissionDenied
    if outcome == "bug":
        raise ZeroDivisionError
    return HttpResponse()


urlpatterns = [path("answer/<str:outcome>/", _answer), *urls.urlpatterns]
handler403 = urls.handler403


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the site's console handler writes."""
    written: list[str] = []
    console = next(handler for handler in logging.getLogger().handlers if logs_ids(handler))
    emit, console.emit = console.emit, lambda record: written.append(console.format(record))
    yield written
    console.emit = emit


def logs_ids(handler: logging.Handler) -> bool:
    return any(isinstance(each, logs.RequestIdFilter) for each in handler.filters)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(("outcome", "has_traceback"), [("fine", False), ("denied", False), ("bug", True)])
def test_only_a_bug_is_logged_with_its_traceback(client: Client, lines: list[str], outcome: str, has_traceback: bool):
    client.raise_request_exception = False
    client.get(f"/answer/{outcome}/")
    assert any("Traceback" in line for line in lines) is has_traceback
    assert any("Forbidden" in line for line in lines) is (outcome == "denied")


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        (0, "0123456789abcdef", False),
        (1, "0123456789abcdef", True),
        (1, "short", False),
        (1, "a forged\nline of the log", False),
        (1, "x" * 65, False),
    ],
)
def test_a_requests_id_is_a_proxys_or_its_own(
    client: Client, settings, caplog: pytest.LogCaptureFixture, proxies: int, sent: str, is_taken: bool
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    caplog.handler.addFilter(logs.RequestIdFilter())
    with caplog.at_level(logging.INFO):
        answered = client.get("/answer/fine/", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (answered == sent) is is_taken
    assert {record.request_id for record in caplog.records if record.name == __name__} == {answered}


@pytest.mark.slow
def test_each_line_of_a_site_is_json_with_the_id_of_its_request(tmp_path: Path):
    site = RunningSite(tmp_path, LOG_FORMAT="json")
    site.start()
    try:
        answered = httpx.get(f"{site.url}/readyz", headers={"Accept": "application/json"}, timeout=10)
        assert answered.status_code == 200
        missing = httpx.get(f"{site.url}/accounts/login/", headers={"Host": "evil.example"}, timeout=10)
        assert missing.status_code == 400
    finally:
        site.stop()
    # Other lines are of native libraries.
    log = (tmp_path / "server.log").read_text().splitlines()
    lines = [json.loads(line) for line in log if line.startswith("{")]
    (refused,) = [line for line in lines if "evil.example" in line["message"]]
    assert refused.keys() >= {"time", "level", "logger", "message", "request_id"}
    assert refused["request_id"] == missing.headers["X-Request-ID"]
    assert "exc_info" not in refused
