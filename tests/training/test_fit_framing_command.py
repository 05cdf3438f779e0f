"""`manage.py fit_framing` prints the figures that docs/framing.md cites."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from django.core.management import CommandError, call_command

from analysis.recognition.images import decode


@pytest.fixture
def data(tmp_path: Path, hopper: bytes) -> Path:
    """Two rows for training and two for validation."""
    head = cv2.cvtColor(decode(hopper)[100:330, 154:384], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(head, (48, 48), interpolation=cv2.INTER_AREA)
    pixels = " ".join(map(str, small.ravel().tolist()))
    rows = [f"6,{pixels},{usage}" for usage in ("Training", "Training", "PublicTest", "PublicTest")]
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(["emotion,pixels,Usage", *rows]))
    return path


def test_it_prints_the_fit_and_what_turning_is_worth(data: Path, capsys: pytest.CaptureFixture[str]):
    call_command("fit_framing", "--data", str(data))
    out = capsys.readouterr().out
    assert "centerface: 2 of 2 Training faces found" in out
    for part in ("fitted (median)", "in use", "45°", "100% undone"):
        assert part in out


def test_it_names_a_missing_file(tmp_path: Path):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("fit_framing", "--data", str(tmp_path / "nowhere.csv"))
