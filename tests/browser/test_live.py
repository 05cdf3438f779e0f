"""A real Chromium whose camera plays a real face that moves, against the real server."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PROGRAMS
from tests.browser.fake_camera import view, write_film
from tests.browser.live_page import (
    ALLOWED,
    Wire,
    agree,
    camera_browser,
    expect_state,
    expect_status,
    sign_in,
    start,
)
from tests.site import RunningSite

PHONE = {"width": 390, "height": 844}
EMAIL = "live@example.org"


@pytest.fixture(scope="module")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site of this file's own, as it is stopped and started again; also reached by a name, without HTTPS."""
    running = RunningSite(tmp_path_factory.mktemp("live"), SITE_HOSTS="127.0.0.1,expressions.test")
    running.start()
    for email in (EMAIL, "new@example.org"):
        running.create_user(email, superuser=email == EMAIL)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def launch(chromium: Browser) -> Iterator[Callable[..., Browser]]:
    """Start a browser with flags about its camera."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)))
    started: list[Browser] = []

    def launch(*flags: str) -> Browser:
        started.append(camera_browser(chromium, program, *flags))
        return started[-1]

    yield launch
    for browser in started:
        browser.close()


def _playing(film: Path) -> list[str]:
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


@pytest.fixture(scope="module")
def browser(launch, tmp_path_factory: pytest.TempPathFactory, hopper_path: Path) -> Browser:
    """Its camera is allowed and plays the film."""
    return launch(*ALLOWED, *_playing(write_film(tmp_path_factory.mktemp("film") / "face.mjpeg", hopper_path)))


@pytest.fixture(scope="module")
def state(browser: Browser, live_site: RunningSite) -> dict:
    """Cookies of somebody who agreed to the camera."""
    context = browser.new_context(base_url=live_site.url)
    agree(sign_in(context, EMAIL))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def opened(live_site: RunningSite, state: dict) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser; it fails the test when the page itself does."""
    contexts, failures = [], []

    def opened(browser: Browser, **options: object) -> Page:
        context = browser.new_context(base_url=live_site.url, storage_state=state, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda m: failures.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def page(browser: Browser, opened) -> Page:
    return opened(browser)


def _analyzed(site: RunningSite, picture: Path) -> str:
    """Return the emotion that `manage.py analyze` finds in a picture with one face."""
    said = site.manage("analyze", str(picture))
    assert "1 face" in said
    return re.search(r"angry|disgust|fear|happy|sad|surprise|neutral", said)[0]


def test_nothing_is_captured_before_somebody_agreed(browser: Browser, live_site: RunningSite):
    context = browser.new_context(base_url=live_site.url)
    page = sign_in(context, "new@example.org")
    page.goto("/live/")
    expect(page.locator("[data-consent]")).to_contain_text("Never a picture")
    expect(page.locator("video")).to_have_count(0)
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    page.get_by_role("link", name="What you agreed to").click()
    page.locator("#camera").get_by_role("button", name="Withdraw my consent").click()
    page.goto("/live/")
    expect(page.locator("video")).to_have_count(0)
    context.close()


def test_withdrawing_elsewhere_ends_a_session_that_runs(browser: Browser, live_site: RunningSite):
    context = browser.new_context(base_url=live_site.url)
    page, elsewhere = sign_in(context, "new@example.org"), context.new_page()
    agree(page)
    start(page)
    elsewhere.goto("/account/consents/")
    elsewhere.locator("#camera").get_by_role("button", name="Withdraw my consent").click()
    expect(page.locator("[data-cover]")).to_contain_text("Your consent is needed", timeout=15_000)
    assert page.locator("video").evaluate("video => video.srcObject") is None
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
    wire = Wire().listen(page)
    start(page)
    page.wait_for_timeout(2000)
    assert wire.frames >= wire.answers > 10
    assert 1 <= wire.most_unanswered <= 2
    boxes = [face["box"] for message in wire.heard if message["type"] == "faces" for face in message["faces"]]
    assert boxes
    assert all(0 <= x < x + width <= 480 for x, _, width, _ in boxes)


def test_stop_saves_the_session_and_its_page_replays_it(page: Page):
    start(page, record=True)
    expect_status(page, "recording")
    page.wait_for_timeout(3500)
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "stopped")
    expect(page.locator("[data-summary]")).to_contain_text("It is in your history")
    assert page.locator("video").evaluate("video => video.srcObject") is None
    page.get_by_role("link", name="Open the session").click()
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
    expect(page.locator("[data-summary]")).to_contain_text("nothing was kept")
    expect(page.get_by_role("link", name="Open the session")).to_be_hidden()
    assert wire.said[0] == {"type": "start", "smoothing": 0.6, "record": False}
    assert all(message.get("session") is None for message in wire.heard)


