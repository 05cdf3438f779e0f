"""What the live page suggests when it sees too little."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_usable
from tests.browser.live.fake_camera import playing, write_film
from tests.browser.live.live_page import ALLOWED, start


@pytest.mark.parametrize(
    ("film", "sentence"),
    [
        ({"brightness": 0.1}, "It is too dark"),
        ({"share": 0.25}, "Move closer"),
        ({"portrait": None}, "No face in the picture"),
    ],
)
def test_a_picture_with_too_little_in_it_gets_a_hint(
    launch, opened, tmp_path: Path, hopper_path: Path, film: dict, sentence: str
):
    options = {"portrait": hopper_path, **film}
    page = opened(launch(*ALLOWED, *playing(write_film(tmp_path / "film.y4m", **options))))
    start(page)
    expect(page.locator("[data-hint]")).to_contain_text(sentence)
    check_usable(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-hint]")).to_be_empty()


def test_a_face_that_is_there_and_near_gets_none(page):
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    page.wait_for_timeout(2500)
    expect(page.locator("[data-hint]")).to_be_empty()
