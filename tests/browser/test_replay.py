"""What somebody finds of a session afterwards: its replay, by keyboard too; its name, its notes, its end."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.signing_in import sign_in
from tests.support.site import RunningSite

PHONE = {"width": 390, "height": 844}
MAKE = """
from accounts.models import User
from tests.analysis.session_factories import *
owner = User.objects.get(email={email!r})
talk = make_session(owner, {{s: "happy" if s < 30 else "sad" for s in [*range(40), *range(50, 60)]}}, name="Talk")
add_samples(talk, ((s, 2, "fear") for s in range(20)))
long = make_session(owner, name="Long", seconds=1800)
fill_session(long, range(0, 1800, 2), faces={{1: "happy"}})
fill_session(long, range(1, 1800, 2), faces={{1: "sad"}})
gone = make_session(owner, {{0: "happy"}}, name="To delete")
renamed = make_session(owner, {{0: "happy"}}, name="To rename")
print(*(session.pk for session in (talk, long, gone, renamed)))
"""
MAKE_VIDEO = """
import numpy
from pathlib import Path
from django.conf import settings
from accounts.models import User
from analysis.models import Video
from analysis.recognition.video.writer import VideoWriter
from tests.analysis.session_factories import *
owner = User.objects.get(email={email!r})
path = Path(settings.MEDIA_ROOT, "videos", "film.mp4")
path.parent.mkdir(parents=True, exist_ok=True)
with VideoWriter(path, 160, 90) as film:
    for number in range(100):
        film.write(numpy.full((90, 160, 3), number, numpy.uint8), number / 10, 0.1)
session = make_session(owner, {{s: "happy" for s in range(10)}}, name="Film", source="video", seconds=10)
Video.objects.create(owner=owner, session=session, name="film.mp4", annotated="videos/film.mp4", bytes=1, received=1,
    status="finished", progress=1, width=160, height=90, seconds=10)
print(session.pk)
"""


@pytest.fixture(scope="module")
def addresses(site: RunningSite) -> dict[str, str]:
    """Where four sessions of the administrator's are."""
    made = site.shell(MAKE.format(email=site.admin_email)).split()
    return {name: f"/sessions/{pk}/" for name, pk in zip(("talk", "long", "gone", "renamed"), made, strict=True)}


def _open(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.get_by_role("slider")).to_be_visible()
    return page


def _expect_moment(page: Page, time: str) -> None:
    expect(page.locator("[data-time]")).to_have_text(re.compile(rf"^{time} · "))


def _press(page: Page, *keys: str) -> None:
    slider = page.get_by_role("slider")
    for key in keys:
        slider.press(key)


def test_the_keyboard_moves_through_the_session(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    _expect_moment(page, "0:00")
    _press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    _expect_moment(page, "0:03")
    expect(page.locator("[data-faces] .face-title")).to_have_text(["Happy 73%", "Fear 73%"])
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "0:03: Face 1: happy 73%; Face 2: fear 73%")
    _press(page, "End")
    _expect_moment(page, "0:59")
    expect(page.locator("[data-faces] .face-title")).to_have_text(["Sad 89%"])
    _press(page, "Home", "ArrowLeft")
    _expect_moment(page, "0:00")


def test_a_moment_without_anybody_says_so(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    _press(page, "End", *["ArrowLeft"] * 14)
    _expect_moment(page, "0:45")
    expect(page.get_by_text("No face at this moment")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "0:45: no face found")


def test_a_click_on_the_chart_goes_there(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    canvas = page.locator("[data-chart]")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] - 12, "y": box["height"] / 3})
    _expect_moment(page, "0:59")


def test_one_face_can_be_shown_alone(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    page.get_by_role("button", name="Face 2").click()
    expect(page.get_by_role("button", name="Face 2")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-faces] .face-title")).to_have_text(["Fear 70%"])
    expect(page.get_by_text("n = 20 seconds of face 2")).to_be_visible()
    page.get_by_role("button", name="All faces").click()
    expect(page.locator("[data-faces] .face-card")).to_have_count(2)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_face_gets_a_name(page: Page, addresses: dict[str, str], width: int):
    page.set_viewport_size({"width": width, "height": 900})
    _open(page, addresses["talk"])
    page.get_by_text(re.compile("Name this face|Change name")).nth(1).click()
    page.get_by_label("Name of face 2").fill(f"Anna {width}")
    page.get_by_label("Name of face 2").press("Enter")
    expect(page.get_by_role("button", name=f"Anna {width}")).to_be_visible()
    expect(page.locator("[data-faces] .face-card").nth(1)).to_contain_text(f"Anna {width}")
    check_usable(page)
    page.get_by_text("Change name").click()
    page.get_by_label("Name of face 2").fill("")
    page.get_by_label("Name of face 2").press("Enter")
    expect(page.get_by_role("button", name="Face 2")).to_be_visible()


def test_it_plays_faster_pauses_and_ends(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    page.get_by_text("16×").click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-time]")).to_have_text(re.compile(r"^0:[1-5]"))
    page.get_by_role("button", name="Pause").click()
    stopped = page.locator("[data-time]").inner_text()
    page.wait_for_timeout(300)
    assert page.locator("[data-time]").inner_text() == stopped
    page.get_by_role("button", name="Play").click()
    _expect_moment(page, "0:59")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_long_session_is_exact_to_the_second_where_one_looks(page: Page, addresses: dict[str, str]):
    _open(page, addresses["long"])
    expect(page.get_by_text("Mean probabilities of 2 seconds each")).to_be_visible()
    title = page.locator("[data-faces] .face-title")
    expect(title).to_have_text("Happy 80%")
    _press(page, "ArrowRight")
    expect(title).to_have_text("Sad 80%")
    _press(page, "PageUp", "PageUp")
    expect(page.locator("[data-faces]")).not_to_contain_text("mean of this section")


def test_a_video_goes_where_the_slider_goes(page: Page, site: RunningSite):
    made = site.shell(MAKE_VIDEO.format(email=site.admin_email))
    _open(page, f"/sessions/{made.split()[-1]}/")
    video = page.locator("video")
    page.wait_for_function("document.querySelector('video').readyState > 0")
    _press(page, *["ArrowRight"] * 4)
    assert video.evaluate("video => video.currentTime") == 4
    expect(page.locator("[data-time]")).to_have_text("0:04")
    page.get_by_text("4×").click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-time]")).to_have_text("0:09")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert video.evaluate("video => video.currentTime") > 9


