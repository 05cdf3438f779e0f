"""What it takes to start."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.checks import check_admin_app
from django.urls import get_resolver

from tests.support.live_site import create_tokens
from tests.support.site import PROJECT, RunningSite
from training.models import TrainingRun


def test_a_web_process_never_imports_tensorflow_or_keras(hopper_path: Path, tmp_path: Path):
    program = (
        "import sys, django; django.setup();"
        "import ferproject.asgi, ferproject.urls;"
        "from analysis import engine;"
        f"faces = engine.recognize(open({str(hopper_path)!r}, 'rb').read(), owner=None).faces;"
        "assert len(faces) == 1, faces;"
        "heavy = {'tensorflow', 'keras', 'torch', 'jax'} & set(sys.modules); assert not heavy, heavy"
    )
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True)


def test_a_command_loads_neither_the_server_nor_the_admin_pages_nor_the_training(tmp_path: Path):
    program = (
        "import sys, django; django.setup();"
        "needless = {'twisted', 'cryptography', 'psutil', 'matplotlib', 'training.pipeline', 'training.runs'};"
        "needless |= {name for name in sys.modules if name.endswith('.admin')} - {'django.contrib.admin'};"
        "assert not needless & set(sys.modules), needless & set(sys.modules)"
    )
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True)


def test_djangos_checks_see_the_admin_pages():
    assert get_resolver().url_patterns
    assert check_admin_app(None) == []
    assert admin.site.is_registered(TrainingRun)


def test_what_stays_for_ever_is_loaded_at_the_start_and_never_collected(tmp_path: Path):
    program = (
        "import gc, sys; from ferproject import asgi; from ferproject.server import main; main._load_and_freeze();"
        "assert 'analysis.photos.views' in sys.modules;"
        "assert gc.get_freeze_count() > 100_000 > len(gc.get_objects())"
    )
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True)


@pytest.mark.sqlite
def test_the_secret_key_is_made_once_for_its_owner_only(tmp_path: Path):
    read = [sys.executable, "-c", "from ferproject import settings; print(settings.SECRET_KEY)"]
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    environment.pop("SECRET_KEY", None)
    first, second = (
        subprocess.run(read, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(first.strip()) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("PORT", "eighty"),
        ("LOG_FORMAT", "xml"),
        ("PHOTO_MAX_BYTES", "-1"),
        ("SITE_URL", "example.org"),
        ("SECURITY_CONTACT", "me"),
    ],
)
def test_a_setting_that_cannot_be_understood_stops_the_start(name: str, value: str, tmp_path: Path):
    environment = {**os.environ, "VAR_DIR": str(tmp_path), name: value}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"{name}: expected" in done.stderr
    assert repr(value) in done.stderr


def test_a_taken_port_fails_with_a_message(site: RunningSite):
    done = subprocess.run(
        [sys.executable, "-m", "ferproject.server.main"],
        cwd=PROJECT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "choose another with PORT" in done.stderr


def test_a_web_process_stays_under_350_megabytes(tmp_path: Path, hopper: bytes):
    site = RunningSite(tmp_path)
    try:
        site.start()
        site.create_user("ada@example.org", superuser=True)
        (secret,) = create_tokens(site, ["ada@example.org"])
        for number in range(20):
            photo = {"photo": ("hopper.jpg", hopper + bytes([number]))}
            headers = {"Authorization": f"Token {secret}"}
            httpx.post(f"{site.url}/api/v1/analyses/", files=photo, headers=headers, timeout=60).raise_for_status()
        for language, _ in settings.LANGUAGES:
            httpx.get(f"{site.url}/model/", headers={"Accept-Language": language}).raise_for_status()
        assert psutil.Process(site.process.pid).memory_info().rss < 350_000_000
    finally:
        site.stop()
