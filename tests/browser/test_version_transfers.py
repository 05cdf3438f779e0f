"""A version is exported by one button, and another site's zip uploaded in parts, in the admin."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.signing_in import sign_in
from tests.support.site import RunningSite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    """A site whose training data is there, without a worker."""
    folder = tmp_path_factory.mktemp("transfers")
    (folder / "fer2013.csv").touch()
    running = RunningSite(folder, FER2013_PATH=str(folder / "fer2013.csv"))
    running.start()
    running.create_user(running.admin_email, superuser=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def signed_in_state(chromium, site: RunningSite) -> dict:
    context = chromium.new_context(base_url=site.url)
    sign_in(context.new_page(), site.admin_email, site.password)
    state = context.storage_state()
    context.close()
    return state


def test_a_version_leaves_and_another_comes(page: Page, tmp_path: Path):
    page.goto("/admin/analysis/modelversion/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("It starts once a training worker is free")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".run-state")).to_contain_text("Cancelled")

    # More than one part, and more than a photo may have.
    archive = tmp_path / "theirs.zip"
    archive.write_bytes(b"PK\x03\x04" + os.urandom(24_000_000))
    page.goto("/admin/training/versiontransfer/add/")
    page.get_by_label("Name").fill("theirs-1")
    page.get_by_label("Zip file").set_input_files(archive)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import: theirs-1")).to_be_visible()
    expect(page.locator(".run-state")).to_contain_text("Waiting")

    page.goto("/admin/training/versiontransfer/add/")
    page.get_by_label("Name").fill("theirs-1")
    page.get_by_label("Zip file").set_input_files(archive)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert").filter(has_text="is already being imported")).to_be_visible()
