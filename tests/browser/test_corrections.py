"""Saying that a face was recognized wrongly, and analysing a history again, in a real browser with a real worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.site import PROJECT, RunningSite

EMAIL = "cora@example.org"
EARLIER = f"""
from analysis.photos import services
from analysis.models import Photo
from analysis.recognition.result import Milliseconds, Recognition
for photo in Photo.objects.filter(owner__email={EMAIL!r}):
    faces = tuple(photo.result.recognized_faces)
    earlier = Recognition(photo.width, photo.height, "blazeface", "earlier-1", faces, Milliseconds(1, 1, 1))
    services.record_analysis(photo=photo, recognition=earlier)
"""


@pytest.fixture(scope="module")
def somebody(chromium, site: RunningSite) -> tuple[dict, str]:
    """A person of their own, whose history holds the sample photo: their cookies, and its result's address."""
    site.create_user(EMAIL)
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/accounts/login/?next=/photos/new/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(site.password)
    page.locator("main form button[type=submit]").click()
    page.locator("form[action$='/photos/sample/'] button").click()
    expect(page.locator(".face-card")).to_have_count(1)
    state = context.storage_state()
    context.close()
    return state, page.url


@pytest.fixture
def result(chromium, site: RunningSite, somebody: tuple[dict, str]) -> Iterator[Page]:
    """The sample photo's result."""
    state, address = somebody
    context = chromium.new_context(base_url=site.url, storage_state=state)
    context.set_default_timeout(15_000)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert failures == []


@pytest.fixture
def worker(site: RunningSite) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "--app", "ferproject", "worker", "--queues", "default", "--pool", "solo"]
    with (site.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=log, stderr=log)
        yield
        process.terminate()
        process.wait(30)


def test_a_face_is_corrected_by_keyboard_alone(result: Page):
    result.locator(".correction-ask summary").focus()
    result.keyboard.press("Enter")
    result.keyboard.press("Tab")
    result.keyboard.press("ArrowRight")
    chosen = result.locator(".correction-choices input:checked").get_attribute("value")
    result.keyboard.press("Enter")
    expect(result.locator(".correction-made")).to_contain_text(f"You chose {chosen}")
    expect(result.locator(".correction-made")).to_contain_text("Saved with this result only")
    result.get_by_role("button", name="Undo").click()
    expect(result.locator(".correction-made")).to_have_count(0)


def test_a_history_is_analysed_again_before_ones_eyes(result: Page, site: RunningSite, worker: None):
    site.shell(EARLIER)
    result.goto("/history/")
    result.get_by_role("button", name="Analyse again").click()
    # No reload: the script fetches how far it is.
    expect(result.locator("[data-reanalysis]")).to_contain_text("analysed again", timeout=90_000)
    result.get_by_role("button", name="Dismiss").click()
    expect(result.locator(".again")).to_have_count(0)
    result.locator(".photo-card-link").first.click()
    result.get_by_text("Results of earlier versions").click()
    expect(result.locator(".earlier")).to_contain_text("earlier-1")


def test_it_is_cancelled_while_no_worker_is_there(result: Page, site: RunningSite):
    site.shell(EARLIER)
    result.goto("/history/")
    result.get_by_role("button", name="Analyse again").click()
    expect(result.locator(".again")).to_contain_text("Waiting to analyse your photos again")
    result.get_by_role("button", name="Cancel").click()
    expect(result.locator("[data-reanalysis]")).to_contain_text("Cancelled after 0 of")
