"""The way of a first photo in a German browser, and the choice of another language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import watched_page
from tests.support.site import RunningSite

EMAIL = "erika@example.org"


@pytest.fixture
def german(chromium, site: RunningSite) -> Iterator[Page]:
    """A page of a visitor whose browser asks for German."""
    context = chromium.new_context(base_url=site.url, locale="de-AT", viewport={"width": 390, "height": 844})
    with watched_page(context) as page:
        yield page
    context.close()


def test_from_the_start_page_to_a_corrected_photo_and_back(german: Page, site: RunningSite, hopper: bytes):
    page = german
    site.create_user(EMAIL)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Was zeigt\\s+dieses Gesicht?"))
    page.get_by_role("link", name="Anmelden").first.click()
    page.get_by_label("E-Mail").fill(EMAIL)
    page.get_by_label("Passwort", exact=True).fill(site.password)
    page.get_by_role("main").get_by_role("button", name="Anmelden", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Fotos hochladen")
    page.get_by_label("Alle auf diesen Fotos und Videos haben zugestimmt").check()
    page.locator("#photo").set_input_files({"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": hopper + b"de"})
    page.get_by_role("link", name="foto.jpg").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("1 Gesicht")
    expect(page.locator(".face-title")).to_have_text(
        re.compile(r"^\s*(Wut|Ekel|Angst|Freude|Trauer|Überraschung|Neutral)\s+\d\d\s%")
    )
    page.get_by_text("Gesichtsausdruck korrigieren").click()
    page.get_by_label("Überraschung").check()
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator(".face-title")).to_have_text(re.compile("Überraschung"))

    page.goto("/dashboard/")
    expect(page.get_by_text("Gesichter in Fotos").first).to_be_visible()
    page.goto("/history/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Verlauf")
    expect(page.get_by_text(re.compile(r"^Heute")).first).to_be_visible()

    page.goto("/account/language/")
    page.get_by_label("Sprache").select_option("fr")
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.goto("/history/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Historique")


def test_a_visitor_chooses_a_language_at_the_foot_of_the_page(german: Page):
    german.goto("/")
    german.locator("#language-choice").select_option("ja")
    german.get_by_role("button", name="Sprache ändern").click()
    expect(german.locator("html")).to_have_attribute("lang", "ja")
