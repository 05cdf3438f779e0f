"""Webhooks, from adding one to sending a delivery again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.support.site import RunningSite

PHONE = {"width": 390, "height": 844}
SEND = """
from analysis.webhooks import delivery
from analysis.webhooks.requests import Answer
delivery.record_answer(delivery=delivery.claim_next(), answer=Answer(status=500, body="out of paper"))
"""


def test_a_webhook_is_added_tested_switched_off_and_deleted(browser_of, site: RunningSite):
    page: Page = browser_of("hooks@example.org")
    page.set_viewport_size(PHONE)
    page.goto("/account/webhooks/")
    check_usable(page)
    page.get_by_label("URL").fill("https://169.254.169.254/latest")
    page.get_by_label("A photo was analysed").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("is not on the public internet")).to_be_visible()
    check_usable(page)

    page.get_by_label("URL").fill("https://1.1.1.1/hook")
    page.get_by_role("button", name="Add").click()
    assert page.get_by_label("Secret", exact=True).input_value().startswith("whsec_")
    check_usable(page)
    page.get_by_role("link", name="Continue to the webhook").click()
    page.get_by_role("button", name="Send test event").click()
    site.shell(SEND)
    page.reload()
    page.get_by_text("Answer", exact=True).click()
    expect(page.get_by_text("out of paper")).to_be_visible()
    check_usable(page)

    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("You switched it off")).to_be_visible()
    page.mouse.move(0, 0)  # off the button that has come under it
    check_usable(page)
    page.get_by_role("link", name="Delete").click()
    check_usable(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The webhook was deleted.")).to_be_visible()
