"""Headers of the responses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from accounts.tokens.services import create_token
from tests.support.site import PROJECT

HTTPS = {
    "BEHIND_HTTPS": "1",
    "PROXY_COUNT": "1",
    "SITE_HOSTS": "expressions.example.org",
    "SITE_URL": "https://expressions.example.org",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "CSRF_TRUSTED_ORIGINS": "https://expressions.example.org",
}
"""The variables of docs/https.md."""


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "address", ["/history/", "/account/", "/dashboard/series/", "/history/export.csv", "/nowhere/"]
)
def test_a_signed_in_users_pages_and_data_are_not_stored(signed_in, address):
    assert "no-store" in signed_in.get(address)["Cache-Control"]


def test_an_api_response_with_a_token_is_not_stored(client, user):
    secret = create_token(user=user, name="script", scope="read", expires_in=None).secret
    assert "no-store" in client.get("/api/v1/me/", headers={"authorization": f"Token {secret}"})["Cache-Control"]


def test_what_is_the_same_for_everybody_may_be_stored(client, signed_in):
    assert "max-age" in client.get("/sample.webp")["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/nowhere/", "/api/v1/me/"])
def test_every_response_is_closed_to_other_sites(client, db, address):
    headers = client.get(address).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert {"camera=(self)", "microphone=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))


REFUSED = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n\r\n"


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/nowhere/", "/api/v1/me/", "/static/{file}", "/healthz", "too large"]
)
def test_every_response_is_of_its_type_and_embedded_nowhere(site, path: str):
    style = next((site.folder / "static/css/shared").glob("base.*.css")).relative_to(site.folder / "static")
    if path == "too large":
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
            connection.sendall(REFUSED)
            lines = connection.recv(10_000).split(b"\r\n\r\n")[0].decode().lower().split("\r\n")
        headers = httpx.Headers([line.split(": ", 1) for line in lines[1:]])
    else:
        headers = httpx.get(site.url + path.format(file=style)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"} <= set(policy)
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/.git/config", "/static/", "/static/css/", "/manage.py", "/var/db.sqlite3"])
def test_no_folder_and_no_other_file_is_served(site, path: str):
    assert httpx.get(site.url + path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/account/", "/api/v1/me/", "/nowhere/"])
def test_a_trace_request_is_not_echoed(site, path: str):
    assert "echo-me" not in httpx.request("TRACE", site.url + path, headers={"X-Test": "echo-me"}).text


def test_a_request_of_two_lengths_is_refused(site):
    """Whatever a proxy makes of it, the rest of its body is never a second request."""
    body = b"0\r\n\r\nGET /nowhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1 ") == 1


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, "VAR_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
    )


def test_behind_https_plain_http_is_redirected_and_https_is_remembered(tmp_path):
    program = (
        "import django; django.setup();"
        "from django.test import RequestFactory; from django.http import HttpResponse;"
        "from django.middleware.security import SecurityMiddleware;"
        "serve = SecurityMiddleware(lambda request: HttpResponse('page'));"
        "make = RequestFactory(SERVER_NAME='expressions.example.org').get;"
        "print(serve(make('/history/'))['Location']);"
        "print(serve(make('/', HTTP_X_FORWARDED_PROTO='https'))['Strict-Transport-Security'])"
    )
    done = _run(tmp_path, "-c", program, DJANGO_SETTINGS_MODULE="ferproject.settings", **HTTPS)
    assert done.stdout.split() == ["https://expressions.example.org/history/", "max-age=31536000"], done.stderr


def test_behind_https_cookies_are_of_this_host_only(tmp_path):
    program = (
        "import django; django.setup();"
        "from django.conf import settings; from django.utils.module_loading import import_string;"
        "from accounts.security.known_browsers import COOKIE;"
        "messages = import_string(settings.MESSAGE_STORAGE).storage_classes[0].cookie_name;"
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, messages, COOKIE);"
        "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_DOMAIN)"
    )
    done = _run(tmp_path, "-c", program, DJANGO_SETTINGS_MODULE="ferproject.settings", **HTTPS)
    names, attributes = done.stdout.splitlines()
    assert names.split() == [f"__Host-{name}" for name in ("sessionid", "csrftoken", "messages", "known_browser")]
    assert attributes == "True True None"


def test_the_documented_variables_leave_no_deployment_warning(tmp_path):
    done = _run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **HTTPS)
    assert done.returncode == 0, done.stderr


class TestSecurityTxt:
    def test_it_names_the_contact_and_an_end(self, client, db, settings):
        settings.SECURITY_CONTACT = "mailto:security@example.org"
        response = client.get("/.well-known/security.txt")
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert "Contact: mailto:security@example.org\nExpires: 20" in response.content.decode()

    def test_without_a_contact_there_is_none(self, client, db, settings):
        settings.SECURITY_CONTACT = ""
        assert client.get("/.well-known/security.txt").status_code == 404
