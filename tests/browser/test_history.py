"""Coming back to what was found."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.signing_in import sign_in
from tests.browser.upload_page import open_upload
from tests.support.site import RunningSite


def _upload(page: Page, name: str, data: bytes) -> None:
    open_upload(page)
    page.locator("#photo").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    expect(page.locator("[data-status]")).to_contain_text("1 of 1")


def test_a_photo_is_found_opened_and_deleted(page: Page, hopper: bytes):
    _upload(page, "keepsake.jpg", hopper + b"keepsake")
    page.goto("/history/")
    page.get_by_role("link", name="keepsake.jpg").click()
    page.wait_for_load_state()  # the dialog's script runs before that; until then the link leads to a page
    address = page.url
    page.get_by_role("link", name="Delete").click()
    page.locator("#delete-dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("#delete-dialog")).to_be_hidden()
    page.get_by_role("link", name="Delete").click()
    page.locator("#delete-dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/history/")
    expect(page.get_by_text("Deleted: 1 photo")).to_be_visible()
    assert page.goto(address).status == 404


def test_back_does_not_show_a_deleted_photo_from_the_browsers_memory(page: Page, site: RunningSite, hopper: bytes):
    _upload(page, "gone.jpg", hopper + b"gone")
    page.get_by_role("link", name="gone.jpg").first.click()
    page.wait_for_load_state()
    site.shell("from analysis.models import Photo; Photo.objects.filter(name='gone.jpg').delete()")
    # Chromium may hang where a page is closed that still loads.
    with page.expect_event("load"), page.expect_response(page.url) as answer:
        page.evaluate("setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))")
    assert answer.value.status == 404


def test_the_emotion_filter_keeps_what_fits(page: Page, hopper: bytes):
    _upload(page, "filtered.jpg", hopper + b"filtered")
    page.goto("/history/")
    label = page.get_by_role("link", name="filtered.jpg").locator(".emotion").first.inner_text().split()[0]
    page.get_by_role("navigation", name="Filter by expression").get_by_role("link", name=label).click()
    expect(page.get_by_role("link", name="filtered.jpg")).to_be_visible()
    other = "disgust" if label != "disgust" else "fear"
    page.goto(f"/history/?emotion={other}")
    expect(page.get_by_role("link", name="filtered.jpg")).to_have_count(0)


def test_an_empty_history_offers_a_sample(chromium, site: RunningSite):
    site.create_user("newcomer@example.org")
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, "newcomer@example.org", site.password)
    page.goto("/history/")
    page.get_by_role("button", name="Try a sample photo").click()
    expect(page.locator(".face-card")).to_have_count(1)
    context.close()
