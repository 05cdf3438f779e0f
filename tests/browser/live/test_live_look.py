"""How the live page looks and is used: the circle over the face, keyboard, screen readers, phones, weight."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from analysis.recognition.faces import Box
from analysis.recognition.framing import frame_of_box
from tests.browser.accessibility import check_usable
from tests.browser.live.live_page import PHONE, expect_state, intercept_faces, start


def test_it_starts_and_stops_by_keyboard_alone(page: Page):
    page.goto("/live/")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    _tab_to(page, "start")
    page.keyboard.press("Enter")
    expect_state(page, "live")
    _tab_to(page, "pause")
    page.keyboard.press("Space")
    expect_state(page, "paused")
    assert page.evaluate("'resume' in document.activeElement.dataset")
    _tab_to(page, "stop")
    page.keyboard.press("Enter")
    expect_state(page, "stopped")
    assert page.evaluate("'summary' in document.activeElement.dataset")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(30):
        if page.evaluate("name => name in document.activeElement.dataset", name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


# The topmost pixel drawn over the picture, on the page and within the circle: [x, y]; null where nothing is drawn.
TOP = """() => {
  const canvas = document.querySelector("[data-overlay]");
  const { width, height, clientWidth } = canvas;
  const scale = clientWidth / width;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const row = data.findIndex((value, i) => i % 4 === 3 && value > 200) >> 2;
  if (row < 0) return null;
  const y = Math.floor(row / width);
  const columns = [...Array(width).keys()].filter((x) => data[4 * (y * width + x) + 3] > 200);
  return [(scale * (columns[0] + columns.at(-1))) / 2, scale * y];
}"""


def test_the_circle_lies_round_the_face(page: Page):
    seen: list[list[dict]] = []

    def pass_on(socket: WebSocketRoute, message: dict) -> None:
        # The first face that the server finds, again and again: a moving one is elsewhere by the time we look.
        if message["faces"]:
            seen.append(seen[0] if seen else message["faces"])
            message["faces"] = seen[0]
        socket.send(json.dumps(message))

    intercept_faces(page, pass_on)
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    for mirrored in (True, False):
        page.get_by_role("switch", name="Mirror the picture").set_checked(mirrored)
        page.wait_for_timeout(500)  # the circle glides
        x, y, width, height = seen[0][0]["box"]
        scale = page.locator("[data-overlay]").evaluate("canvas => canvas.clientWidth") / 480
        middle = x + width / 2
        top = page.wait_for_function(TOP).json_value()
        assert top[0] == pytest.approx(scale * (480 - middle if mirrored else middle), abs=8)
        frame = frame_of_box(Box(x, y, width, height))
        assert top[1] == pytest.approx(scale * frame.y - 3, abs=8)


def test_it_is_usable_with_assistive_technology_and_fits_a_phone(page: Page):
    page.set_viewport_size(PHONE)
    page.goto("/live/")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    check_usable(page)
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    check_usable(page)
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "stopped")
    check_usable(page)


def test_it_weighs_less_than_300_kilobytes(page: Page):
    weights: list[int] = []

    def weigh(request) -> None:
        sizes = request.sizes()
        weights.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", weigh)
    page.goto("/live/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) < 300_000
