"""Two hosts with one database and one bucket: a version that neither has is promoted on one, and served by both."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from tests.support.model_store import make_store
from tests.support.site import PROJECT, RunningSite

pytestmark = pytest.mark.slow
PUBLISH = """
from analysis.versions.services import register_version
from analysis.versions.store import publish_version
from pathlib import Path
folder = Path({folder!r})
publish_version(folder, {pins!r})
register_version(name=folder.name, pins={pins!r}, origin="trained", card={card!r})
"""


@pytest.fixture
def hosts(tmp_path: Path, s3_server) -> Iterator[SimpleNamespace]:
    trained = make_store(tmp_path / "trained", PROJECT / "models_store")
    environment = {**s3_server.environment(), "SECRET_KEY": "of both"}
    hosts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shutil.copytree(trained.folder, tmp_path / name / "store")
        hosts.append(RunningSite(tmp_path / name, MODELS_STORE=str(tmp_path / name / "store"), **environment))
    one, two = hosts
    one.start()
    one.create_user(one.admin_email, superuser=True)
    for shared in ("db.sqlite3", "static"):
        (two.folder / shared).symlink_to(one.folder / shared)
    two.launch()
    pins = trained.write("second-1")
    one.shell(PUBLISH.format(folder=str(trained.folder / "second-1"), pins=pins, card=trained.card("second-1")))
    yield SimpleNamespace(one=one, two=two)
    two.stop()
    one.stop()


def _shown(site: RunningSite) -> str:
    return re.search(r"(first|second)-1", httpx.get(f"{site.url}/model/", timeout=60).text).group()


def _promote(site: RunningSite) -> subprocess.CompletedProcess[str]:
    command = [str(PROJECT / ".venv/bin/python"), "manage.py", "promote", "second-1", "--reason", "as good"]
    return subprocess.run(command, cwd=PROJECT, env=site.environment, capture_output=True, text=True)


def _await(hosts, version: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (shown := [_shown(site) for site in (hosts.one, hosts.two)]) != [version] * 2:
        assert time.monotonic() < until, shown
        time.sleep(0.1)


def test_both_serve_it_within_five_seconds(hosts):
    assert [_shown(site) for site in (hosts.one, hosts.two)] == ["first-1"] * 2
    assert _promote(hosts.one).returncode == 0
    _await(hosts, "second-1", 5)
    assert (hosts.two.folder / "cache" / "models" / "second-1" / "model.tflite").exists()


def test_it_is_refused_while_a_live_host_cannot_fetch_it(hosts):
    (hosts.two.folder / "cache").write_text("in the way")
    refused = _promote(hosts.one)
    assert refused.returncode == 1
    assert f"process {hosts.two.process.pid} (The files of second-1 could not be fetched" in refused.stderr
    assert [_shown(site) for site in (hosts.one, hosts.two)] == ["first-1"] * 2
    (hosts.two.folder / "cache").unlink()
    assert _promote(hosts.one).returncode == 0
    _await(hosts, "second-1", 5)


def test_a_killed_host_holds_it_up_for_seconds_only(hosts):
    hosts.two.process.kill()
    hosts.two.process.wait()
    assert _promote(hosts.one).returncode == 0
    hosts.two.launch()
    _await(hosts, "second-1", 15)
