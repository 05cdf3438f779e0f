"""A real Chromium whose camera plays a real face that moves, against the real server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.live.fake_camera import view
from tests.browser.live.live_page import (
    Wire,
    expect_state,
    expect_status,
    intercept_faces,
    sign_in,
    start,
    wait_until,
)
from tests.support.site import RunningSite


def _analyzed(site: RunningSite, picture: Path) -> str:
    """Return the emotion that `manage.py analyze` finds in a picture with one face."""
    said = site.manage("analyze", str(picture))
    assert "1 face" in said
    return re.search(r"angry|disgust|fear|happy|sad|surprise|neutral", said)[0]


def test_nothing_is_captured_before_somebody_agreed(browser: Browser, live_site: RunningSite):
    context = browser.new_context(base_url=live_site.url)
    page = sign_in(context, "new@example.org")
    page.goto("/live/")
    expect(page.locator("[data-consent]")).to_contain_text("No pictures: each is analysed in memory and discarded.")
    expect(page.locator("video")).to_have_count(0)
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    page.get_by_role("link", name="View or withdraw your consent").click()
    page.locator("#camera").get_by_role("button", name="Withdraw consent").click()
    page.goto("/live/")
    expect(page.locator("video")).to_have_count(0)
    context.close()


def test_the_label_that_analyze_gives_appears_and_the_face_keeps_its_id(
    page: Page, live_site: RunningSite, hopper_path: Path, tmp_path: Path
):
    picture = tmp_path / "seen.png"
    view(hopper_path, 0.4).save(picture)
    start(page)
    card = page.locator("[data-face-card]")
    expect(card).to_have_attribute("data-emotion", _analyzed(live_site, picture))
    expect(card.locator("[data-announcer]")).not_to_be_empty()
    ids = set()
    for _ in range(20):
        page.wait_for_timeout(200)
        ids.add(page.locator("[data-stage]").get_attribute("data-faces"))
    assert ids == {"1"}
    assert page.locator("[data-fps]").inner_text().isdigit()
    expect(page.locator("[data-latency]")).to_contain_text("ms")
    expect(page.locator("[data-timeline-text]")).to_contain_text("Face 1: mostly")


def test_two_frames_at_most_are_unanswered_and_each_is_480_wide(page: Page):
    answers, held = [], []

    def pass_on(socket: WebSocketRoute, message: dict) -> None:
        answers.append(message)
        if holds:
            held.append((socket, message))
        else:
            socket.send(json.dumps(message))

    holds = True
    frames = intercept_faces(page, pass_on)
    start(page)
    wait_until(page, lambda: len(frames) >= 2)
    page.wait_for_timeout(600)  # the camera goes on
    assert len(frames) == 2
    wait_until(page, lambda: len(held) == 2)
    holds = False
    for socket, message in held:
        socket.send(json.dumps(message))
    wait_until(page, lambda: len(answers) >= 20)
    assert [int.from_bytes(frame[:4], "big") for frame in frames] == list(range(1, len(frames) + 1))
    assert {frame[4:7] for frame in frames} == {b"\xff\xd8\xff"}
    boxes = [face["box"] for message in answers for face in message["faces"]]
    assert boxes
    assert all(0 <= x < x + width <= 480 for x, _, width, _ in boxes)


@pytest.mark.parametrize("width", [390, 1280])
def test_all_in_sight_are_told_together(page: Page, width: int):
    def pass_on(socket: WebSocketRoute, message: dict) -> None:
        for face in message["faces"][:1]:
            other = {**face, "id": 2, "emotion": "sad", "probabilities": [0, 0, 0, 0, 1, 0, 0]}
            message["faces"] = [{**face, "id": 1, "probabilities": [0, 0, 0, 0.8, 0, 0, 0.2]}, other]
        socket.send(json.dumps(message))

    page.set_viewport_size({"width": width, "height": 900})
    intercept_faces(page, pass_on)
    start(page)
    expect(page.locator("[data-group]")).to_have_text("All 2 faces: sad 50%, happy 40%, neutral 10%")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-group]")).to_be_hidden()


def test_stop_saves_the_session_and_its_page_replays_it(page: Page):
    start(page, record=True)
    expect_status(page, "recording")
    page.wait_for_timeout(3500)
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "stopped")
    expect(page.locator("[data-summary]")).to_contain_text("The session is in your history")
    assert page.locator("video").evaluate("video => video.srcObject") is None
    page.get_by_role("link", name="Open session").click()
    page.wait_for_url("**/sessions/*/")
    expect(page.locator("[data-replay]")).to_be_visible()
    page.locator("[data-scrubber]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-bars]")).to_contain_text("neutral")


def test_without_recording_nothing_is_kept(page: Page):
    wire = Wire().listen(page)
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-summary]")).to_contain_text("nothing was saved")
    expect(page.get_by_role("link", name="Open session")).to_be_hidden()
    assert wire.said[0] == {"type": "start", "smoothing": 0.6, "record": False}
    assert all(message.get("session") is None for message in wire.heard)


def test_a_pause_sends_nothing(page: Page):
    wire = Wire().listen(page)
    start(page)
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Pause").click()
    expect_status(page, "Nothing is sent")
    sent = wire.frames
    page.wait_for_timeout(800)
    assert wire.frames == sent
    page.get_by_role("button", name="Resume").click()
    expect_state(page, "live")
    page.wait_for_timeout(800)
    assert wire.frames > sent


def test_a_hidden_tab_rests_and_says_so(page: Page):
    wire = Wire().listen(page)
    start(page)
    hide = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange')) }", True)
    expect_status(page, "Paused while this tab is in the background")
    sent = wire.frames
    page.wait_for_timeout(600)
    assert wire.frames == sent
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange')) }", False)
    expect_state(page, "live")


def test_smoothing_is_changed_while_it_runs(page: Page):
    wire = Wire().listen(page)
    start(page)
    page.get_by_role("switch", name="Smooth over time").uncheck()
    page.wait_for_timeout(200)
    assert wire.said[-1] == {"type": "set", "smoothing": 0}
    page.get_by_role("switch", name="Smooth over time").check()
    page.get_by_role("slider", name="Smoothing").press("ArrowRight")
    page.wait_for_timeout(200)
    assert wire.said[-1] == {"type": "set", "smoothing": 0.65}
    assert not [message for message in wire.heard if message["type"] == "error"]


def test_the_chosen_camera_is_remembered(page: Page):
    start(page)
    page.locator("[data-device]").select_option(index=1)
    chosen = page.locator("[data-device]").input_value()
    assert chosen
    expect_state(page, "live")
    page.reload()
    expect(page.locator("[data-device]")).to_have_value(chosen)
