"""A real Chromium against the real server; skipped, with the reason, where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.browser.signing_in import sign_in
from tests.support.site import RunningSite

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def chromium():
    """The running browser."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("neither Chromium nor Chrome is installed; set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        # Playwright's routes see nothing that goes through one; whoever tests it passes "allow".
        browser.new_context = partial(browser.new_context, service_workers="block")  # type: ignore[method-assign]
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in_state(chromium, site: RunningSite) -> dict:
    """Cookies of the administrator, who signed in through the form."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, site.admin_email, site.password)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def signed_in_context(chromium, site: RunningSite, signed_in_state: dict) -> Iterator:
    """A file's tests share what a browser caches; with a context of its own, each page takes a second longer."""
    context = chromium.new_context(base_url=site.url, storage_state=signed_in_state)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@contextmanager
def watched_page(context) -> Iterator:
    """Open a page that fails the test when the page itself fails."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda message: failures.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    page.close()
    assert failures == []


@pytest.fixture
def page(signed_in_context) -> Iterator:
    """A signed-in page that fails the test when the page itself fails."""
    with watched_page(signed_in_context) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(signed_in_context) -> Iterator:
    """A signed-in page for a file's tests that only look."""
    with watched_page(signed_in_context) as page:
        yield page


@pytest.fixture
def browser_of(chromium, site: RunningSite) -> Iterator:
    """Open a page in which a new person has just signed in."""
    contexts = []

    def open_page(email: str, *, agreed: bool = True):
        site.create_user(email)
        if not agreed:
            site.shell(
                f"from analysis.models import Consent; Consent.objects.filter(user__email={email!r}).delete()",
            )
        context = chromium.new_context(base_url=site.url)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, email, site.password)
        return page

    yield open_page
    for context in contexts:
        context.close()
