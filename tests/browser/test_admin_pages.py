"""What holds for the admin's own pages: usable with assistive technology and on a phone, in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_usable_everywhere
from tests.support.site import RunningSite

_MAKE_RUN = """
from datetime import timedelta
from django.utils import timezone
from training.models import RunEpoch, TrainingRun
run = TrainingRun.objects.create(
    name="looks", architecture="mlp", configuration={"architecture": "mlp", "epochs": 3}, epochs=3, epoch=2, batch=5,
    batches=10, seconds=60, state="failed", reason="fer2013.csv: row 17: expected 2304 pixels; found 12",
    host="attic", log="epoch 1: loss 1.500")
for number in (1, 2):
    RunEpoch.objects.create(run=run, number=number, loss=1.5 / number, accuracy=0.3 * number, val_loss=1.6 / number,
                            val_accuracy=0.25 * number, seconds=30)
print(run.pk)
"""
_MAKE_EXPORT = """
from django.utils import timezone
from analysis.models import ModelVersion
from training.models import VersionTransfer
version = ModelVersion.objects.active()
compared = {"split": "PublicTest", "n": 3589, "same_label": {"float32": 1.0, "served": 0.984}}
print(VersionTransfer.objects.create(
    kind="export", name=version.name, version=version, status="finished", bytes=34000000, ended_at=timezone.now(),
    facts={"opset": 15, "sha256": "ab" * 32, "onnx_compared": compared}).pk)
"""


@pytest.fixture(scope="module")
def pages(site: RunningSite) -> dict[str, str]:
    """Addresses of the pages, by what they are."""
    run = site.shell(_MAKE_RUN).strip()
    export = site.shell(_MAKE_EXPORT).strip()
    version = "from analysis.models import ModelVersion; print(ModelVersion.objects.active().pk)"
    serving = site.shell(version).strip()
    return {
        "start": "/admin/training/trainingrun/add/",
        "watch": f"/admin/training/trainingrun/{run}/change/",
        "delete": f"/admin/training/trainingrun/{run}/delete/",
        "export": f"/admin/training/versiontransfer/{export}/change/",
        "version": f"/admin/analysis/modelversion/{serving}/change/",
        "promote": f"/admin/analysis/modelversion/{serving}/promote/",
    }


@pytest.mark.parametrize("name", ["start", "watch", "delete", "export", "version", "promote"])
def test_a_page_on_a_phone(shared_page: Page, pages: dict[str, str], name: str):
    shared_page.goto(pages[name])
    shared_page.wait_for_load_state("networkidle")
    check_usable_everywhere(shared_page)


def test_charts_are_drawn_from_the_tables_beside_them(page: Page, pages: dict[str, str]):
    page.goto(pages["version"])
    expect(page.locator("figure[data-chart] canvas").first).to_be_visible()

    drawn = page.evaluate(
        """() => [...document.querySelectorAll("figure[data-chart]")].map((figure) => {
            const chart = Chart.getChart(figure.querySelector("canvas"));
            const rows = document.getElementById(figure.dataset.table).tBodies[0].rows.length;
            return chart.data.datasets[0].data.length === rows;
        })"""
    )

    assert drawn
    assert all(drawn)


def test_a_run_is_watched_and_resumed_by_keyboard_alone(page: Page, pages: dict[str, str]):
    page.goto(pages["watch"])
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Resume":
            break
    page.keyboard.press("Enter")

    expect(page.locator("[data-state]")).to_have_text("Waiting")
    expect(page.get_by_text("will continue where it stopped")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-state]")).to_have_text("Cancelled")
