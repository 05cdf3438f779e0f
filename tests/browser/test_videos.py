"""Videos, as somebody uploads them and looks at what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.upload_page import PEOPLE_AGREED, open_upload
from tests.support.site import PROJECT, RunningSite
from tests.support.videos import sound_of, write_video
from tests.support.worker import RunningWorker

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
PART = 4_000_000
SOON = 60_000


@pytest.fixture(scope="module")
def worker(site: RunningSite) -> Iterator[RunningWorker]:
    """A worker beside the site, as `make run` has one."""
    running = RunningWorker(site.folder, site.folder, MODELS_STORE=str(PROJECT / "models_store"))
    running.start("default")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, hopper_path: Path) -> Path:
    path = tmp_path_factory.mktemp("clips") / "my holiday.mp4"
    write_video(path, hopper_path, seconds=2.0, sound="aac", sound_seconds=2.0)
    return path


@pytest.fixture(scope="module")
def large_clip(clip: Path) -> Path:
    """The same video in three parts: an MP4 may hold a box of nothing."""
    path = clip.with_name("large.mp4")
    nothing = 2 * PART + 1000 - clip.stat().st_size
    path.write_bytes(clip.read_bytes() + nothing.to_bytes(4, "big") + b"free" + bytes(nothing - 8))
    return path


def _offsets(page: Page) -> list[int]:
    """Return a list that fills with the offsets of the parts that are sent."""
    offsets: list[int] = []

    def note(request) -> None:
        if request.method == "PUT":
            offsets.append(int(request.url.partition("offset=")[2]))

    page.on("request", note)
    return offsets


def test_an_upload_ends_on_its_sessions_page_where_the_marked_video_plays(
    page: Page, worker: RunningWorker, large_clip: Path
):
    offsets = _offsets(page)
    page.goto("/photos/new/")
    page.get_by_role("link", name="Upload a video instead").click()
    page.get_by_label(PEOPLE_AGREED).check()
    page.locator("#video").set_input_files(large_clip)
    page.wait_for_url("**/videos/*-*/")
    assert offsets == [0, PART, 2 * PART]
    expect(page.get_by_role("heading", name="large.mp4")).to_be_visible()
    page.wait_for_url("**/sessions/*/", timeout=SOON)
    video = page.locator("[data-video]")
    assert video.evaluate(
        "async v => { await v.play(); v.pause(); return [v.videoWidth, Math.round(v.duration)] }"
    ) == [
        320,
        2,
    ]
    video.evaluate("v => new Promise(done => { v.onseeked = done; v.currentTime = 1.5 })")
    assert video.evaluate("v => v.currentTime") == pytest.approx(1.5, abs=0.1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download marked video").click()
    assert download.value.suggested_filename == "large - expressions.mp4"
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"
    assert sound_of(Path(download.value.path()))[0] == "aac"
    page.goto("/videos/")
    expect(page.locator(".session-row", has_text="large.mp4")).to_be_visible()


def test_an_upload_that_broke_off_goes_on_when_the_same_file_is_chosen_again(page: Page, large_clip: Path):
    offsets = _offsets(page)
    page.route(re.compile(r"offset=4000000"), lambda route: route.abort())
    open_upload(page, "/videos/")
    with page.expect_request_finished(lambda request: request.url.endswith("offset=0")):
        page.locator("#video").set_input_files(large_clip)
    expect(page.locator("[data-sending-words]")).to_have_text("The connection was lost. Trying again…")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    row = page.locator(".video-row", has_text="Upload not finished")
    expect(row).to_contain_text("50% of 8.0 MB uploaded. Choose the same file again")
    page.unroute(re.compile(r"offset=4000000"))
    offsets.clear()
    page.get_by_label(PEOPLE_AGREED).check()
    page.locator("#video").set_input_files(large_clip)
    page.wait_for_url("**/videos/*-*/")
    assert offsets == [PART, 2 * PART]


def _lose_the_answer(page: Page, part: str, *, times: int | None = None) -> None:
    """Let parts whose address ends so reach the server, but not its answer the page."""

    def lose(route) -> None:
        route.fetch()
        route.abort()

    page.route(re.compile(part + "$"), lose, **({"times": times} if times else {}))


def _status(site: RunningSite, page: Page) -> str:
    """Return how the video is whose page is open."""
    program = f"from analysis.models import Video; print(Video.objects.get(pk={page.url.split('/')[-2]!r}).status)"
    return site.shell(program).strip()


@pytest.mark.parametrize("offset", [0, 2 * PART])
def test_a_video_that_is_whole_is_analysed_though_the_last_parts_answer_was_lost(
    page: Page, site: RunningSite, clip: Path, large_clip: Path, offset: int
):
    _lose_the_answer(page, f"offset={offset}", times=1)
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files(large_clip if offset else clip)
    page.wait_for_url(re.compile("/(videos|sessions)/[0-9a-f-]+/"))
    if "/videos/" in page.url:
        assert _status(site, page) in ("queued", "running", "finished")


def test_choosing_a_file_again_that_is_whole_leads_to_it_and_sends_nothing(page: Page, site: RunningSite, clip: Path):
    twice = {"name": "twice.mp4", "mimeType": "video/mp4", "buffer": clip.read_bytes()}
    page.clock.install()
    _lose_the_answer(page, "offset=0")
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files(twice)
    for _ in range(6):
        page.wait_for_timeout(300)
        page.clock.fast_forward(15_000)
    expect(page.locator("[data-refusal]")).to_contain_text("The connection was lost")
    page.unroute_all()
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("#video").set_input_files(twice)
    page.wait_for_url(re.compile("/(videos|sessions)/[0-9a-f-]+/"))
    assert set(sent) == {"GET"}


def test_an_upload_is_cancelled_and_leaves_nothing(page: Page, large_clip: Path):
    page.route(re.compile(r"offset=4000000"), lambda route: None)
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files(large_clip)
    expect(page.locator("[data-sending-words]")).to_contain_text("4.0 of 8.")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("“large.mp4” was cancelled.")).to_be_visible()
    expect(page.locator(".video-row", has_text="Upload not finished")).to_have_count(0)


def test_an_upload_is_not_interrupted_by_another_video_that_ends(page: Page, site: RunningSite, large_clip: Path):
    program = (
        "import datetime as dt; from accounts.models import User; from analysis.models import Video; "
        f"Video.objects.create(owner=User.objects.get(email={site.admin_email!r}), name='other.mp4', bytes=1, "
        "status='running', heartbeat_at=dt.datetime(9999, 1, 1, tzinfo=dt.UTC))"
    )
    site.shell(program)
    page.route(re.compile(r"offset=4000000"), lambda route: None)
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files(large_clip)
    expect(page.locator("[data-sending-words]")).to_contain_text("4.0 of 8.")
    end = "from analysis.models import Video; Video.objects.filter(name='other.mp4').update(status='failed')"
    site.shell(end)
    row = page.locator(".video-row", has_text="other.mp4")
    expect(row.locator("[data-status]")).to_have_text("Failed")
    expect(page.locator("[data-sending-words]")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(row.get_by_role("link", name="Delete")).to_be_visible()


def test_a_video_chosen_before_the_pages_script_has_come_is_sent_too(page: Page, clip: Path):
    script = re.compile(r"/videos/upload[.\w]*js")
    held = []
    page.route(script, lambda route: held.append(route))
    with page.expect_request(script):
        page.goto("/videos/", wait_until="commit")
    page.get_by_label(PEOPLE_AGREED).check()
    page.locator("#video").set_input_files(clip)
    held[0].continue_()
    page.wait_for_url(re.compile("/(videos|sessions)/[0-9a-f-]+/"))


def test_what_is_no_video_is_refused_with_a_reason(page: Page):
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files({"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"%PDF-1.7 and so on"})
    expect(page.locator("[data-refusal]")).to_have_text("This file is not a video. Choose an MP4, MOV or WebM file.")
    page.reload()
    expect(page.locator(".video-row", has_text="a.mp4")).to_have_count(0)


def test_too_large_a_file_is_refused_before_it_is_sent(page: Page):
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    open_upload(page, "/videos/")
    page.evaluate("""() => {
        const file = new File(["x"], "huge.mp4");
        Object.defineProperty(file, "size", { value: 600_000_000 });
        const picker = document.querySelector("#video");
        Object.defineProperty(picker, "files", { value: [file] });
        picker.dispatchEvent(new Event("change"));
    }""")
    expect(page.locator("[data-refusal]")).to_have_text("This video is 600 MB. Videos can be up to 500 MB.")
    assert set(sent) == {"GET"}


def test_a_broken_video_says_so(page: Page, worker: RunningWorker, clip: Path):
    open_upload(page, "/videos/")
    broken = {"name": "broken.mp4", "mimeType": "video/mp4", "buffer": clip.read_bytes()[:3000]}
    page.locator("#video").set_input_files(broken)
    page.wait_for_url("**/videos/*-*/")
    expect(page.get_by_text("This video cannot be opened")).to_be_visible(timeout=SOON)


def test_it_works_without_javascript(
    chromium, site: RunningSite, signed_in_state: dict, worker: RunningWorker, clip: Path
):
    context = chromium.new_context(base_url=site.url, storage_state=signed_in_state, java_script_enabled=False)
    page = context.new_page()
    open_upload(page, "/videos/")
    page.locator("#video").set_input_files(clip)
    page.get_by_role("button", name="Analyse the chosen video").click()
    page.wait_for_url("**/sessions/*/", timeout=SOON)
    expect(page.get_by_role("heading", name="my holiday.mp4")).to_be_visible()
    context.close()


@pytest.mark.parametrize("status", ["queued", "failed", "finished"])
def test_each_state_of_its_page_is_usable_by_everybody(page: Page, site: RunningSite, status: str):
    program = (
        "from accounts.models import User; from analysis.models import Video; "
        f"print(Video.objects.create(owner=User.objects.get(email={site.admin_email!r}), name='a.mp4', bytes=1, "
        f"status={status!r}, message='It is damaged.', file='videos/ab/x').pk)"
    )
    video = site.shell(program).strip()
    page.set_viewport_size(PHONE)
    for address in (f"/videos/{video}/", "/videos/", f"/videos/{video}/delete/"):
        page.goto(address)
        check_usable(page)
