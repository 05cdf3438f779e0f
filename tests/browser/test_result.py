"""A photo's page with several faces: numbers, crops, and the way between the photo and the cards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.upload_page import open_upload
from tests.support.pictures import group

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
CURRENT, POINTED = "mark-selected", "face-card-pointed"

# How far each label is from its circle's line, and the parts of labels that cover each other, in CSS pixels.
LABELS = """() => {
  const box = (element) => element.getBoundingClientRect();
  const plates = [...document.querySelectorAll(".mark-plate")].map(box);
  const away = [...document.querySelectorAll("[data-mark]")].map((mark) => {
    const [plate, ring] = [box(mark.querySelector(".mark-plate")), box(mark.querySelector(".mark-ring"))];
    const x = Math.max(plate.left - ring.right, ring.left - plate.right, 0);
    const y = Math.max(plate.top - ring.bottom, ring.top - plate.bottom, 0);
    return Math.hypot(x, y);
  });
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return [Math.max(...away), plates.filter((a, i) => plates.some((b, j) => j > i && meet(a, b))).length];
}"""


@pytest.fixture(scope="module")
def group_address(shared_page: Page, hopper: bytes) -> str:
    """The page of a photo of twelve faces."""
    open_upload(shared_page)
    photo = {"name": "group.jpg", "mimeType": "image/jpeg", "buffer": group(hopper, 12)}
    shared_page.locator("#photo").set_input_files(photo)
    shared_page.get_by_role("link", name="group.jpg").first.click()
    expect(shared_page.locator(".face-card")).to_have_count(12)
    return shared_page.url


def _mark(page: Page, number: int):
    return page.locator(f"[data-mark='{number}']")


def _card(page: Page, number: int):
    return page.locator(f"[data-face='{number}']")


def test_pointing_at_a_face_or_its_card_shows_the_other(page: Page, group_address: str):
    page.set_viewport_size(DESKTOP)
    page.goto(group_address)
    _card(page, 2).hover()
    expect(_mark(page, 2)).to_contain_class(CURRENT)
    _mark(page, 3).hover()
    expect(_card(page, 3)).to_contain_class(POINTED)
    expect(_mark(page, 2)).not_to_contain_class(CURRENT)
    expect(_card(page, 3)).not_to_have_attribute("open")
    _mark(page, 3).click()
    expect(_card(page, 3)).to_have_attribute("open", "")


def test_arrow_keys_go_from_face_to_face_on_the_photo_and_in_the_list(page: Page, group_address: str):
    page.set_viewport_size(DESKTOP)
    page.goto(group_address)
    _mark(page, 1).focus()
    page.keyboard.press("ArrowRight")
    expect(_mark(page, 2)).to_be_focused()
    expect(_card(page, 2)).to_contain_class(POINTED)
    page.keyboard.press("End")
    expect(_card(page, 12)).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(_card(page, 12)).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(_mark(page, 12)).to_have_attribute("aria-pressed", "false")

    _card(page, 4).locator("summary").first.focus()
    page.keyboard.press("ArrowDown")
    expect(_card(page, 5).locator("summary").first).to_be_focused()
    expect(_mark(page, 5)).to_contain_class(CURRENT)


def test_the_photo_stays_in_view_beside_the_list(page: Page, group_address: str):
    page.set_viewport_size(DESKTOP)
    page.goto(group_address)
    _card(page, 12).scroll_into_view_if_needed()
    expect(page.locator("[data-stage-picture]")).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_labels_stay_at_their_faces_and_the_page_is_usable(page: Page, group_address: str, size: dict[str, int]):
    page.set_viewport_size(size)
    page.goto(group_address)
    expect(page.locator(".mark-plate")).to_have_count(12)
    away, covered = page.evaluate(LABELS)
    assert away <= 5
    assert covered == 0
    check_usable(page)


def test_crops_are_parts_of_the_photo_which_is_loaded_once(page: Page, group_address: str):
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(group_address)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".face-crop image")).to_have_count(12)
    assert len([url for url in loaded if url.endswith("image.jpg")]) == 1
