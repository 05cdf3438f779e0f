"""What holds for every page: usable with assistive technology, no sideways scrolling on a phone, light in weight."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.support.site import RunningSite

PAGES = [
    "/photos/new/",
    "/history/",
    "/videos/",
    "/model/",
    "/account/",
    "/account/consents/",
    "/account/retention/",
    "/account/space/",
    "/account/delete/",
    "/account/export/",
    "/account/tokens/",
    "/account/security/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/2fa/reauthenticate/",
    "/dashboard/",
    "/account/time-zone/",
    "/live/",
    "/site/",
    "/nowhere/",
    "RESULT",
]
VISITORS_PAGES = ["/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def result_address(chromium, site: RunningSite, signed_in_state: dict) -> str:
    context = chromium.new_context(base_url=site.url, storage_state=signed_in_state)
    page = context.new_page()
    page.goto("/photos/new/")
    page.locator("form[action$='/photos/sample/'] button").click()
    expect(page.locator(".face-card")).to_have_count(1)
    context.close()
    return page.url


@pytest.fixture(scope="module")
def weights(shared_page: Page) -> list[int]:
    """The bytes of what the shared page loads, but for pictures; the test of a page empties it."""
    shared_page.context.new_cdp_session(shared_page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: list[int] = []

    def weigh(request) -> None:
        if request.resource_type != "image":
            sizes = request.sizes()
            weights.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    shared_page.on("requestfinished", weigh)
    return weights


@pytest.mark.parametrize("address", PAGES)
def test_a_signed_in_persons_page_on_a_phone(shared_page: Page, weights: list[int], result_address: str, address: str):
    shared_page.set_viewport_size(PHONE)
    weights.clear()
    shared_page.goto(result_address if address == "RESULT" else address)
    shared_page.wait_for_load_state("networkidle")
    assert 1_000 < sum(weights) < 300_000
    check_usable(shared_page)


def test_visitors_pages_on_a_phone(chromium, site: RunningSite):
    context = chromium.new_context(base_url=site.url, viewport=PHONE)
    page = context.new_page()
    for address in VISITORS_PAGES:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        check_usable(page)
    context.close()


def test_a_result_is_used_by_keyboard_alone(page: Page, result_address: str):
    page.goto(result_address)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.mark") == "1":
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-mark='1']")).to_have_attribute("aria-pressed", "true")
