"""Schemathesis asks the running site all that its description allows, and much that it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import PROJECT, RunningSite

FILL = Path(__file__).with_name("fill.py")
ENDLESS = "1000000/sec"
LEAST_CASES = 1000
RULES_BETWEEN_FIELDS = r"/(bulk|links)/$"
"""What a body of these two may hold follows from its other fields and from rows; their own tests have the bad input."""


@pytest.fixture
def fuzzed_site(tmp_path: Path) -> Iterator[RunningSite]:
    """A site of its own, on which no rate and no missing data set stands in the way."""
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    rates = dict.fromkeys(["API_RATE", "API_UPLOAD_RATE", "API_ADDRESS_RATE"], ENDLESS)
    data = dict.fromkeys(["FER2013_PATH", "FER2013_VOTES_PATH"], str(tmp_path / "fer2013.csv"))
    running = RunningSite(tmp_path, **rates, **data, WEBHOOK_ALLOW_PRIVATE="true")
    running.start()
    running.create_user(running.admin_email, superuser=True)
    yield running
    running.stop()


def _run(site: RunningSite, report: Path) -> subprocess.CompletedProcess[str]:
    """Run all phases with all checks, as somebody who may do everything.

    Values are drawn alike each time, but for rows' ids, which are the site's: what the stateful phase draws once it
    has read some differs from run to run.
    """
    given = json.loads(site.shell(FILL.read_text()).splitlines()[-1])
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{site.url}/api/schema/?format=json"),
        *("--header", f"Authorization: Token {given['token']}"),
        *("--checks", "all", "--max-examples", "5", "--generation-deterministic", "--continue-on-failure"),
        *("--exclude-path-regex", RULES_BETWEEN_FIELDS),
        *("--report-json-path", str(report), "--no-color"),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "FUZZ_ROWS": json.dumps(given["rows"])}
    environment = {**os.environ, **hooks, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, cwd=site.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_api_is_as_its_description_says(fuzzed_site: RunningSite, tmp_path: Path, capsys: pytest.CaptureFixture):
    done = _run(fuzzed_site, tmp_path / "report.json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    operations, cases = report["operations"], report["test_cases"]
    with capsys.disabled():
        print(f"\nSchemathesis: {cases['generated']:,} cases over {operations['tested']} operations")
    assert operations["tested"] == operations["selected"] > 50
    assert cases["generated"] >= LEAST_CASES
    assert "Traceback" not in (fuzzed_site.folder / "server.log").read_text()
