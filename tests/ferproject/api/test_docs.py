"""The examples in docs/api.md do what the page says, on a real site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.live_site import create_tokens
from tests.support.site import PROJECT, RunningSite

PAGE = (PROJECT / "docs" / "api.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def token(site: RunningSite) -> str:
    return create_tokens(site, ["reader@docs.example"])[0]


@pytest.fixture
def run(site: RunningSite, token: str, hopper_path: Path, tmp_path: Path):
    shutil.copy(hopper_path, tmp_path / "photo.jpg")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "SITE": site.url, "TOKEN": token}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_python_examples_run_one_after_the_other(run, tmp_path: Path):
    done = run(sys.executable, "-c", "\n".join(_blocks("python")))
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "reader@docs.example"
    assert re.fullmatch(r"\w+, \d+%( \(uncertain\))?", said[1])
    assert re.search(r"^\S+ \d\d\.\d% of 3589 faces$", done.stdout, re.MULTILINE)
    assert (tmp_path / "annotated.jpg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_examples_run_one_after_the_other(run):
    blocks = _blocks("bash")
    assert len(blocks) >= 4
    done = run("bash", "-euo", "pipefail", "-c", "\n echo; ".join(blocks))
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"email":"reader@docs.example"' in done.stdout
    assert '"faces":[{' in done.stdout
    assert '"buckets":[{' in done.stdout


def test_every_address_in_the_page_is_one_of_the_api():
    from ferproject.api.views import _schema

    known = {re.sub(r"\{[^}]*\}", "{}", path) for path in _schema()["paths"]}
    named = set(re.findall(r"`(?:[A-Z]+ )?(?:/api/v1/)?((?:[a-z]+/)(?:\{\w+\}/)?(?:[a-z]+/)?)[^`]*`", PAGE))
    assert named
    missing = {path for path in named if "/api/v1/" + re.sub(r"\{[^}]*\}", "{}", path) not in known}
    # Written below the address of their row.
    assert missing - {"cancel/", "resume/", "export/", "import/", "part/", "download/"} == set()
