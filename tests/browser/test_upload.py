"""Uploading photos, as somebody does it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from analysis.recognition.faces import Box
from analysis.recognition.framing import frame_of_box
from tests.browser.accessibility import check_usable
from tests.browser.upload_page import PEOPLE_AGREED, open_upload
from tests.support.pictures import encoded, portraits
from tests.support.site import PROJECT, RunningSite
from tests.support.videos import write_video


def _file(name: str, data: bytes, kind: str = "image/jpeg") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def _hand_over(page: Page, event: str, target: str, data: bytes) -> None:
    """Dispatch a drop or a paste that carries a file, as the browser itself would."""
    page.evaluate(
        """([event, target, encoded]) => {
            const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], `${event}.jpg`, { type: "image/jpeg" }));
            const init = { bubbles: true, cancelable: true };
            document.querySelector(target).dispatchEvent(event === "paste"
                ? new ClipboardEvent("paste", { ...init, clipboardData: transfer })
                : new DragEvent(event, { ...init, dataTransfer: transfer }));
        }""",
        [event, target, base64.b64encode(data).decode()],
    )


def test_the_result_shows_what_analyze_says_of_the_photo(page: Page, hopper: bytes, hopper_path: Path):
    command = [sys.executable, "manage.py", "analyze", str(hopper_path), "--json"]
    told = json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stdout)
    (face,) = told["faces"]
    words = f"{face['emotion']} {100 * face['confidence']:.0f}%"

    open_upload(page)
    page.locator("#photo").set_input_files(_file("told.jpg", hopper + b"told"))
    page.get_by_role("link", name="told.jpg").first.click()

    mark = page.locator("[data-mark]")
    expect(mark).to_have_count(1)
    expect(mark).to_have_attribute("aria-label", re.compile(rf"^Face 1: {words}\??$"))  # "?" where it is uncertain
    assert _circles_the_box(page, face["box"], told["width"])
    expect(page.get_by_role("heading", level=2, name=words)).to_be_visible()
    expect(page.locator(".bars-row")).to_have_count(7)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download with marks").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xff\xd8")


def _circles_the_box(page: Page, box: list[float], width: int) -> bool:
    """Tell whether the drawn circle fills the square that the network looks at, within two pixels of the page."""
    circle = page.locator(".mark-ring").bounding_box()
    picture = page.locator("[data-stage-picture]").bounding_box()
    scale = picture["width"] / width
    frame = frame_of_box(Box(*box)).scaled(scale)
    line = 1.5  # half of its width lies outside
    expected = picture["x"] + frame.x - line, picture["y"] + frame.y - line, frame.width + 2 * line
    return [circle["x"], circle["y"], circle["width"]] == pytest.approx(expected, abs=2)


COUNT_REQUESTS = """
    window.inFlight = 0;
    window.mostInFlight = 0;
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (...values) {
        window.mostInFlight = Math.max(window.mostInFlight, ++window.inFlight);
        this.addEventListener("readystatechange", () => { if (this.readyState === 4) window.inFlight--; });
        return send.apply(this, values);
    };
