"""The dashboard in a browser: drawn from the site's numbers, used by mouse, by keyboard, and without a script."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable
from tests.browser.signing_in import sign_in
from tests.support.site import RunningSite

EMAIL = "dashboard@example.org"
FILL = """
import datetime as dt
from accounts.models import User
from analysis.history.sums import HistoryEntry, add_to_history
from analysis.recognition.emotions import EMOTIONS
user = User.objects.get(email={email!r})
now = dt.datetime.now(dt.UTC)
counted = []
for ago in range(40):
    for source, emotion, n in (("photo", "happy", 3 * (ago % 4)), ("live", "neutral", ago % 5)):
        probabilities = tuple(0.7 if each == emotion else 0.05 for each in EMOTIONS)
        at = now - dt.timedelta(days=ago)
        counted += [HistoryEntry(user.pk, at, source, "residual-1", emotion, probabilities)] * n
add_to_history(counted)
"""


@pytest.fixture(scope="module")
def state(chromium, site: RunningSite) -> dict:
    """Cookies of somebody whose last forty days have faces."""
    site.create_user(EMAIL)
    site.shell(FILL.format(email=EMAIL))
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, EMAIL, site.password)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def page_and_failures(chromium, site: RunningSite, state: dict) -> Iterator[tuple[Page, list[str]]]:
    """A page for the whole file, since one of its own for each test costs a second, and the errors in it."""
    context = chromium.new_context(base_url=site.url, storage_state=state)
    context.set_default_timeout(15_000)
    page, failures = context.new_page(), []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda m: failures.append(m.text) if m.type == "error" else None)
    yield page, failures
    context.close()


@pytest.fixture
def open_page(page_and_failures: tuple[Page, list[str]]) -> Iterator[Callable[..., Page]]:
    """Open the dashboard; the test fails when the page itself does."""
    page, failures = page_and_failures
    failures.clear()

    def open_page(address: str = "/dashboard/", *, width: int = 1280, height: int = 800) -> Page:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    assert failures == []


def ink(page: Page, chart: str) -> list[int]:
    """The pixels of a chart's canvas that are not blank, counted, and the sum of their reds, greens and blues."""
    return page.evaluate(
        """(chart) => {
          const canvas = document.querySelector(`[data-chart="${chart}"] canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const sums = [0, 0, 0, 0];
          for (let i = 0; i < data.length; i += 4) {
            if (!data[i + 3]) continue;
            sums[0] += 1;
            for (const part of [0, 1, 2]) sums[part + 1] += data[i + part];
          }
          return sums;
        }""",
        chart,
    )


def test_it_draws_three_charts_and_redraws_them_for_other_days(open_page):
    page = open_page()
    month = {chart: ink(page, chart) for chart in ("shares", "counts", "means")}
    assert all(pixels > 2000 for pixels, *_ in month.values())
    page.get_by_role("navigation", name="Days").get_by_role("link", name="7 days").click()
    page.wait_for_url("**days=7**")
    page.wait_for_load_state("networkidle")
    assert all(ink(page, chart) != month[chart] for chart in month)
    assert page.get_by_role("link", name="7 days").get_attribute("aria-current") == "true"


def test_days_of_ones_own_choice_are_compared_with_others(open_page):
    page = open_page()
    today = dt.datetime.now(dt.UTC).date()
    page.get_by_text("Dates, interval and comparison").click()
    form = page.locator(".dashboard-form")
    form.get_by_label("From", exact=True).fill(str(today - dt.timedelta(days=9)))
    form.get_by_label("To", exact=True).fill(str(today))
    form.get_by_label("Interval").select_option("week")
    form.get_by_label("Compare from").fill(str(today - dt.timedelta(days=39)))
    form.get_by_label("Compare to").fill(str(today - dt.timedelta(days=30)))
    form.get_by_role("button", name="Apply").click()
    page.wait_for_url("**interval=week**")
    heads = page.get_by_role("region", name="Two periods compared").or_(page.locator(".compare").first).locator("thead")
    expect(heads.first).to_contain_text("faces")
    expect(page.locator(".compare").first.locator("tbody tr")).to_have_count(7)


def test_the_keyboard_leads_behind_a_bar_by_the_table(open_page):
    page = open_page("/dashboard/?days=7&source=photo")
    summary = page.get_by_text("Show the numbers and their sources")
    summary.focus()
    page.keyboard.press("Enter")
    link = page.locator(".table-numbers").first.get_by_role("link").first
    expect(link).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/history/?since=**")