def test_a_name_is_changed_in_place(page: Page, addresses: dict[str, str]):
    _open(page, addresses["renamed"])
    page.get_by_role("button", name="Rename").click()
    field = page.locator("#session-name")
    expect(field).to_be_focused()
    field.fill("   ")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("Enter a name of up to 120 characters")).to_be_visible()
    field.fill("Dress rehearsal")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dress rehearsal")
    expect(page.get_by_role("button", name="Rename")).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dress rehearsal")


def test_a_renaming_can_be_given_up(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    page.get_by_role("button", name="Rename").click()
    page.locator("#session-name").fill("Other")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("Talk")


def test_notes_stay_while_the_server_is_away_and_are_saved_later(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    page.get_by_role("textbox", name="Notes").fill("She laughed.\nTwice.")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="Save notes").click()
    expect(page.get_by_text("the server cannot be reached")).to_be_visible()
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("She laughed.\nTwice.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save notes").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("She laughed.\nTwice.")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_sliders_track_is_as_wide_as_the_chart(page: Page, addresses: dict[str, str], width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(addresses["talk"])
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    left, right = page.evaluate(
        """() => {
          const canvas = document.querySelector("[data-chart]");
          const { left, right } = Chart.getChart(canvas).chartArea;
          return [left, right].map((x) => x + canvas.getBoundingClientRect().left);
        }"""
    )
    box, thumb = slider.bounding_box(), 16
    assert box["x"] + thumb / 2 == pytest.approx(left, abs=1)
    assert box["x"] + box["width"] - thumb / 2 == pytest.approx(right, abs=1)


def test_the_chart_is_saved_as_a_picture(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    with page.expect_download() as saved:
        shown = page.locator("[data-chart]").evaluate("canvas => canvas.getBoundingClientRect().width")
        page.get_by_role("button", name="Download image").click()
    assert saved.value.suggested_filename == "Talk - timeline.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    with Image.open(saved.value.path()) as picture:
        assert picture.width == 2400
    assert page.locator("[data-chart]").evaluate("canvas => canvas.getBoundingClientRect().width") == shown


def test_the_samples_are_saved_as_csv(page: Page, addresses: dict[str, str]):
    _open(page, addresses["talk"])
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download CSV").click()
    lines = saved.value.path().read_text().splitlines()
    assert len(lines) == 1 + 50 + 20


def test_a_session_is_deleted_after_a_question(page: Page, addresses: dict[str, str]):
    _open(page, addresses["gone"])
    page.get_by_role("link", name="Delete").click()
    expect(page.locator("#delete-dialog")).to_contain_text("You can undo this for 10 seconds")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Delete").click()
    page.locator("#delete-dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/sessions/")
    expect(page.get_by_text("Deleted: 1 session")).to_be_visible()
    assert page.goto(addresses["gone"]).status == 404


def test_without_a_script_the_table_and_the_forms_are_there(chromium, site, signed_in_state, addresses):
    context = chromium.new_context(base_url=site.url, storage_state=signed_in_state, java_script_enabled=False)
    page = context.new_page()
    page.goto(addresses["talk"])
    expect(page.get_by_role("button", name="Save name")).to_be_visible()
    expect(page.get_by_role("button", name="Save notes")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_text("Timeline as a table").click()
    expect(page.get_by_role("row", name="0:00 to 0:01")).to_be_visible()
    context.close()


@pytest.mark.parametrize("name", ["list", "talk", "long"])
def test_a_page_on_a_phone_can_be_used_by_everybody(page: Page, addresses: dict[str, str], name: str):
    page.set_viewport_size(PHONE)
    page.goto({"list": "/sessions/", **addresses}[name])
    page.wait_for_load_state("networkidle")
    check_usable(page)
    if name != "list":
        page.get_by_text("Timeline as a table").click()
        page.get_by_role("button", name="Rename").click()
        check_usable(page)


def test_an_empty_list_can_be_used_by_everybody(chromium, site: RunningSite):
    email = "nobody@example.org"
    site.create_user(email)
    context = chromium.new_context(base_url=site.url, viewport=PHONE)
    page = context.new_page()
    sign_in(page, email, site.password)
    page.goto("/sessions/")
    expect(page.get_by_text("No sessions yet")).to_be_visible()
    check_usable(page)
    context.close()


@pytest.mark.parametrize("name", ["list", "talk", "long"])
def test_a_page_weighs_less_than_300_kilobytes(page: Page, addresses: dict[str, str], name: str):
    weights: list[int] = []

    def weigh(response) -> None:
        sizes = response.request.sizes()
        weights.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto({"list": "/sessions/", **addresses}[name])
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) < 300_000
