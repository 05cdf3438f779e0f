"""The live page as somebody uses it who sits before the camera."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, WebSocketRoute, expect

from tests.support.site import RunningSite

EMAIL = "live@example.org"
PHONE = {"width": 390, "height": 844}
ALLOWED = ["--use-fake-ui-for-media-stream"]
PATIENCE = 20_000
"""Milliseconds: the page gives a silent server ten seconds before it connects anew."""
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


def camera_browser(chromium: Browser, program: str, *flags: str) -> Browser:
    """Start another browser, with flags of its own about its camera."""
    return chromium.browser_type.launch(executable_path=program, args=[*FLAGS, *flags])


def sign_in(context: BrowserContext, email: str) -> Page:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(RunningSite.password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/photos/new/")
    return page


def agree(page: Page) -> None:
    page.goto("/live/")
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def start(page: Page, *, record: bool = False) -> None:
    page.goto("/live/")
    if record:
        page.get_by_role("switch", name="Record this session").check()
    page.get_by_role("button", name="Start").click()
    expect_state(page, "live")


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("[data-live]")).to_have_attribute("data-state", state)


def expect_status(page: Page, text: str) -> None:
    expect(page.locator("[data-status]")).to_contain_text(text)


def intercept_faces(page: Page, pass_on: Callable[[WebSocketRoute, dict], None]) -> list[bytes]:
    """Let `pass_on(socket, message)` send the server's messages about faces to the page, or others, or none.

    Everything else goes to and fro as without it. Return a list that fills with the frames that the page sends.
    """
    frames: list[bytes] = []

    def serve(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def send(message: str | bytes) -> None:
            if isinstance(message, bytes):
                frames.append(message)
            server.send(message)

        def receive(text: str | bytes) -> None:
            message = json.loads(text)
            if message["type"] == "faces":
                pass_on(socket, message)
            else:
                socket.send(text)

        socket.on_message(send)
        server.on_message(receive)

    page.route_web_socket("**/ws/live/", serve)
    return frames


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page run until the condition holds."""
    for _ in range(PATIENCE // 100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


@dataclass
class Wire:
    """What went over the page's sockets."""

    frames: int = 0
    answers: int = 0
    said: list[dict] = field(default_factory=list)
    heard: list[dict] = field(default_factory=list)

    def listen(self, page: Page) -> Wire:
        page.on("websocket", self._listen)
        return self

    def wait_for_answers(self, page: Page, count: int) -> None:
        """Wait until so many frames were answered."""
        wait_until(page, lambda: self.answers >= count)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, data: str | bytes) -> None:
        if isinstance(data, str):
            self.said.append(json.loads(data))
            return
        self.frames += 1
        assert int.from_bytes(data[:4], "big") == self.frames
        assert data[4:7] == b"\xff\xd8\xff"

    def _received(self, data: str) -> None:
        message = json.loads(data)
        self.heard.append(message)
        if message["type"] == "faces":
            self.answers += 1
