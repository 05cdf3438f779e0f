"""The project's files as they were at an older commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.site import PROJECT


def unpack_commit(commit: str, folder: Path) -> Path:
    """Return a new folder with the files of that commit; skip the test where the clone has no such commit."""
    archive = folder / f"{commit}.tar"
    made = subprocess.run(["git", "archive", "-o", archive, commit], cwd=PROJECT, capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"this clone has no commit {commit}")
    unpacked = folder / commit
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", unpacked], check=True)
    return unpacked
