"""Telling the site what it missed or got wrong: faces marked, taken out and reviewed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.signing_in import sign_in
from tests.browser.upload_page import open_upload
from tests.support.pictures import encoded, group
from tests.support.site import RunningSite

EMAIL = "marking@example.org"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
DOUBT = f"""
from analysis.models import Face, Photo
from analysis.photos.face_changes import changing_faces
photo = Photo.objects.get(owner__email={EMAIL!r}, name="doubtful.jpg")
with changing_faces(photo_id=photo.pk):
    Face.objects.filter(analysis__photo=photo).update(picture_doubts="dark")
"""


@pytest.fixture(scope="module")
def state(chromium, site: RunningSite) -> dict:
    """Cookies of a person of their own."""
    site.create_user(EMAIL)
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, EMAIL, site.password)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(chromium, site: RunningSite, state: dict) -> Iterator[Page]:
    context = chromium.new_context(base_url=site.url, storage_state=state, viewport=DESKTOP, has_touch=True)
    context.set_default_timeout(15_000)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


def _open_photo(page: Page, name: str, data: bytes) -> None:
    open_upload(page)
    page.locator("#photo").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("button", name="Mark a face")).to_be_visible()


def _nobody(shade: int) -> bytes:
    """A plain picture of 900 x 600 pixels: any box in it is a face that was missed."""
    return encoded(Image.new("RGB", (900, 600), (shade, 120, 90)), "JPEG")


def _frame(page: Page) -> list[float]:
    """The box on the photo: x, y, width and height in pixels of the photo."""
    photo = page.locator("[data-stage-picture]").bounding_box()
    box = page.locator(".mark-frame").bounding_box()
    scale = 900 / photo["width"]
    places = [box["x"] - photo["x"], box["y"] - photo["y"], box["width"], box["height"]]
    return [round(place * scale) for place in places]


def _at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return the place on the page of a photo's pixel."""
    photo = page.locator("[data-stage-picture]").bounding_box()
    scale = photo["width"] / 900
    return photo["x"] + x * scale, photo["y"] + y * scale


def test_a_missed_face_is_marked_by_keys_and_the_mark_removed(page: Page):
    _open_photo(page, "keys.jpg", _nobody(10))
    page.get_by_role("button", name="Mark a face").press("Enter")
    frame = page.get_by_role("application", name="Box around the face")
    expect(frame).to_be_focused()
    check_usable(page)
    before = _frame(page)
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert _frame(page) == pytest.approx([before[0] + 12, before[1] - 12, before[2] + 12, before[3] + 12], abs=2)
    expect(page.locator("[data-mark-status]")).to_contain_text("132 by 132 pixels")
    page.keyboard.press("Escape")
    expect(frame).to_have_count(0)
    expect(page.get_by_role("button", name="Mark a face")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 face")).to_be_visible()
    expect(page.locator(".face-card")).to_contain_text("marked by hand")
    expect(page.locator("[data-mark]")).to_have_count(1)
    page.get_by_role("button", name="Remove this mark").click()
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()


def test_a_box_is_drawn_moved_and_resized_with_the_mouse(page: Page):
    _open_photo(page, "mouse.jpg", _nobody(20))
    page.get_by_role("button", name="Mark a face").click()
    page.mouse.move(*_at(page, 600, 100))
    page.mouse.down()
    page.mouse.move(*_at(page, 750, 280), steps=3)
    page.mouse.up()
    assert _frame(page) == pytest.approx([600, 100, 150, 180], abs=8)
    page.mouse.move(*_at(page, 680, 200))
    page.mouse.down()
    page.mouse.move(*_at(page, 280, 1200), steps=3)  # below the photo: the box stops at its edge
    page.mouse.up()
    assert _frame(page) == pytest.approx([200, 420, 150, 180], abs=8)
    page.mouse.move(*_at(page, 200, 420))
    page.mouse.down()
    page.mouse.move(*_at(page, 250, 440), steps=3)
    page.mouse.up()
    assert _frame(page) == pytest.approx([250, 440, 100, 160], abs=8)
    page.get_by_role("button", name="Analyse this face").click()
    expect(page.locator(".face-card")).to_contain_text("marked by hand")


def test_a_box_is_drawn_with_a_finger(page: Page):
    page.set_viewport_size(PHONE)
    _open_photo(page, "finger.jpg", _nobody(30))
    page.get_by_role("button", name="Mark a face").tap()
    check_usable(page)
    session = page.context.new_cdp_session(page)
    for kind, place in (("touchStart", (100, 60)), ("touchMove", (180, 200)), ("touchMove", (300, 300))):
        x, y = _at(page, *place)
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert _frame(page) == pytest.approx([100, 60, 200, 240], abs=8)
    page.get_by_role("button", name="Analyse this face").click()
    expect(page.locator(".face-card")).to_contain_text("marked by hand")


def test_a_face_is_taken_out_and_put_back(page: Page, hopper: bytes):
    _open_photo(page, "three.jpg", group(hopper, 3))
    card = page.locator("[data-face='2']")
    card.locator("summary").first.click()
    card.get_by_text("Correct the expression").click()
    card.get_by_label("not a face").check()
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="2 faces", exact=True)).to_be_visible()
    expect(page.locator("[data-mark]")).to_have_count(2)
    check_usable(page)
    page.get_by_role("button", name="this is a face (1 of 1)").click()
    expect(page.get_by_role("heading", name="3 faces", exact=True)).to_be_visible()


def test_uncertain_faces_are_reviewed_by_keys(page: Page, site: RunningSite, hopper: bytes):
    _open_photo(page, "doubtful.jpg", group(hopper, 4))
    site.shell(DOUBT)
    page.goto("/history/?kind=uncertain")
    page.get_by_role("link", name="Review uncertain faces").click()
    check_usable(page)
    circle = page.locator(".mark-ring").bounding_box
    places = [circle()["x"]]
    for key, saved in (("5", "sad"), (" ", ""), ("0", "cannot tell"), ("x", "not a face")):
        with page.expect_navigation():
            page.keyboard.press(key)
        if saved:
            expect(page.locator(".review-last")).to_contain_text(f"Saved: {saved}")
        if key != "x":
            expect(page.locator(".mark-ring")).to_have_count(1)
            places.append(circle()["x"])
    assert places == sorted(set(places))
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.get_by_role("heading", name="What does this face show?")).to_be_visible()
    assert circle()["x"] == pytest.approx(places[-1], abs=1)
