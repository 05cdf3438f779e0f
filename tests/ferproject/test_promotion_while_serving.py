"""A promotion under load, with real processes: the server, the command, and people who upload."""

from __future__ import annotations

import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from django.conf import settings as site
from PIL import Image

from tests.support.model_store import Store, make_store
from tests.support.site import RunningSite

pytestmark = pytest.mark.slow
CLIENTS = 50


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path / "store", site.MODELS_STORE)


@pytest.fixture
def running(store: Store, tmp_path: Path):
    folder = tmp_path / "site"
    folder.mkdir()
    running = RunningSite(folder, MODELS_STORE=str(store.folder))
    running.start()
    running.create_user(running.admin_email, superuser=True)
    yield running
    running.stop()


@pytest.fixture
def client(running: RunningSite):
    with httpx.Client(base_url=running.url, timeout=120, limits=httpx.Limits(max_connections=CLIENTS)) as client:
        client.get("/accounts/login/")
        form = {"login": running.admin_email, "password": running.password}
        client.post("/accounts/login/", data=form, headers=_token(client))
        yield client


def _token(client: httpx.Client) -> dict[str, str]:
    return {"X-CSRFToken": client.cookies["csrftoken"], "Accept": "application/json"}


def _picture(number: int) -> bytes:
    buffer = io.BytesIO()
    shade = np.random.default_rng(number).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(shade).resize((96, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def _shown(running: RunningSite) -> str:
    return re.search(r"(first|second)-1", httpx.get(f"{running.url}/model/", timeout=60).text).group()


def test_fifty_uploads_at_once_all_succeed_and_the_new_version_serves_within_five_seconds(running, store, client):
    card = store.card("first-1")
    files = {file: {"sha256": pin} for file, pin in store.write("second-1").items() if file != "card.json"}
    (store.folder / "second-1" / "card.json").write_text(json.dumps({**card, "name": "second-1", "files": files}))
    assert _shown(running) == "first-1"

    def upload(number: int) -> int:
        photo = {"photo": (f"{number}.png", _picture(number), "image/png")}
        return client.post("/photos/", data={"people_agreed": "on"}, files=photo, headers=_token(client)).status_code

    with ThreadPoolExecutor(CLIENTS) as people:
        uploads = [people.submit(upload, number) for number in range(CLIENTS)]
        running.manage("promote", "second-1")
        uploads += [people.submit(upload, CLIENTS + number) for number in range(CLIENTS)]
        _assert_shown_within_five_seconds(running, "second-1")
        assert {upload.result() for upload in uploads} == {201}
    running.manage("rollback")
    _assert_shown_within_five_seconds(running, "first-1")


def _assert_shown_within_five_seconds(running: RunningSite, name: str) -> None:
    """Whoever asks five seconds later sees it, however long a busy server takes to answer."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if _shown(running) == name:
            return
        time.sleep(0.2)
    assert _shown(running) == name
