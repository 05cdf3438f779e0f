"""The site as an app: offline, shared photos, keyboard shortcuts, light or dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import watched_page
from tests.browser.signing_in import sign_in
from tests.browser.upload_page import PEOPLE_AGREED
from tests.support.site import RunningSite

STORED = """async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map((request) => new URL(request.url).pathname);
}"""


@pytest.fixture(scope="module")
def email(site: RunningSite) -> str:
    site.create_user("app@example.org")
    return "app@example.org"


@pytest.fixture
def app(chromium, site: RunningSite, email: str) -> Iterator[Page]:
    """A page of somebody signed in, whose service worker runs."""
    context = chromium.new_context(base_url=site.url, service_workers="allow")
    with watched_page(context) as page:
        sign_in(page, email, site.password)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        page.reload()  # one that was opened before the worker was ready may go without it
        assert page.evaluate("() => navigator.serviceWorker.controller !== null")
        yield page
    context.close()


def test_without_a_connection_it_says_so_and_has_stored_no_page(app: Page):
    app.goto("/history/")
    app.context.set_offline(True)
    app.goto("/dashboard/")

    expect(app.get_by_role("heading", name="No connection")).to_be_visible()
    expect(app.locator("body")).to_have_css("margin", "0px")  # its styles are there
    assert {path for path in app.evaluate(STORED) if not path.startswith("/static/")} == {"/offline/"}
    app.context.set_offline(False)
    app.get_by_role("link", name="Try again").click()
    expect(app.get_by_role("heading", name="Dashboard")).to_be_visible()


def share(page: Page, *files: Path) -> None:
    """Do what a phone does once somebody picks this site in its share sheet."""
    page.evaluate("""() => document.body.insertAdjacentHTML("beforeend",
        `<form method="post" action="/photos/shared/" enctype="multipart/form-data">
            <input type="file" name="photo" multiple id="from-elsewhere"><button id="share">Share</button></form>`)""")
    page.locator("#from-elsewhere").set_input_files(files)
    page.locator("#share").click()
    page.wait_for_url("**/photos/new/?shared")


def test_shared_photos_wait_until_somebody_adds_them(app: Page, hopper_path: Path):
    sent = []
    app.on("request", lambda request: sent.append(request.url) if request.url.endswith("/photos/") else None)
    app.goto("/photos/new/")
    share(app, hopper_path)

    expect(app.get_by_role("heading", name="Shared photos")).to_be_focused()
    expect(app.get_by_role("img", name=hopper_path.name)).to_be_visible()
    app.get_by_label(PEOPLE_AGREED).check()
    assert sent == []
    app.get_by_role("button", name="Upload", exact=True).click()
    expect(app.locator("[data-tiles] .photo-card-faces")).to_be_visible()
    assert len(sent) == 1
    app.reload()
    expect(app.get_by_role("heading", name="Upload photos")).to_be_visible()
    expect(app.locator("[data-shared]")).to_be_hidden()


def test_shared_photos_are_discarded(app: Page, hopper_path: Path):
    app.goto("/photos/new/")
    share(app, hopper_path)
    app.get_by_role("button", name="Discard").click()

    expect(app.locator("[data-shared]")).to_be_hidden()
    app.wait_for_function("async () => !(await caches.has('shared'))")


def test_signing_out_clears_what_the_browser_stored(app: Page, hopper_path: Path):
    app.goto("/photos/new/")
    share(app, hopper_path)
    app.locator(".site-header summary").click()
    app.get_by_role("button", name="Sign out").click()
    app.wait_for_url(re.compile(r"//[^/]+/$"))

    app.wait_for_function("async () => !(await caches.has('shared'))")


def test_keyboard_shortcuts(page: Page):
    page.goto("/photos/new/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/history/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/account/")


def test_shortcuts_are_not_for_who_types_and_can_be_switched_off(page: Page):
    page.goto("/account/delete/")
    field = page.locator("main input:not([type=hidden])").first
    field.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_hidden()
    field.blur()
    page.keyboard.press("?")
    dialog.get_by_label("Use shortcuts in this browser").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.locator(".site-header summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_label("Use shortcuts in this browser").check()


@pytest.mark.parametrize(("choice", "ground"), [("Dark", "rgb(22, 21, 24)"), ("Light", "rgb(250, 249, 247)")])
def test_the_chosen_theme_is_there_from_the_first_moment(page: Page, choice: str, ground: str):
    page.emulate_media(color_scheme="light" if choice == "Dark" else "dark")
    page.goto("/account/")
    page.locator(".site-header summary").click()
    page.get_by_text(choice, exact=True).click()
    expect(page.locator("html")).to_have_css("background-color", ground)

    for address in ("/history/", "/admin/"):
        page.route("**/*.js", lambda route: route.abort())  # the server's page alone
        page.goto(address)
        expect(page.locator("body" if "admin" in address else "html")).to_have_css("background-color", ground)
        page.unroute("**/*.js")
    page.context.clear_cookies(name="theme")


def test_a_page_tells_of_a_video_that_ended_elsewhere(page: Page, site: RunningSite):
    program = (
        "import datetime as dt; from accounts.models import User; from analysis.models import Video; "
        f"mine = Video.objects.owned_by(User.objects.get(email={site.admin_email!r})); "
    )
    beats = "status='running', heartbeat_at=dt.datetime(9999, 1, 1, tzinfo=dt.UTC)"
    begin = f"mine.create(owner=User.objects.get(email={site.admin_email!r}), name='far.mp4', bytes=1, {beats})"
    end = "mine.filter(name='far.mp4').update(status='failed', ended_at=dt.datetime.now(dt.UTC))"
    site.shell(program + begin)
    page.clock.install()
    with page.expect_response("**/api/v1/notices/*"):
        page.goto("/account/")
    site.shell(program + end)
    page.clock.fast_forward(10_000)

    notice = page.locator("[data-list] .notice")
    expect(notice).to_contain_text("“far.mp4” could not be analysed.")
    notice.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)


def test_the_browsers_own_notices_are_switched_on_where_they_are_allowed(app: Page):
    app.context.grant_permissions(["notifications"])
    app.goto("/account/notices/")
    expect(app.get_by_text("Notifications are off.")).to_be_visible()
    app.get_by_role("button", name="Turn on").click()
    expect(app.get_by_text("Notifications are on.")).to_be_visible()
    app.get_by_role("button", name="Turn off").click()
    expect(app.get_by_text("Notifications are off.")).to_be_visible()
