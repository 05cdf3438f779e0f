"""What the live page says and leads to when a session ends that nobody stopped; and what is kept of one."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live.live_page import Wire, expect_state, expect_status, start
from tests.support.site import RunningSite

FACES = {"type": "faces", "dropped": 0, "faces": [], "milliseconds": {}}
SESSION = "9757e0f8-386d-46a0-80c5-5858dae8b964"


class FakeServer:
    """A mock of the server's side of the sockets, for what the real one does only in trouble.

    `answer(socket, sequence)` is what it does with a frame.
    """

    def __init__(self, page: Page, answer, *, session: str | None = SESSION) -> None:
        self.sockets: list = []
        self.stopped = {"type": "stopped", "session": session, "frames": 9, "dropped": 0, "saved": True}
        self._answer = answer
        self._started = {"type": "started", "session": session, "model": "none", "limits": {}}
        page.route_web_socket("**/ws/live/", self._serve)

    def _serve(self, socket) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda message: self._hear(socket, message))

    def _hear(self, socket, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._answer(socket, int.from_bytes(message[:4], "big"))
        elif '"stop"' in message:
            say(socket, self.stopped)
        elif '"start"' in message:
            say(socket, self._started)


def say(socket, message: dict) -> None:
    socket.send(json.dumps(message))


def nobody(socket, sequence: int) -> None:
    say(socket, {**FACES, "sequence": sequence})


def _expect_link_to(page: Page, session: str) -> None:
    expect(page.get_by_role("link", name="Open session")).to_have_attribute("href", f"/sessions/{session}/")


def _age(site: RunningSite, session: str) -> None:
    """Let the session be as long ago as one that was paused for twenty minutes."""
    program = (
        "import datetime as dt; from analysis.models import Session; from django.db.models import F; "
        f"Session.objects.filter(pk={session!r}).update(seen_at=F('seen_at') - dt.timedelta(minutes=20))"
    )
    site.shell(program)


def test_a_recording_that_rested_too_long_says_so_and_leads_to_its_page(page: Page, live_site: RunningSite):
    wire = Wire().listen(page)
    start(page, record=True)
    wire.wait_for_answers(page, 5)
    page.wait_for_timeout(2500)
    session = wire.heard[0]["session"]
    page.get_by_role("button", name="Pause").click()
    live_site.process.kill()
    live_site.process.wait()
    _age(live_site, session)
    live_site.launch()
    page.evaluate("window.dispatchEvent(new Event('online'))")  # it tries again at once
    expect_state(page, "failed")
    expect(page.locator("[data-cover]")).to_contain_text("The recording has ended")
    expect(page.locator("[data-summary]")).to_contain_text("is in your history, unless it was deleted")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    assert page.locator("video").evaluate("video => video.srcObject") is None
    page.get_by_role("link", name="Open session").click()
    page.wait_for_url(f"**/sessions/{session}/")
    expect(page.locator("[data-replay]")).to_be_visible()


def test_recognition_that_fails_while_it_runs_ends_the_session_and_says_why(page: Page):
    def fail_from_the_fifth(socket, sequence: int) -> None:
        if sequence < 5:
            nobody(socket, sequence)
        else:
            say(socket, {"type": "error", "code": code, "message": f"It is gone: {code}."})

    server = FakeServer(page, fail_from_the_fifth)
    for count, code in enumerate(("detector_missing", "model_missing", "model_corrupt"), 1):
        start(page, record=True)
        expect_state(page, "failed")
        expect(page.locator("[data-cover]")).to_contain_text("The server has a problem")
        expect(page.locator("[data-cover]")).to_contain_text(f"It is gone: {code}.")
        _expect_link_to(page, SESSION)
        assert page.locator("video").evaluate("video => video.srcObject") is None
        page.wait_for_timeout(1500)
        assert len(server.sockets) == count


def test_a_message_that_the_server_did_not_take_leaves_the_session_running(page: Page):
    server = FakeServer(page, nobody)
    start(page)
    say(server.sockets[0], {"type": "error", "code": "bad_message", "message": "smoothing: expected a number."})
    page.wait_for_timeout(1500)
    expect_state(page, "live")


def test_a_recorded_session_that_the_server_ends_leads_to_its_page(page: Page):
    server = FakeServer(page, nobody)
    start(page, record=True)
    page.wait_for_timeout(500)
    server.sockets[0].close(code=4409)
    expect(page.locator("[data-cover]")).to_contain_text("continues elsewhere")
    _expect_link_to(page, SESSION)


def test_what_was_not_recorded_leads_nowhere(page: Page):
    server = FakeServer(page, nobody, session=None)
    start(page)
    page.wait_for_timeout(500)
    server.sockets[0].close(code=4409)
    expect_state(page, "failed")
    expect(page.locator("[data-summary]")).to_be_hidden()


def test_a_connection_that_comes_back_in_a_pause_is_not_said_to_be_live(page: Page):
    server = FakeServer(page, nobody)
    start(page, record=True)
    expect_status(page, "Live and recording.")
    page.get_by_role("button", name="Pause").click()
    server.sockets[0].close(code=1012)
    expect(page.locator("[data-live]")).to_have_attribute("data-reconnects", "1")
    expect(page.locator("[data-status]")).to_have_text("Paused. Nothing is sent.")
    page.get_by_role("button", name="Resume").click()
    expect_status(page, "Live and recording.")


@pytest.mark.parametrize(
    ("session", "sentence"),
    [(SESSION, "in your history, but no face was in the picture"), (None, "no frame was analysed")],
)
def test_stop_tells_a_session_without_faces_from_one_without_frames(page: Page, session: str | None, sentence: str):
    server = FakeServer(page, nobody)
    server.stopped["session"] = session
    start(page, record=True)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-summary]")).to_contain_text(sentence)
    expect(page.get_by_role("link", name="Open session")).to_be_visible(visible=session is not None)
