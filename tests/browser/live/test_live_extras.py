"""A window or screen instead of a camera, snapshots, full screen, and a name before the start."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.live.live_page import PHONE, Wire, agree, expect_state, expect_status, sign_in, start
from tests.support.site import RunningSite

# A mock: the shared window shows what the fake camera does, 1280 x 960; `share.stop()` is the browser's own button.
SHARES = """navigator.mediaDevices.getDisplayMedia = async () => {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640 } });
  const video = document.createElement("video");
  Object.assign(video, { srcObject: camera, muted: true });
  await video.play();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 960 });
  setInterval(() => canvas.getContext("2d").drawImage(video, 0, 0, 1280, 960), 100);
  const stream = canvas.captureStream(10);
  window.share = { stop: () => stream.getVideoTracks()[0].dispatchEvent(new Event("ended")) };
  return stream;
};"""
# A mock: the user closes the browser's question.
SHARES_NOTHING = """navigator.mediaDevices.getDisplayMedia = () =>
  Promise.reject(new DOMException("Permission denied", "NotAllowedError"));"""
# A mock: headless Chromium has one display, and nothing to fill.
TWO_DISPLAYS = """
  const displays = [{ label: "this one" }, { label: "the other one" }];
  Object.defineProperty(window.screen, "isExtended", { value: true });
  window.getScreenDetails = async () => ({ screens: displays, currentScreen: displays[0] });
  Element.prototype.requestFullscreen = async function (options) { window.asked = options.screen.label; };"""


def _choose_screen(page: Page) -> None:
    page.goto("/live/")
    page.get_by_label("Camera or screen").select_option(label="A window or screen")


def test_a_shared_window_is_analysed_unmirrored_until_sharing_ends(page: Page):
    wire = Wire().listen(page)
    page.add_init_script(SHARES)
    _choose_screen(page)
    expect(page.locator("#live-screen-help")).to_contain_text("Everyone visible in it must have agreed")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "live")
    expect(page.get_by_role("switch", name="Mirror the picture")).not_to_be_checked()
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    (left, _, width, _) = next(message["faces"][0]["box"] for message in wire.heard if message.get("faces"))
    assert left + width > 480
    page.evaluate("share.stop()")
    expect_state(page, "stopped")
    page.reload()
    expect(page.get_by_label("Camera or screen")).not_to_have_value("screen")


def test_a_window_that_is_not_chosen_leaves_the_camera_on(page: Page):
    page.add_init_script(SHARES_NOTHING)
    _choose_screen(page)
    page.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text("Nothing was shared")
    page.get_by_label("Camera or screen").select_option(label="Automatic")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "live")
    page.get_by_label("Camera or screen").select_option(label="A window or screen")
    expect(page.get_by_label("Camera or screen")).to_have_value("")
    expect_state(page, "live")
    assert page.locator("video").evaluate("video => video.srcObject.active")


def test_a_recording_has_the_name_given_before_it_started(page: Page):
    page.goto("/live/")
    expect(page.get_by_label("Name")).to_be_hidden()
    page.get_by_role("switch", name="Record this session").check()
    page.get_by_label("Name").fill("Rehearsal of the talk")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    expect(page.get_by_label("Name")).to_be_disabled()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("link", name="Open session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rehearsal of the talk")


def test_the_picture_fills_the_screen_and_stop_leaves_it(page: Page):
    start(page)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.dataset.screen === ''")
    page.get_by_role("button", name="Exit full screen").click()
    page.wait_for_function("!document.fullscreenElement")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement")
    page.evaluate("document.querySelector('[data-stop]').click()")
    expect_state(page, "stopped")
    page.wait_for_function("!document.fullscreenElement")


def test_of_two_displays_it_fills_the_other_one(page: Page):
    page.add_init_script(TWO_DISPLAYS)
    start(page)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("window.asked")
    assert page.evaluate("asked") == "the other one"


@pytest.fixture
def newcomer(browser: Browser, live_site: RunningSite):
    """The page of somebody who agreed to the camera, but not to the analysis of photos."""
    email = "snapshots@example.org"
    live_site.create_user(email)
    live_site.shell(f"from analysis.models import Consent; Consent.objects.filter(user__email={email!r}).delete()")
    context = browser.new_context(base_url=live_site.url)
    context.set_default_timeout(15_000)
    page = sign_in(context, email)
    agree(page)
    yield page
    context.close()


def test_a_snapshot_asks_each_time_and_becomes_a_photo(newcomer: Page):
    page = newcomer
    page.set_viewport_size(PHONE)
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    page.get_by_role("button", name="Snapshot").click()
    dialog = page.get_by_role("dialog")
    check_usable(page, part="[data-snapshot-dialog]")
    dialog.get_by_label("I agree to the analysis of my photos and videos").check()
    dialog.get_by_label("Everyone in this picture has agreed").check()
    dialog.get_by_role("button", name="Add to photos").click()
    address = dialog.get_by_role("link", name="Open photo").get_attribute("href")
    expect(dialog).to_contain_text("It is in your history")
    dialog.get_by_role("button", name="Close").click()
    expect_status(page, "Live.")
    page.get_by_role("button", name="Snapshot").click()
    expect(dialog.get_by_label("Everyone in this picture has agreed")).not_to_be_checked()
    expect(dialog.get_by_label("I agree to the analysis")).to_have_count(0)
    dialog.get_by_role("button", name="Add to photos").click()
    expect(dialog.get_by_role("link", name="Open photo")).to_be_hidden()
    dialog.get_by_role("button", name="Close").click()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 face")
    page.goto("/history/")
    expect(page.locator(".photo-card")).to_have_count(1)
