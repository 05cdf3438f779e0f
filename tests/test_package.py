"""The package's extras list what the requirements files do, and its wheel the default version."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from analysis.recognition.bundle import SERVED, read_shipped

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = tomllib.loads((PROJECT / "pyproject.toml").read_text())


@pytest.mark.parametrize(
    ("extra", "file"), [("site", "requirements-web.txt"), ("training", "requirements.txt")], ids=lambda each: each
)
def test_an_extra_is_its_requirements_file(extra: str, file: str):
    lines = (line.partition("#")[0].strip() for line in (PROJECT / file).read_text().splitlines())
    listed = {line for line in lines if line and not line.startswith("-r")}
    extras = PACKAGE["project"]["optional-dependencies"][extra]
    assert {each for each in extras if not each.startswith(PACKAGE["project"]["name"])} == listed


def test_the_library_needs_the_versions_that_the_site_needs():
    assert set(PACKAGE["project"]["dependencies"]) <= set(PACKAGE["project"]["optional-dependencies"]["site"])


def test_the_wheel_has_the_default_version():
    default = read_shipped(PROJECT / "models_store").default
    files = PACKAGE["tool"]["setuptools"]["package-data"]["models_store"]
    assert {file for file in files if file.startswith("residual-")} == {f"{default}/{file}" for file in SERVED}


def test_every_package_of_the_library_is_in_the_wheel():
    folders = {path.parent for path in (PROJECT / "analysis" / "recognition").rglob("*.py")}
    packages = {".".join(folder.relative_to(PROJECT).parts) for folder in folders}
    assert packages <= set(PACKAGE["tool"]["setuptools"]["packages"])
