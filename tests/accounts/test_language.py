"""Pages, errors and e-mails are in the language that a person chose, else the browser's, else the site's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as site
from django.contrib.messages import get_messages
from django.core import mail
from django.http import HttpResponse
from django.utils import timezone, translation

from accounts import services
from accounts.errors import AccountsError
from accounts.models import User
from accounts.notices.services import Notice, _send
from ferproject.languages import chosen_language, scope_language
from tests.conftest import PASSWORD

PAGE, COOKIE = "/account/language/", site.LANGUAGE_COOKIE_NAME
UNKNOWN = ["tlh", "xx-yy", "de; DROP TABLE", "../../etc", "d" * 5000, "\0", "ko"]


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def _language(response: HttpResponse) -> str:
    language = response.headers["Content-Language"]
    assert f'<html lang="{language}"' in response.content.decode()
    return language


def _browser(language: str) -> dict[str, str]:
    return {"Accept-Language": language}


def test_the_site_has_english(client, db):
    assert _language(client.get("/model/")) == "en"


def test_the_browsers_language_is_next(client, db):
    response = client.get("/model/", headers=_browser("pt-BR,de;q=0.5"))
    assert _language(response) == "pt-br"
    assert "Accept-Language" in response.headers["Vary"]


def test_a_visitors_choice_comes_before_the_browsers(client, db):
    response = client.post("/language/", {"language": "fr", "next": "/model/"})
    assert response.headers["Location"] == "/model/"
    assert _language(client.get("/model/", headers=_browser("de"))) == "fr"


def test_a_persons_choice_comes_before_the_visitors(signed_in, user):
    signed_in.cookies[COOKIE] = "fr"
    services.change_language(user=user, language="ja")
    assert _language(signed_in.get("/account/", headers=_browser("de"))) == "ja"


def test_a_person_chooses_on_a_page_and_the_browser_keeps_it(signed_in, user):
    response = signed_in.post(PAGE, {"language": "de"})
    assert response.headers["Location"] == "/account/"
    assert response.cookies[COOKIE].value == "de"
    assert User.objects.get().language == "de"
    assert _language(signed_in.get("/account/")) == "de"
    assert "Deutsch" in signed_in.get("/account/").content.decode()


def test_a_person_returns_to_the_browsers_language(signed_in, user):
    signed_in.post(PAGE, {"language": "de"})
    signed_in.post(PAGE, {"language": ""})
    assert User.objects.get().language == ""
    assert _language(signed_in.get("/account/", headers=_browser("es"))) == "es"


def test_signing_in_keeps_a_visitors_choice(client, user):
    client.post("/language/", {"language": "fr"})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert User.objects.get().language == "fr"


def test_signing_in_does_not_change_a_persons_choice(client, user):
    services.change_language(user=user, language="ja")
    client.post("/language/", {"language": "fr"})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert User.objects.get().language == "ja"


@pytest.mark.parametrize("language", UNKNOWN)
def test_an_unknown_language_changes_nothing(client, db, language: str):
    client.post("/language/", {"language": language})
    client.cookies[COOKIE] = language.replace("\0", "")
    header = language.replace("\0", "")
    assert _language(client.get("/model/", headers=_browser(header))) == "en"


@pytest.mark.parametrize("language", UNKNOWN)
def test_an_unknown_language_is_refused_in_the_profile(signed_in, user, language: str):
    response = signed_in.post(PAGE, {"language": language})
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    with pytest.raises(AccountsError, match="de, en"):
        services.change_language(user=user, language=language)
    assert User.objects.get().language == ""


def test_a_language_that_the_site_lost_falls_back_to_the_browsers(signed_in, user):
    User.objects.update(language="ko")
    assert _language(signed_in.get("/account/", headers=_browser("de"))) == "de"
    assert chosen_language(User.objects.get()) is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_the_choice_leads_to_no_other_site(client, db, target: str):
    response = client.post("/language/", {"language": "de", "next": target}, headers={"Referer": target})
    assert response.headers["Location"] == "/"


def test_the_api_has_the_language(signed_in, user):
    assert signed_in.get("/api/v1/me/").json()["language"] == ""
    changed = signed_in.patch("/api/v1/me/", {"language": "pt-br"}, content_type="application/json")
    assert changed.json()["language"] == "pt-br"
    refused = signed_in.patch("/api/v1/me/", {"language": "tlh"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_errors_of_the_api_are_in_the_language_asked_for(client, db):
    # A message of Django REST framework, which brings its own translations.
    response = client.get("/api/v1/me/?format=xml", headers={**_browser("de"), "Accept": "text/xml"})
    assert response.headers["Content-Language"] == "de"


def test_a_notice_is_in_its_readers_language_and_the_workers_stays(user, monkeypatch):
    active = []
    monkeypatch.setattr(Notice, "text", property(lambda _notice: active.append(translation.get_language()) or "Done."))
    services.change_language(user=user, language="es")
    _send(user, [Notice("video", "a.mp4", True, timezone.now(), "/videos/")])
    assert set(active) == {"es"}
    assert translation.get_language() == "en"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ([], "en"),
        ([(b"accept-language", b"fr")], "fr"),
        ([(b"accept-language", b"fr"), (b"cookie", f"{COOKIE}=de".encode())], "de"),
        ([(b"accept-language", b"\xff\xfe"), (b"cookie", b"\xff=\xfe;;;")], "en"),
    ],
)
def test_a_websocket_has_the_language_of_its_headers(headers, language: str):
    assert scope_language({"headers": headers, "user": None}) == language


def test_a_websocket_has_its_users_language(db):
    user = User.objects.create_user("ja@example.org", PASSWORD, language="ja")
    assert scope_language({"headers": [(b"accept-language", b"fr")], "user": user}) == "ja"


def test_a_site_language_that_does_not_exist_prevents_the_start():
    environment = {**os.environ, "LANGUAGE_CODE": "tlh"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert "LANGUAGE_CODE: expected one of de, en, es, fr, ja, pt-br; got 'tlh'" in done.stderr


def test_the_message_after_a_change_is_in_the_new_language(signed_in):
    response = signed_in.post(PAGE, {"language": "de"})
    assert len(list(get_messages(response.wsgi_request))) == 1
