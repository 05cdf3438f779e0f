"""The files that run the site in images and under systemd: Dockerfile and deploy/."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.site import PROJECT, setting_names

UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.service"))
ENVIRONMENT_OF_LIBRARIES = {"HOME", "PATH", "MPLCONFIGDIR"}


def _stages() -> dict[str, list[str]]:
    """Return the instructions of each stage of the Dockerfile."""
    text = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
    stages: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := re.match(r"FROM \S+ AS (\S+)", line):
            stages[match[1]] = []
        elif line and not line.startswith("#") and stages:
            stages[list(stages)[-1]].append(line)
    return stages


def test_each_variable_of_the_images_is_read():
    instructions = [line for stage in _stages().values() for line in stage if line.startswith("ENV")]
    names = {name for line in instructions for name in re.findall(r"\b([A-Z_]+)=", line)}
    assert {name for name in names if not name.startswith("PYTHON")} <= setting_names() | ENVIRONMENT_OF_LIBRARIES


@pytest.mark.parametrize("target", ["web", "training"])
def test_an_image_runs_as_nobody_in_particular(target: str):
    assert [line for line in _stages()[target] if line.startswith("USER")] == ["USER expressions"]


def test_only_the_image_of_training_installs_more_than_the_webs_requirements():
    installing = {
        name for name, lines in _stages().items() for line in lines if "--requirement requirements.lock" in line
    }
    assert installing == {"training-packages"}
    assert "FROM packages AS web\n" in (PROJECT / "Dockerfile").read_text()


def test_images_hold_nothing_but_what_the_repository_has():
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = {line[1:] for line in rules if line.startswith("!")}
    shipped = json.loads((PROJECT / "models_store" / "shipped.json").read_text())
    folders = {f"models_store/{name}" for name in (*shipped["versions"], *shipped["detectors"])}
    assert {name for name in kept if name.startswith("models_store")} == {*folders, "models_store/shipped.json"}
    # Folders of the code, whose every file is the repository's; `data`, `var`, `.env` and `.git` are none of them.
    assert {name for name in kept if not name.startswith("models_store")} == {
        *("accounts", "analysis", "deploy", "ferproject", "static", "templates", "training"),
        *("manage.py", "requirements.lock", "requirements-web.lock"),
    }


def test_haproxys_configuration_is_valid():
    haproxy = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if haproxy is None:
        pytest.skip("haproxy is not installed")
    done = subprocess.run([haproxy, "-c", "-f", PROJECT / "deploy" / "haproxy.cfg"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_valid(unit: Path, tmp_path: Path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    shutil.copytree(unit.parent, tmp_path / "units")
    for path in (tmp_path / "units").glob("*.service"):
        text = path.read_text().replace("/opt/expressions/.venv/bin/python", sys.executable)
        path.write_text(text.replace("/opt/expressions", str(PROJECT)))
    name = unit.name.replace("@", "@0")
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "units" / name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def _prepare(store: Path, tools: Path) -> list[str]:
    """Run deploy/prepare with a `python` that only writes down what it was called with; return that."""
    calls = tools / "calls"
    python = tools / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    python.chmod(0o755)
    environment = {**os.environ, "BIN": str(tools), "MODELS_STORE": str(store)}
    subprocess.run([PROJECT / "deploy" / "prepare"], env=environment, check=True)
    return calls.read_text().splitlines()


def test_preparing_puts_the_shipped_networks_beside_the_trained_ones_and_migrates(tmp_path: Path):
    store = tmp_path / "models"
    (store / "mine").mkdir(parents=True)
    # An earlier run was killed while it copied.
    (store / ".residual-5").mkdir()
    (store / "shipped.json").write_text("of the version before")
    calls = _prepare(store, tmp_path)
    assert calls[0].startswith("manage.py migrate")
    assert (store / "mine").exists()
    for path in ["shipped.json", "residual-5/model.tflite", "residual-5/card.json"]:
        assert (store / path).read_bytes() == (PROJECT / "models_store" / path).read_bytes()
    assert not list(store.glob(".*"))


@pytest.mark.parametrize(
    ("queue", "port", "own"), [("default", "9100", "9190"), ("training", "9100", "9191"), ("default", "0", "0")]
)
def test_a_worker_serves_metrics_on_a_port_of_its_own(tmp_path: Path, queue: str, port: str, own: str):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho $METRICS_PORT\n")
    python.chmod(0o755)
    environment = {**os.environ, "BIN": str(tmp_path), "METRICS_PORT": port}
    command = [PROJECT / "deploy" / "worker", queue, "1"]
    assert subprocess.run(command, env=environment, capture_output=True, text=True).stdout == f"{own}\n"
