"""Keys and ends of sessions."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

DAYS = 14


@pytest.fixture
def browser(client, user, password) -> Client:
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def _age(browser: Client, **since: float) -> None:
    """Let the session be that old."""
    session = browser.session
    session["began"] -= dt.timedelta(**since).total_seconds()
    session.save()


def _end(browser: Client) -> dt.datetime:
    return Session.objects.get(pk=browser.session.session_key).expire_date


def test_use_does_not_prolong_it(browser):
    _age(browser, days=DAYS - 1)
    session = browser.session
    session["seen"] = "something"
    session.save()

    assert _end(browser) < timezone.now() + dt.timedelta(days=1, minutes=1)


def test_after_two_weeks_it_is_over(browser):
    assert browser.get("/account/").status_code == 200
    _age(browser, days=DAYS)

    assert browser.get("/account/").status_code == 302


def test_signing_in_and_confirming_the_password_begin_it_anew(browser, confirm_password):
    _age(browser, days=DAYS - 1)

    confirm_password(browser)

    assert _end(browser) > timezone.now() + dt.timedelta(days=DAYS, minutes=-1)


def test_confirming_the_password_renews_its_key(browser, confirm_password):
    old = browser.session.session_key

    confirm_password(browser)

    assert browser.session.session_key != old
    assert not Session.objects.filter(pk=old).exists()
    assert browser.get("/account/").status_code == 200
    assert UserSession.objects.get().session_key == browser.session.session_key


def test_an_administrator_ends_it(browser, administrator):
    staff = Client()
    staff.force_login(administrator)
    page = f"/admin/usersessions/usersession/{UserSession.objects.get().pk}"
    assert browser.session.session_key not in staff.get(f"{page}/change/").content.decode()

    staff.post(f"{page}/delete/", {"post": "yes"})

    assert browser.get("/account/").status_code == 302
