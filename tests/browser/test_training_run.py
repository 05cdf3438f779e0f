"""From the click that starts a training to the version that serves and back: the real admin, server and worker."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from analysis.recognition.bundle import read_shipped
from tests.support.site import PROJECT, RunningSite

pytestmark = pytest.mark.slow
MINUTES = 60_000
EPOCHS = 10
WORKER = ["celery", "--app", "ferproject", "worker", "--queues", "training", "--pool", "threads", "--concurrency", "1"]


@pytest.fixture(scope="module")
def shipped() -> str:
    """The name of the version that serves at first."""
    try:
        return read_shipped(settings.MODELS_STORE).default
    except Exception as error:
        pytest.skip(f"no shipped model: {error}")


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory, fer2013: Path, shipped: str) -> Iterator[RunningSite]:
    """A site with its own models and the real FER-2013, and a training worker beside it."""
    folder = tmp_path_factory.mktemp("training-site")
    store = folder / "models_store"
    store.mkdir()
    shutil.copy(settings.MODELS_STORE / "shipped.json", store)
    for name in read_shipped(settings.MODELS_STORE).versions:
        shutil.copytree(settings.MODELS_STORE / name, store / name)
    site = RunningSite(folder, MODELS_STORE=str(store), FER2013_PATH=str(fer2013 / "fer2013.csv"), SWEEP_SECONDS="2")
    site.start()
    site.create_user(site.admin_email, superuser=True)
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", *WORKER], cwd=PROJECT, env=site.environment, stdout=log, stderr=log
        )
    yield site
    worker.terminate()
    worker.wait(60)
    site.stop()


@pytest.fixture
def admin(chromium, running: RunningSite) -> Iterator[Page]:
    """The administrator's page, which fails the test when a script on it fails."""
    context = chromium.new_context(base_url=running.url)
    context.set_default_timeout(MINUTES)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(running.admin_email)
    page.get_by_label("Password", exact=True).fill(running.password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/photos/new/")
    yield page
    context.close()
    assert failures == []


def test_a_trained_version_is_promoted_and_rolled_back(admin: Page, shipped: str):
    _start_a_small_run(admin)
    _watch_it_finish(admin)
    _promote_its_version(admin, shipped)
    _see_it_serve(admin, "mlp-1")

    admin.goto("/admin/analysis/modelversion/")
    admin.get_by_role("button", name=f"Roll back to {shipped}").click()
    expect(admin.get_by_text(f"{shipped} is active again.")).to_be_visible()
    _see_it_serve(admin, shipped)

    admin.goto("/admin/analysis/auditentry/")
    expect(admin.locator("#result_list tbody tr .field-what")).to_have_text(["rolled back", "promoted"])


def _start_a_small_run(page: Page) -> None:
    page.goto("/admin/training/trainingrun/add/")
    page.get_by_label("Architecture:").select_option("residual")
    expect(page.get_by_label("Epochs:")).to_have_attribute("placeholder", "45")
    page.get_by_label("Architecture:").select_option("mlp")
    expect(page.get_by_label("Epochs:")).to_have_attribute("placeholder", "5")
    expect(page.get_by_label("Name:")).to_have_value("mlp-1")
    # Many small steps: the epochs last long enough for the page to show some, and the evaluation is quick.
    page.get_by_label("Epochs:").fill(str(EPOCHS))
    page.get_by_label("Batch size:").fill("8")
    page.get_by_label("Row limit:").fill("300")
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_role("heading", name="mlp-1")).to_be_visible()


def _watch_it_finish(page: Page) -> None:
    """Without a reload, but for one in the middle, after which all is there again."""
    state = page.locator("[data-state]")
    epochs = page.locator("#epochs tbody tr")
    expect(state).to_have_text("Training", timeout=10 * MINUTES)
    progress = re.compile(rf"Epoch \d+ of {EPOCHS}, batch")
    expect(page.locator("[data-text=progress]")).to_contain_text(progress, timeout=5 * MINUTES)
    expect(epochs).not_to_have_count(0, timeout=20 * MINUTES)
    expect(state).to_have_text("Training")
    page.reload()
    expect(epochs).not_to_have_count(0)
    expect(state).to_have_text("Done", timeout=30 * MINUTES)
    expect(epochs).to_have_count(EPOCHS)
    expect(page.locator(".charts canvas").first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()


def _promote_its_version(page: Page, shipped: str) -> None:
    page.get_by_role("link", name="View version").click()
    expect(page.locator("#recall tbody tr")).to_have_count(7)
    page.get_by_role("link", name="Promote").click()
    page.get_by_role("button", name="Promote mlp-1").click()
    # A perceptron after 300 faces cannot be as good as what is shipped.
    expect(page.get_by_text("To promote it anyway, enter a reason.")).to_be_visible()
    page.get_by_label("Reason").fill("To see how it goes.")
    page.get_by_role("button", name="Promote mlp-1").click()
    expect(page.get_by_text("mlp-1 passed its test and is now active.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Roll back to {shipped}")).to_be_visible()


def _see_it_serve(page: Page, name: str) -> None:
    """The site follows within seconds, without a restart."""
    page.goto("/model/")
    for _ in range(20):
        if page.locator(".details code").first.text_content() == name:
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".details code").first).to_have_text(name)
