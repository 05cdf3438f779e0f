"""What the live page does and says when something is in the way: camera, network, server, consent."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.live.live_page import (
    ALLOWED,
    EMAIL,
    PHONE,
    Wire,
    agree,
    expect_state,
    expect_status,
    sign_in,
    start,
)
from tests.support.site import RunningSite


def test_withdrawing_elsewhere_ends_a_session_that_runs(browser: Browser, live_site: RunningSite):
    context = browser.new_context(base_url=live_site.url)
    page, elsewhere = sign_in(context, "new@example.org"), context.new_page()
    agree(page)
    start(page)
    elsewhere.goto("/account/consents/")
    elsewhere.locator("#camera").get_by_role("button", name="Withdraw consent").click()
    expect(page.locator("[data-cover]")).to_contain_text("Your consent is needed", timeout=15_000)
    assert page.locator("video").evaluate("video => video.srcObject") is None
    context.close()


def test_it_goes_on_when_another_tab_confirms_the_password_and_ends_when_that_signs_out(
    browser: Browser, live_site: RunningSite
):
    context = browser.new_context(base_url=live_site.url)
    page, elsewhere = sign_in(context, "new@example.org"), context.new_page()
    agree(page)
    wire = Wire().listen(page)
    start(page)
    elsewhere.goto("/accounts/reauthenticate/")
    elsewhere.get_by_label("Password").fill(live_site.password)
    elsewhere.get_by_role("button", name="Continue").click()
    elsewhere.wait_for_url(lambda url: "reauthenticate" not in url)
    expect_status(page, "Connected again.")
    assert len([message for message in wire.heard if message["type"] == "started"]) == 2
    elsewhere.goto("/accounts/logout/")
    elsewhere.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.locator("[data-cover]")).to_contain_text("You are signed out", timeout=15_000)
    context.close()


def test_it_goes_on_by_itself_after_the_server_was_killed(page: Page, live_site: RunningSite):
    wire = Wire().listen(page)
    start(page, record=True)
    page.wait_for_timeout(2500)
    session = wire.heard[0]["session"]
    live_site.process.kill()
    live_site.process.wait()
    expect_state(page, "reconnecting")
    expect_status(page, "The connection was lost. Reconnecting automatically; the picture stays on.")
    assert page.locator("video").evaluate("video => video.srcObject.active")
    live_site.launch()
    expect_status(page, "Connected again.")
    assert [message["session"] for message in wire.heard if message["type"] == "started"] == [session] * 2
    expect(page.locator("[data-stage]")).to_have_attribute("data-faces", re.compile(r"^\d+$"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("link", name="Open session")).to_have_attribute("href", f"/sessions/{session}/")


def test_a_refused_camera_is_explained(launch, opened):
    page = opened(launch("--use-fake-device-for-media-stream", "--deny-permission-prompts"))
    page.goto("/live/")
    page.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text("Camera access was denied")
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
    check_usable(page)
    context.close()


REFUSALS = {
    4401: "You are signed out",
    4403: "does not accept this address",
    4404: "The recording has ended",
    4406: "Your consent is needed",
    4409: "continues elsewhere",
    4429: "Too many live sessions",
    1008: "could not read the pictures",
}


def test_a_refusal_is_explained_and_not_tried_again(page: Page):
    tried = []

    def refuse(socket) -> None:
        tried.append(code)
        socket.close(code=code)

    page.route_web_socket("**/ws/live/", refuse)
    page.goto("/live/")
    for count, (code, sentence) in enumerate(REFUSALS.items(), 1):
        page.get_by_role("button", name="Start").click()
        expect(page.locator("[data-cover]")).to_contain_text(sentence)
        expect_state(page, "failed")
        expect(page.locator("[data-cover] a")).to_have_count(1 if code in (4401, 4406) else 0)
        page.wait_for_timeout(1200)
        assert tried == list(REFUSALS)[:count]
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
