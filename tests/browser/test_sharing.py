"""What somebody shares by a link, and what a visitor sees of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.support.site import RunningSite

PHONE = {"width": 390, "height": 844}
PASSWORD = "correct horse battery"


@pytest.fixture
def visitor(chromium):
    """The page of somebody without an account."""
    context = chromium.new_context(viewport=PHONE)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def _make_link(page: Page) -> str:
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Link", exact=True).input_value()


def test_a_photo_is_shared_with_a_password_until_it_is_revoked(browser_of, visitor: Page):
    page = browser_of("sharing@example.org")
    page.set_viewport_size(PHONE)
    page.goto("/photos/new/")
    page.locator("form[action$='/photos/sample/'] button").click()
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_label("Password").fill(PASSWORD)
    check_usable(page)
    address = _make_link(page)
    check_usable(page)

    visitor.goto(address)
    visitor.get_by_label("Password").fill(PASSWORD)
    check_usable(visitor)
    visitor.get_by_role("button", name="Open").click()
    expect(visitor.locator(".face-card")).to_have_count(1)
    expect(visitor.locator(".overlay-circle, [data-mark]").first).to_be_visible()
    visitor.wait_for_function("document.querySelector('.stage-picture').naturalWidth > 0")
    check_usable(visitor)

    page.get_by_role("link", name="All shared links").click()
    check_usable(page)
    page.get_by_role("button", name="Revoke").first.click()
    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    check_usable(visitor)


def test_a_session_is_replayed_by_its_link(page: Page, visitor: Page, site: RunningSite):
    site.shell(
        "from accounts.models import User; from tests.analysis.session_factories import make_session\n"
        f"make_session(User.objects.get(email={site.admin_email!r}), {{1: 'happy', 5: 'sad'}}, name='Shared talk')"
    )
    page.goto("/sessions/")
    page.get_by_role("link", name="Shared talk").click()
    page.get_by_role("link", name="Share", exact=True).click()
    visitor.goto(_make_link(page))
    visitor.get_by_role("slider", name="Position in the session").focus()
    visitor.keyboard.press("ArrowRight")
    expect(visitor.locator("[data-bars]")).to_contain_text("happy")
    expect(visitor.locator("body")).not_to_contain_text("Shared talk")
    check_usable(visitor)
