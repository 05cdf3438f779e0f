"""A site of its own for the live page, and browsers whose camera plays a film."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PROGRAMS, watched_page
from tests.browser.live.fake_camera import playing, write_film
from tests.browser.live.live_page import ALLOWED, EMAIL, PATIENCE, agree, camera_browser, sign_in
from tests.support.site import RunningSite


@pytest.fixture(autouse=True, scope="package")
def _patience() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="package")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site of these tests' own, as it is stopped and started again; also reached by a name, without HTTPS."""
    running = RunningSite(tmp_path_factory.mktemp("live"), SITE_HOSTS="127.0.0.1,expressions.test")
    running.start()
    for email in (EMAIL, "new@example.org"):
        running.create_user(email, superuser=email == EMAIL)
    yield running
    running.stop()


@pytest.fixture(scope="package")
def program() -> str:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)))


@pytest.fixture
def launch(chromium: Browser, program: str) -> Iterator[Callable[..., Browser]]:
    """Start a browser with flags about its camera, until the end of the test."""
    started: list[Browser] = []

    def launch(*flags: str) -> Browser:
        started.append(camera_browser(chromium, program, *flags))
        return started[-1]

    yield launch
    for browser in started:
        browser.close()


@pytest.fixture(scope="package")
def browser(
    chromium: Browser, program: str, tmp_path_factory: pytest.TempPathFactory, hopper_path: Path
) -> Iterator[Browser]:
    """Its camera is allowed and plays the film."""
    film = write_film(tmp_path_factory.mktemp("film") / "face.y4m", hopper_path)
    browser = camera_browser(chromium, program, *ALLOWED, *playing(film))
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def state(browser: Browser, live_site: RunningSite) -> dict:
    """Cookies of somebody who agreed to the camera."""
    context = browser.new_context(base_url=live_site.url)
    agree(sign_in(context, EMAIL))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(live_site: RunningSite, state: dict) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser; it fails the test when the page itself does."""
    contexts, failures = [], []

    def opened(browser: Browser, **options: object) -> Page:
        context = browser.new_context(base_url=live_site.url, storage_state=state, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda m: failures.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture(scope="module")
def signed_in_context(browser: Browser, live_site: RunningSite, state: dict) -> Iterator[BrowserContext]:
    """A file's tests share what a browser caches."""
    context = browser.new_context(base_url=live_site.url, storage_state=state)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(signed_in_context: BrowserContext) -> Iterator[Page]:
    """A page whose camera plays the film; it fails the test when the page itself does."""
    with watched_page(signed_in_context) as page:
        yield page
