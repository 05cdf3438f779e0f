"""How the live page deals with cameras that are busy, slow to open or changed quickly.

Chromium's fake camera is none of these: for that, `getUserMedia` is a mock.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live.live_page import expect_state, start

# A mock: as another program has the camera.
BUSY = """navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException("Could not start video source", "NotReadableError"));"""
# A mock in part: the streams are the fake camera's own, but come only once `answer()` is called, as after a prompt.
PROMPTING = """
  const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.streams = [];
  window.waiting = [];
  window.prompts = true;
  window.answer = () => waiting.splice(0).forEach((go) => go());
  window.running = () => streams.filter((stream) => stream.active).length;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (window.prompts) await new Promise((go) => waiting.push(go));
    const stream = await get(wanted);
    streams.push(stream);
    return stream;
  };"""


@pytest.fixture
def prompting(page: Page) -> Page:
    page.add_init_script(PROMPTING)
    page.goto("/live/")
    return page


def _wait_for_streams(page: Page, count: int) -> None:
    page.wait_for_function("count => streams.length === count", arg=count)
    page.wait_for_timeout(300)


def test_a_camera_that_is_busy_is_explained(page: Page):
    page.add_init_script(BUSY)
    page.goto("/live/")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text("The camera is in use")
    expect(page.locator("[data-cover]")).to_contain_text("Another program or tab may be using it")
    expect(page.get_by_role("button", name="Start")).to_be_focused()


def test_a_camera_allowed_after_stop_is_closed_again(prompting: Page):
    prompting.get_by_role("button", name="Start").click()
    prompting.get_by_role("button", name="Stop").click()
    prompting.evaluate("answer()")
    _wait_for_streams(prompting, 1)
    assert prompting.evaluate("running()") == 0
    expect_state(prompting, "off")


def test_of_two_starts_before_one_prompt_is_answered_one_camera_runs_until_stop(prompting: Page):
    prompting.get_by_role("button", name="Start").click()
    prompting.get_by_role("button", name="Stop").click()
    prompting.get_by_role("button", name="Start").click()
    prompting.evaluate("answer()")
    _wait_for_streams(prompting, 2)
    expect_state(prompting, "live")
    assert prompting.evaluate("running()") == 1
    prompting.get_by_role("button", name="Stop").click()
    expect_state(prompting, "stopped")
    assert prompting.evaluate("running()") == 0


def test_cameras_changed_quickly_leave_the_last_one_on_and_the_session_running(prompting: Page):
    prompting.evaluate("window.prompts = false")
    prompting.get_by_role("button", name="Start").click()
    expect_state(prompting, "live")
    prompting.evaluate("""async () => {
      window.prompts = true;
      const device = document.querySelector("[data-device]");
      for (const index of [1, 0, 1]) {
        device.selectedIndex = index;
        device.dispatchEvent(new Event("change"));
      }
      answer();
    }""")
    _wait_for_streams(prompting, 4)
    expect_state(prompting, "live")
    assert prompting.evaluate("running()") == 1
    assert prompting.locator("video").evaluate("video => video.srcObject === streams.at(-1) && !video.paused")


def test_a_camera_changed_while_the_one_before_begins_to_play_does_not_end_the_session(page: Page):
    start(page)
    # As soon as the first has a stream, and before it plays: its `play()` is interrupted.
    page.evaluate("""() => {
      const device = document.querySelector("[data-device]");
      const video = document.querySelector("video");
      const play = video.play.bind(video);
      video.play = () => {
        video.play = play;
        const playing = play();
        device.dispatchEvent(new Event("change"));
        return playing;
      };
      device.dispatchEvent(new Event("change"));
    }""")
    page.wait_for_timeout(1500)
    expect_state(page, "live")
    assert page.locator("video").evaluate("video => video.srcObject.active && !video.paused")


def test_a_double_click_on_start_and_on_stop_counts_as_one(prompting: Page):
    prompting.get_by_role("button", name="Start").dblclick()
    expect_state(prompting, "opening")
    prompting.evaluate("answer()")
    expect_state(prompting, "live")
    prompting.get_by_role("button", name="Stop").dblclick()
    expect_state(prompting, "stopped")