def test_a_click_on_a_bar_of_one_source_goes_there_with_its_emotion(open_page):
    page = open_page("/dashboard/?days=7&source=photo")
    x, y = page.evaluate(
        """() => {
          const chart = Chart.getChart(document.querySelector("[data-chart=shares] canvas"));
          const metas = chart.getSortedVisibleDatasetMetas();
          const happy = metas.find(({ label }) => label === "happy");
          const index = happy.data.findIndex((bar) => bar.height > 20);
          const { x, y, base } = happy.data[index].getProps(["x", "y", "base"], true);
          return [x, (y + base) / 2];
        }"""
    )
    page.locator("[data-chart=shares] canvas").click(position={"x": x, "y": y})
    page.wait_for_url("**/history/?since=**emotion=happy")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_live_time_is_counted_apart_in_minutes(open_page, width, theme):
    page = open_page(width=width)
    page.emulate_media(color_scheme=theme)
    page.get_by_role("navigation", name="Source").get_by_role("link", name="Live sessions").click()
    page.wait_for_url("**source=live**")
    expect(page.locator(".key-figures")).to_contain_text("Time with faces")
    expect(page.locator(".compare").last.locator("thead")).to_contain_text("Photos")
    check_usable(page)


def test_the_legend_takes_an_emotion_out_of_all_charts(open_page):
    page = open_page()
    before = {chart: ink(page, chart) for chart in ("shares", "counts", "means")}
    happy = page.get_by_role("button", name="Happy")
    happy.click()
    expect(happy).to_have_attribute("aria-pressed", "false")
    assert all(ink(page, chart) != before[chart] for chart in before)
    happy.click()
    assert {chart: ink(page, chart) for chart in before} == before


def test_charts_follow_the_theme(open_page):
    page = open_page()
    light = ink(page, "means")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    assert ink(page, "means")[1:] != light[1:]


@pytest.mark.parametrize("kind", ["Download shares as PNG", "Download numbers as PNG"])
def test_a_chart_is_kept_as_a_png(open_page, kind):
    page = open_page("/dashboard/?days=7")
    with page.expect_download() as download:
        page.get_by_role("link", name=kind).click()
    picture = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert (picture.format, picture.size) == ("PNG", (1600, 900))
    assert download.value.suggested_filename.startswith("expressions-")


def test_without_a_script_there_are_pictures_tables_and_forms(chromium, site: RunningSite, state: dict):
    context = chromium.new_context(base_url=site.url, storage_state=state, java_script_enabled=False)
    page = context.new_page()
    page.goto("/dashboard/?days=7")
    pictures = page.locator(".chart img")
    expect(pictures).to_have_count(3)
    assert all(picture.bounding_box()["width"] > 300 for picture in pictures.all())
    expect(page.locator(".chart canvas").first).to_be_hidden()
    page.get_by_text("Dates, interval and comparison").click()
    page.get_by_label("Interval").select_option("hour")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**interval=hour**")
    page.get_by_text("Show the numbers and their sources").click()
    expect(page.locator(".table-numbers").first.get_by_role("link").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_used_with_assistive_technology(open_page, width):
    page = open_page(width=width)
    page.get_by_text("Dates, interval and comparison").click()
    for summary in page.locator(".chart-table summary").all():
        summary.click()
    check_usable(page)


def test_a_phones_tabs_fit(open_page):
    page = open_page(width=320, height=640)
    tabs = page.get_by_role("navigation", name="Main").get_by_role("link").all()
    boxes = [tab.bounding_box() for tab in tabs]
    assert len(boxes) == 5
    assert all(box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)
    assert all(tab.evaluate("tab => tab.scrollWidth <= tab.clientWidth") for tab in tabs)


@pytest.mark.parametrize("width", [390, 1280])
def test_comparisons_stay_within_their_cards(open_page, width: int):
    cells = open_page(width=width).locator(".compare :is(th, td)")
    fit = cells.evaluate_all("cells => cells.map((cell) => cell.scrollWidth <= cell.clientWidth)")
    assert len(fit) > 20
    assert all(fit)


def test_it_weighs_less_than_300_kilobytes(chromium, site: RunningSite, state: dict):
    context = chromium.new_context(base_url=site.url, storage_state=state)
    page = context.new_page()
    weights: list[int] = []
    page.on("requestfinished", lambda request: weights.append(sum_of(request.sizes())))
    page.goto("/dashboard/?days=90")
    page.wait_for_load_state("networkidle")
    context.close()
    assert 50_000 < sum(weights) < 300_000


def sum_of(sizes: dict[str, int]) -> int:
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
