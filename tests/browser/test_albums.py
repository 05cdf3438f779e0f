"""Albums, tags, and what is done to many photos at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.signing_in import sign_in
from tests.support.site import RunningSite

EMAIL = "albums@example.org"
FILL = f"""
from accounts.models import User
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
user = User.objects.get(email={EMAIL!r})
for number in range(30):
    make_photo(user, name=f"beach {{number}}.jpg", emotions=["happy"])
make_session(user, {{1: "happy", 2: "sad"}}, name="Rehearsal")
"""


@pytest.fixture(scope="module")
def context(chromium, site: RunningSite):
    """Somebody with thirty photos and a session."""
    site.create_user(EMAIL)
    site.shell(FILL)
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, EMAIL, site.password)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    yield page
    page.close()


def _select_all(page: Page, address: str = "/history/") -> None:
    page.goto(address)
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_label("All 30 in this list").check()
    expect(page.get_by_text("All selected")).to_be_visible()


def test_all_that_match_are_put_into_a_new_album_which_looks_right_everywhere(page: Page):
    _select_all(page)
    page.get_by_role("button", name="Add to album").click()
    page.get_by_label("New album").fill("Summer")
    page.get_by_role("button", name="Add to album").press("Enter")
    expect(page.get_by_text("Added to “Summer”: 30 photos")).to_be_visible()
    page.goto("/albums/")
    page.get_by_role("link", name="Summer").click()
    expect(page.locator(".photo-card")).to_have_count(24)
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_role("button", name="Select all on this page").click()
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            check_usable(page)
    page.get_by_role("link", name="Dashboard").last.click()
    expect(page.get_by_role("link", name="Summer")).to_be_visible()
    expect(page.locator("main")).to_contain_text("30")


def test_one_selected_photo_becomes_the_cover_and_two_are_compared(page: Page):
    page.goto("/albums/")
    page.get_by_role("link", name="Summer").click()
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_label("Select beach 20.jpg").check()
    compare = page.get_by_role("button", name="Compare")
    expect(compare).to_have_count(0)
    page.get_by_role("button", name="Use as cover").click()
    page.get_by_text("Edit", exact=True).click()
    expect(page.get_by_text("The cover is “beach 20.jpg”.")).to_be_visible()
    check_usable(page)
    page.goto("/history/")
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_label("Select beach 20.jpg").check()
    page.get_by_label("Select beach 21.jpg").check()
    check_usable(page)
    compare.click()
    expect(page.get_by_role("heading", name="Two photos")).to_be_visible()


@pytest.mark.parametrize(("address", "name"), [("/history/", "beach 23.jpg"), ("/sessions/", "Rehearsal")])
def test_a_photo_or_session_is_tagged_by_name_on_its_page(page: Page, address: str, name: str):
    page.goto(address)
    page.get_by_role("link", name=name).click()
    page.get_by_text("Add to an album or tag").click()
    page.locator(".item-album-add").get_by_label("Name").fill("sea")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_role("link", name="Tag sea")).to_be_visible()
    check_usable(page)
    page.get_by_role("button", name="Remove from sea").click()
    expect(page.get_by_role("link", name="Tag sea")).to_have_count(0)


def test_what_is_deleted_can_be_undone_and_undo_goes_away(page: Page):
    page.goto("/history/")
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_label("Select beach 7.jpg").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete 1 photo?")).to_be_visible()
    check_usable(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: 1 photo")).to_be_visible()
    expect(page.get_by_role("link", name="beach 7.jpg")).to_have_count(0)
    check_usable(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Restored: 1 photo")).to_be_visible()
    expect(page.get_by_role("link", name="beach 7.jpg")).to_be_visible()


def test_sessions_are_selected_with_the_keyboard(page: Page):
    page.goto("/sessions/")
    page.get_by_role("button", name="Select", exact=True).press("Enter")
    page.get_by_label("Select Rehearsal").press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    check_usable(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").press("Enter")
    assert download.value.suggested_filename.startswith("sessions")
