"""The first visit to a new site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.site import RunningSite


@pytest.fixture
def new_site(tmp_path) -> Iterator[RunningSite]:
    running = RunningSite(tmp_path)
    running.start()
    yield running
    running.stop()


def test_every_page_leads_to_the_set_up_until_an_administrator_exists(chromium, new_site: RunningSite):
    context = chromium.new_context(base_url=new_site.url)
    page = context.new_page()
    page.goto("/history/")
    page.wait_for_url("**/setup/")

    page.get_by_label("Email").fill("first@example.org")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Password (again)").fill("another")
    page.get_by_label("For myself, my family and friends").check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Set up the site").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("first@example.org")

    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Password (again)").fill("correct horse battery")
    page.get_by_role("button", name="Set up the site").click()
    page.wait_for_url("**/photos/new/")
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Users")).to_be_visible()
    context.close()
