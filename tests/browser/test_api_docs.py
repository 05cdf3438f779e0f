"""The page of the REST API in a real browser: every operation, and forms that send requests."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def docs(shared_page: Page) -> Page:
    shared_page.goto("/api/docs/")
    return shared_page


def test_it_shows_every_operation(docs: Page):
    schema = docs.request.get("/api/schema/?format=json").json()
    operations = {each["operationId"] for methods in schema["paths"].values() for each in methods.values()}

    assert set(docs.locator("[data-api] details").evaluate_all("all => all.map((each) => each.id)")) == operations


def test_a_link_opens_the_definition(docs: Page):
    docs.locator("#me_retrieve > summary").click()
    docs.locator("#me_retrieve dl a").first.click()

    expect(docs.locator("[id^='schema-']:target")).to_have_attribute("open", "")


@pytest.mark.parametrize(
    ("operation", "filled", "status", "answered"),
    [
        ("me_update", {"Body": '{"time_zone": "UTC"}'}, "200", "UTC"),
        ("me_update", {"Body": '{"time_zone": "Moon/Crater"}'}, "400", "time_zone"),
        ("history_summary", {"source": "live"}, "200", '"unit": "second"'),
        ("analyses_retrieve", {"id": "../../me"}, "404", "not_found"),
    ],
)
def test_a_request_is_tried(docs: Page, operation: str, filled: dict[str, str], status: str, answered: str):
    row = docs.locator(f"#{operation}")
    row.evaluate("row => row.open = true")
    for label, value in filled.items():
        row.get_by_label(label, exact=True).and_(docs.locator("input, textarea")).fill(value)
    row.get_by_role("button", name="Send").click()

    expect(row.locator("[data-answer-status]")).to_contain_text(status)
    expect(row.locator("[data-answer]")).to_contain_text(answered)
    assert json.loads(row.locator("[data-answer]").text_content() or "")
