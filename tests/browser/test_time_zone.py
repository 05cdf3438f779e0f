"""The browser names its time zone at the first visit, and days are told in it from then on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.site import RunningSite


def test_the_browsers_zone_is_known_after_the_sign_in_until_another_is_chosen(chromium, site: RunningSite):
    site.create_user("traveller@example.org")
    context = chromium.new_context(base_url=site.url, timezone_id="Asia/Kathmandu")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("traveller@example.org")
    page.get_by_label("Password", exact=True).fill(site.password)
    with page.expect_response("**/account/time-zone/found/") as found:
        page.locator("main form button[type=submit]").click()
    assert found.value.status == 204
    page.goto("/dashboard/")
    expect(page.get_by_text("times in Asia/Kathmandu")).to_be_visible()
    page.get_by_role("link", name="Asia/Kathmandu").click()
    page.get_by_label("Time zone").select_option("America/Lima")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("America/Lima")
    page.goto("/dashboard/")
    expect(page.get_by_text("times in America/Lima")).to_be_visible()
    context.close()
