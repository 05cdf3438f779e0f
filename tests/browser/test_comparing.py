"""Two photos and two sessions, chosen one after the other, on a phone and on a wide screen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.support.site import RunningSite

MAKE = """
from accounts.models import User
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
owner = User.objects.get(email={email!r})
print(make_session(owner, {{s: "happy" for s in range(20)}}, name="Before").pk)
print(make_session(owner, {{s: "sad" for s in range(90)}}, name="After", seconds=90).pk)
print(make_photo(owner, name="before.jpg").pk)
print(make_photo(owner, name="after.jpg", emotions=["sad"]).pk)
"""


PHONE, WIDE = 390, 1280


def _compare(page: Page, address: str, other: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    page.get_by_role("link", name="Compare", exact=True).click()
    check_usable(page)
    page.get_by_role("link", name=other).click()
    expect(page.get_by_role("row", name="happy")).to_contain_text("−")
    check_usable(page)


def test_a_photo_and_a_session_are_compared_with_another(browser_of, site: RunningSite):
    page = browser_of("comparing@example.org")
    before, _, photo, _ = site.shell(MAKE.format(email="comparing@example.org")).split()
    for width in (PHONE, WIDE):
        _compare(page, f"/sessions/{before}/", "After", width)
        expect(page.locator(".strip")).to_have_count(2)
        _compare(page, f"/photos/{photo}/", "after.jpg", width)
        expect(page.locator(".side-picture")).to_have_count(2)
