"""How the live page looks and is used: the circle over the face, keyboard, screen readers, phones, weight."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live.fake_camera import playing, write_film
from tests.browser.live.live_page import ALLOWED, PHONE, Wire, check_usable, expect_state, start


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


# The topmost pixel drawn over the picture, on the page and within the circle: [x, y].
TOP = """canvas => {
  const { width, height, clientWidth } = canvas;
  const scale = clientWidth / width;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const row = data.findIndex((value, i) => i % 4 === 3 && value > 200) >> 2;
  const y = Math.floor(row / width);
  const columns = [...Array(width).keys()].filter((x) => data[4 * (y * width + x) + 3] > 200);
  return [(scale * (columns[0] + columns.at(-1))) / 2, scale * y];
}"""


@pytest.mark.parametrize("mirrored", [True, False])
def test_the_circle_lies_round_the_face(launch, opened, tmp_path: Path, hopper_path: Path, mirrored: bool):
    film = write_film(tmp_path / "still.mjpeg", hopper_path, moves=False)
    page = opened(launch(*ALLOWED, *playing(film)))
    wire = Wire().listen(page)
    start(page)
    page.get_by_role("switch", name="Mirror the picture").set_checked(mirrored)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    page.wait_for_timeout(1000)
    x, y, width, height = next(m for m in reversed(wire.heard) if m["type"] == "faces")["faces"][0]["box"]
    scale = page.locator("[data-overlay]").evaluate("canvas => canvas.clientWidth") / 480
    middle = x + width / 2
    top = page.locator("[data-overlay]").evaluate(TOP)
    assert top[0] == pytest.approx(scale * (480 - middle if mirrored else middle), abs=8)
    assert top[1] == pytest.approx(scale * (y + height / 2 - 0.62 * max(width, height)) - 3, abs=8)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_usable_with_assistive_technology_and_fits_a_phone(page: Page, scheme: str):
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)
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

    page.on("requestfinished", weigh)
    page.goto("/live/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) < 300_000
