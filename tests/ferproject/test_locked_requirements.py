"""The locked requirements meet the ranges, carry hashes, and name no host or path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ferproject.locked_requirements import LOCKS, find_differences, find_problems
from tests.support.site import PROJECT

GOOD = "# This file was made by `make lock`.\ndjango==5.2.19 \\\n    --hash=sha256:00\n    # via -r requirements.txt\n"


def _problems(folder: Path, lock: str, ranges: str = "django~=5.2.8  # the framework\n") -> list[str]:
    (folder / "requirements.txt").write_text(ranges)
    (folder / "requirements.lock").write_text(lock)
    return find_problems(folder / "requirements.txt", folder / "requirements.lock")


@pytest.mark.parametrize("ranges", LOCKS)
def test_the_projects_own_locks_are_right(ranges: str):
    assert find_problems(PROJECT / ranges, PROJECT / LOCKS[ranges]) == []


def test_a_web_host_installs_the_versions_that_all_others_do():
    assert find_differences(PROJECT / "requirements-web.lock", PROJECT / "requirements.lock") == []


@pytest.mark.parametrize("other", ["django==5.2.18 \\\n", "flask==3.1.0 \\\n"])
def test_a_pin_that_the_whole_lock_lacks_is_named(tmp_path: Path, other: str):
    part, whole = tmp_path / "part.lock", tmp_path / "whole.lock"
    part.write_text(GOOD)
    whole.write_text(other)
    assert find_differences(part, whole) == ["django==5.2.19 is not in whole.lock."]


def test_included_ranges_are_locked_too(tmp_path: Path):
    (tmp_path / "web.txt").write_text("# the site\ndjango~=5.2.8\n")
    assert _problems(tmp_path, GOOD, "-r web.txt\n") == []
    assert _problems(tmp_path, GOOD.replace("django", "flask"), "-r web.txt\n") == ["django~=5.2.8 is not locked."]


def test_one_that_meets_the_ranges_is_right(tmp_path: Path):
    assert _problems(tmp_path, GOOD) == []
    assert _problems(tmp_path, GOOD, "Django[argon2]~=5.2.8\n") == []


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        (GOOD.replace("5.2.19", "5.3.0"), "django~=5.2.8 is not met by django==5.3.0."),
        (GOOD.replace("django", "flask"), "django~=5.2.8 is not locked."),
        ("django==5.2.19\n", "django==5.2.19 has no hash."),
        ("--index-url https://packages.example.org/simple\n" + GOOD, "Line 1 names a location"),
        ("--find-links wheels\n" + GOOD, "Line 1 names a location"),
        (GOOD + "# made in /home/somebody/site\n", "Line 5 names a location"),
        (GOOD + "six @ file:///opt/wheels/six.whl \\\n    --hash=sha256:00\n", "Line 5 names a location"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, lock: str, problem: str):
    assert any(found.startswith(problem) for found in _problems(tmp_path, lock))


def test_an_audit_without_its_database_is_skipped_with_the_reason():
    environment = {**os.environ, "BIN": str(Path(sys.executable).parent), "AUDIT_DATABASE": "http://127.0.0.1:9/"}
    done = subprocess.run([PROJECT / ".ci" / "audit"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("audit skipped: http://127.0.0.1:9/ cannot be reached: ")
    assert "refused" in done.stdout
