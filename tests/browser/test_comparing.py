"""Comparing two sessions, chosen one after the other, on a phone and on a wide screen."""

from __future__ import annotations

import pytest
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


@pytest.fixture(scope="module")
def ids(site: RunningSite) -> list[str]:
    return site.shell(MAKE.format(email=site.admin_email)).split()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_session_is_compared_with_another(page: Page, ids: list[str], width: int):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/sessions/{ids[0]}/")
    page.get_by_role("link", name="Compare").click()
    check_usable(page)
    page.get_by_role("link", name="After").click()
    expect(page.locator(".strip")).to_have_count(2)
    expect(page.get_by_role("row", name="happy")).to_contain_text("−")
    check_usable(page)


def test_a_photo_is_compared_with_another(page: Page, ids: list[str]):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/photos/{ids[2]}/")
    page.get_by_role("link", name="Compare").click()
    check_usable(page)
    page.get_by_role("link", name="after.jpg").click()
    expect(page.locator(".side-picture")).to_have_count(2)
    expect(page.get_by_role("row", name="happy")).to_contain_text("−")
    check_usable(page)