"""


def test_thirty_at_once_go_three_at_a_time_and_a_bad_one_spoils_none(page: Page, hopper: bytes):
    page.add_init_script(COUNT_REQUESTS)
    files = [_file(f"portrait-{i}.jpg", data) for i, data in enumerate(portraits(hopper, 29))]
    files.insert(3, _file("notes.jpg", b"this is no picture"))
    open_upload(page)
    page.locator("#photo").set_input_files(files)

    expect(page.locator("[data-status]")).to_have_text("29 of 30 photos analysed. 1 failed.", timeout=60_000)
    assert page.evaluate("window.mostInFlight") == 3
    refused = page.locator(".tile-failed")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("notes.jpg")
    expect(refused.locator("[data-tile-retry]")).to_be_hidden()


def test_a_photo_can_be_dropped_anywhere_on_the_page(page: Page, hopper: bytes):
    open_upload(page)
    _hand_over(page, "drop", "h1", hopper + b"dropped")
    expect(page.get_by_role("link", name="drop.jpg")).to_be_visible()


def test_a_photo_can_be_pasted(page: Page, hopper: bytes):
    open_upload(page)
    _hand_over(page, "paste", "body", hopper + b"pasted")
    expect(page.get_by_role("link", name="paste.jpg")).to_be_visible()


def test_a_photo_uploaded_already_is_noticed(page: Page, hopper: bytes):
    open_upload(page)
    for done, name in enumerate(["twice.jpg", "twice.jpg", "again.jpg"], start=1):
        page.locator("#photo").set_input_files(_file(name, hopper + b"twice"))
        expect(page.locator("[data-status]")).to_contain_text(f"{done} of {done}")
    notes = ["“again.jpg” was uploaded earlier under this name", "Uploaded earlier"]
    expect(page.locator(".tile-note")).to_have_text(notes)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(page: Page, tmp_path: Path):
    huge, sent = tmp_path / "huge.jpg", []
    with huge.open("wb") as file:
        file.truncate(20_500_000)
    page.on("request", lambda request: sent.append(request.method))
    open_upload(page)
    page.locator("#photo").set_input_files(huge)
    expect(page.locator(".tile-failed")).to_contain_text("Photos can be up to 20 MB")
    assert "POST" not in sent


def test_a_name_with_markup_is_only_text(page: Page, hopper: bytes):
    name = "<img src=x onerror=alert(1)>.jpg"
    page.on("dialog", lambda dialog: pytest.fail("the name was run"))
    open_upload(page)
    page.locator("#photo").set_input_files(_file(name, hopper + b"markup"))
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_text(name, exact=True).first).to_be_visible()


def test_it_works_without_javascript(chromium, site: RunningSite, signed_in_state: dict, hopper: bytes):
    context = chromium.new_context(base_url=site.url, storage_state=signed_in_state, java_script_enabled=False)
    page = context.new_page()
    open_upload(page)
    page.locator("#photo").set_input_files(_file("plain.jpg", hopper + b"plain"))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".face-card")).to_have_count(1)
    context.close()


def test_a_photo_without_a_face_says_so(page: Page):
    open_upload(page)
    fractal = encoded(Image.effect_mandelbrot((300, 200), (-3, -2.5, 2, 2.5), 100))
    page.locator("#photo").set_input_files(_file("fractal.png", fractal, "image/png"))
    page.get_by_role("link", name="fractal.png").first.click()
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    expect(page.get_by_text("No face was found in this photo.")).to_be_visible()


def test_each_days_first_photos_wait_until_somebody_says_that_people_agreed(browser_of, hopper: bytes):
    page = browser_of("agreeing@example.org")
    page.goto("/photos/new/")
    page.locator("#photo").set_input_files(_file("waiting.jpg", hopper + b"waiting"))
    waiting = page.locator("[data-people-waiting]")
    expect(waiting).to_have_text("“waiting.jpg” is waiting. Tick the box above to upload it.")
    page.locator("#photo").set_input_files(_file("too.jpg", hopper + b"too"))
    expect(waiting).to_have_text("2 files are waiting. Tick the box above to upload them.")
    expect(page.locator("[data-queue]")).to_be_hidden()
    check_usable(page)
    page.get_by_label(PEOPLE_AGREED).check()
    expect(waiting).to_be_hidden()
    for name in ("waiting.jpg", "too.jpg"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.reload()
    expect(page.get_by_label(PEOPLE_AGREED)).to_be_checked()


def test_a_video_dropped_here_goes_to_the_videos(page: Page, hopper_path: Path, tmp_path: Path):
    clip = tmp_path / "clip.mp4"
    write_video(clip, hopper_path, seconds=1.0)
    open_upload(page)
    page.locator("#photo").set_input_files(_file("clip.mp4", clip.read_bytes(), "video/mp4"))
    expect(page.locator("[data-status]")).to_have_text("1 of 1 video uploaded.")
    page.get_by_role("link", name="Open video").click()
    expect(page.get_by_role("heading", name="clip.mp4")).to_be_visible()


def test_a_file_that_only_looks_like_a_video_is_refused(page: Page):
    open_upload(page)
    page.locator("#photo").set_input_files(_file("fake.mp4", b"no video " * 100, "video/mp4"))
    expect(page.locator(".tile-failed")).to_contain_text("fake.mp4")
    expect(page.locator(".tile-failed [data-tile-retry]")).to_be_hidden()
    page.goto("/videos/")
    expect(page.get_by_text("fake.mp4", exact=True)).to_have_count(0)


def test_without_consent_the_page_asks_for_it_in_place(browser_of):
    page = browser_of("new-here@example.org", agreed=False)
    page.goto("/photos/new/")
    expect(page.locator("[data-dropzone]")).to_have_count(0)
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("[data-dropzone]")).to_be_visible()
