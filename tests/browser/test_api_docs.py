"""The API's documentation in a real browser: from the site's own files, under its own CSP."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def docs(shared_page: Page) -> Page:
    """The page, all of whose requests and complaints are kept on it; loaded once, which takes seconds."""
    page = shared_page
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    return page


def test_it_shows_every_endpoint_from_here_and_complains_of_nothing(docs: Page):
    expect(docs.get_by_text("/api/v1/me/").first).to_be_visible()
    assert docs.locator(".opblock").count() >= 30
    assert docs.complaints == []
    own = urlsplit(docs.url).netloc
    assert {urlsplit(address).netloc for address in docs.asked if not address.startswith("data:")} == {own}


def test_it_follows_the_systems_theme_and_fits_a_phone(docs: Page):
    docs.set_viewport_size({"width": 360, "height": 740})
    docs.locator(".opblock-summary-control").first.click()
    for scheme in ("light", "dark"):
        docs.emulate_media(color_scheme=scheme)
        expect(docs.locator("html")).to_have_class("dark-mode" if scheme == "dark" else "")
        expect(docs.locator(".opblock-body").first).to_be_visible()
        assert docs.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_request_that_changes_something_can_be_tried_out(docs: Page):
    operation = docs.locator("#operations-me-me_update")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"time_zone": "UTC"}')
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status").first).to_contain_text("200")
