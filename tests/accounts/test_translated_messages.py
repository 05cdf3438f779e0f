"""E-mails and the API's errors in en-xa (tests/support/pseudo_locale.py): no text is left in plain English."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.template.loader import render_to_string
from django.utils import translation

from tests.support import pseudo_locale

TEMPLATES = site.BASE_DIR / "templates"
EMAILS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.txt"))
CONTEXT = {
    "user": SimpleNamespace(email="ada@example.org"),
    "current_site": SimpleNamespace(name="Expressions", domain="example.org"),
    "timestamp": dt.datetime(2026, 11, 28, 15, 32, tzinfo=dt.UTC),
    "address": "https://example.org/",
    "lines": [("1", "https://example.org/")],
}
DATA = re.compile(
    r"\S+@\S+|https?://\S+|\b(Expressions|UTC|API|GET|DELETE|PATCH|HEAD|OPTIONS|JSON|example\.org)\b|/\S+/|`[^`]*`"
)
BODY = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not pseudo_locale.is_available():
        pytest.skip("gettext is not installed")
    folder = tmp_path_factory.mktemp("locale")
    pseudo_locale.write_catalogs(folder)
    return folder


@pytest.fixture(autouse=True)
def pseudo(catalogs: Path, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo_locale.LANGUAGE, pseudo_locale.NAME)]
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, catalogs]
    with translation.override(pseudo_locale.LANGUAGE):
        yield


def _plain(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{3,}", DATA.sub("", text))


@pytest.mark.parametrize("template", EMAILS)
def test_an_email_has_no_plain_english(template: str):
    assert _plain(render_to_string(template, CONTEXT)) == []


@pytest.mark.parametrize(
    ("method", "address", "body", "code"),
    [
        ("get", "/api/v1/photos/?page_size=x", None, "invalid"),
        ("get", "/api/v1/analyses/?page_size=x", None, "invalid"),
        ("get", "/api/v1/analyses/?cursor=x", None, "bad_cursor"),
        ("get", "/api/v1/nothing/", None, "not_found"),
        ("delete", "/api/v1/me/", None, "method_not_allowed"),
        ("patch", "/api/v1/me/", "{", "malformed"),
        ("patch", "/api/v1/me/", '{"email_notices": 3}', "invalid"),
        ("patch", "/api/v1/me/", '{"time_zone": "Mars"}', "invalid"),
        ("patch", "/api/v1/me/", '{"language": "tlh"}', "invalid"),
    ],
)
def test_an_error_of_the_api_has_no_plain_english(client, user, method, address, body, code):
    client.force_login(user)
    kwargs = {"data": body, **BODY} if body else {}
    response = getattr(client, method)(address, headers={"Accept-Language": "en-xa"}, **kwargs)
    found = response.json()
    if code == "not_found":
        assert response.status_code == 404
    names = "|".join(["page_size", "email_notices", "time_zone", "language", "Mars", "Europe", "Berlin", "tlh"])
    assert _plain(re.sub(rf"\b({names})\b", "", found["message"])) == []


def test_who_is_not_signed_in_is_told_so(client, db):
    message = client.get("/api/v1/me/", headers={"Accept-Language": "en-xa"}).json()["message"]
    assert _plain(message) == []