def test_it_goes_on_by_itself_after_the_server_was_killed(page: Page, live_site: RunningSite):
    wire = Wire().listen(page)
    start(page, record=True)
    page.wait_for_timeout(2500)
    session = wire.heard[0]["session"]
    live_site.process.kill()
    live_site.process.wait()
    expect_state(page, "reconnecting")
    expect_status(page, "The connection dropped. Trying again by itself; the camera stays on.")
    assert page.locator("video").evaluate("video => video.srcObject.active")
    live_site.launch()
    expect_status(page, "Connected again.")
    assert [message["session"] for message in wire.heard if message["type"] == "started"] == [session] * 2
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", re.compile(r"^\d+$"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("link", name="Open the session")).to_have_attribute("href", f"/sessions/{session}/")


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


def test_the_chosen_camera_is_remembered(page: Page):
    start(page)
    page.locator("[data-device]").select_option(index=1)
    chosen = page.locator("[data-device]").input_value()
    assert chosen
    expect_state(page, "live")
    page.reload()
    expect(page.locator("[data-device]")).to_have_value(chosen)


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
    page = opened(launch(*ALLOWED, *_playing(film)))
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


def test_a_dark_picture_gets_a_hint(launch, opened, tmp_path: Path, hopper_path: Path):
    film = write_film(tmp_path / "dark.mjpeg", hopper_path, brightness=0.1)
    page = opened(launch(*ALLOWED, *_playing(film)))
    start(page)
    expect(page.locator("[data-hint]")).to_contain_text("dark")


def test_a_refused_camera_is_explained(launch, opened):
    page = opened(launch("--use-fake-device-for-media-stream", "--deny-permission-prompts"))
    page.goto("/live/")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text("The camera was refused")
    expect(page.locator("[data-cover]")).to_contain_text("Allow the camera for this site")
    expect(page.get_by_role("button", name="Start")).to_be_focused()


def test_a_missing_camera_is_explained(launch, opened):
    page = opened(launch(*ALLOWED, "--use-fake-device-for-media-stream=device-count=0"))
    page.goto("/live/")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-cover]")).to_contain_text("No camera was found")


def test_over_plain_http_the_page_says_why_and_how(launch, live_site: RunningSite):
    browser = launch("--host-resolver-rules=MAP expressions.test 127.0.0.1")
    context = browser.new_context(base_url=f"http://expressions.test:{live_site.port}", viewport=PHONE)
    page = sign_in(context, EMAIL)
    page.goto("/live/")
    expect(page.locator("[data-cover]")).to_contain_text("The camera needs HTTPS")
    expect(page.locator("[data-https]")).to_contain_text("reverse_proxy")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    _check(page)
    context.close()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4401, "You are signed out"),
        (4403, "does not accept this address"),
        (4404, "The recording is gone"),
        (4406, "Your consent is needed"),
        (4409, "went on elsewhere"),
        (4429, "Too many live sessions"),
        (1008, "could not read the pictures"),
    ],
)
def test_a_refusal_is_explained_and_not_tried_again(page: Page, code: int, sentence: str):
    tried = []

    def refuse(socket) -> None:
        tried.append(code)
        socket.close(code=code)

    page.route_web_socket("**/ws/live/", refuse)
    page.goto("/live/")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text(sentence)
    expect(page.locator("[data-cover] a")).to_have_count(1 if code in (4401, 4406) else 0)
    page.wait_for_timeout(1200)
    assert len(tried) == 1
    assert page.locator("video").evaluate("video => video.srcObject") is None


def _started(socket) -> None:
    socket.send('{"type": "started", "session": null, "model": "none", "limits": {}}')


def test_lost_answers_are_counted_and_then_the_connection_is_made_anew(page: Page):
    connections, frames = [], []

    def swallow(socket) -> None:
        connections.append(socket)
        socket.on_message(lambda message: frames.append(message) if isinstance(message, bytes) else _started(socket))

    page.route_web_socket("**/ws/live/", swallow)
    start(page)
    expect(page.locator("[data-dropped]")).not_to_have_text("0")
    assert len(frames) >= 2
    expect_status(page, "Connected again")
    assert len(connections) == 2


def test_a_connection_that_rested_in_a_pause_is_made_anew_after_it(page: Page):
    connections = []

    def serve(socket) -> None:
        connections.append(socket)
        socket.on_message(lambda message: None if isinstance(message, bytes) else _started(socket))

    page.route_web_socket("**/ws/live/", serve)
    start(page)
    page.get_by_role("button", name="Pause").click()
    connections[0].close(code=4408)
    page.wait_for_timeout(1000)
    expect_state(page, "paused")
    assert len(connections) == 1
    page.get_by_role("button", name="Resume").click()
    expect_state(page, "live")
    assert len(connections) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_usable_with_assistive_technology_and_fits_a_phone(page: Page, scheme: str):
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)
    page.goto("/live/")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    _check(page)
    start(page)
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", "1")
    _check(page)
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "stopped")
    _check(page)


def _check(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def test_it_weighs_less_than_300_kilobytes(page: Page):
    weights: list[int] = []

    def weigh(request) -> None:
        sizes = request.sizes()
        weights.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.on("requestfinished", weigh)
    page.goto("/live/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) < 300_000
