"""The live page as somebody uses it who sits before the camera."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

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


def check_usable(page: Page) -> None:
    """Assert that assistive technology gets along with the page, and that nothing sticks out to the side."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


@dataclass
class Wire:
    """What went over the page's sockets; `most_unanswered` is the most frames that ever waited for an answer.

    An answer settles the frames before its own, too: one that gave way to a newer one gets none.
    """

    frames: int = 0
    answers: int = 0
    settled: int = 0
    most_unanswered: int = 0
    said: list[dict] = field(default_factory=list)
    heard: list[dict] = field(default_factory=list)

    def listen(self, page: Page) -> Wire:
        page.on("websocket", self._listen)
        return self

    def wait_for_answers(self, page: Page, count: int) -> None:
        """Wait until so many frames were answered."""
        for _ in range(PATIENCE // 100):
            if self.answers >= count:
                return
            page.wait_for_timeout(100)
        raise AssertionError(f"expected {count} answers; got {self.answers}")

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
        self.most_unanswered = max(self.most_unanswered, self.frames - self.settled)

    def _received(self, data: str) -> None:
        message = json.loads(data)
        self.heard.append(message)
        if message["type"] == "faces":
            self.answers += 1
            self.settled = message["sequence"]
