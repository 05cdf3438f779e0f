"""`manage.py measure_doubts` prints the figures that docs/uncertainty.md cites."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import cv2
import pytest
from django.core.management import CommandError, call_command

from analysis.recognition.images import decode


@pytest.fixture
def data(tmp_path: Path, hopper: bytes) -> Path:
    """Three times the same face to validate on, whose label is what it is taken for."""
    head = cv2.cvtColor(decode(hopper)[100:330, 154:384], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(head, (48, 48), interpolation=cv2.INTER_AREA)
    path = tmp_path / "fer2013.csv"
    with path.open("w", newline="") as handle:
        rows = csv.writer(handle)
        rows.writerow(["emotion", "pixels", "Usage"])
        rows.writerows([[3, " ".join(map(str, small.ravel())), "PublicTest"]] * 3)
    return path


def test_it_prints_each_step_and_pose(data: Path, capsys: pytest.CaptureFixture[str]):
    call_command("measure_doubts", "--data", str(data), "--rows", "2")
    out = capsys.readouterr().out
    assert "2 PublicTest faces" in out
    sharpness = [float(found) for found in re.findall(r"Gaussian blur, sigma [\d.]+ +([\d.]+)", out)]
    assert len(sharpness) == 6
    assert sharpness == sorted(sharpness, reverse=True)
    assert "16 x 16 pixels" in out
    assert "1/12 as bright" in out
    for measure in ("turn", "nod", "border_distance"):
        counts = re.findall(rf"{measure} +\S+ +\S+ +(\d) ", out)
        assert sum(map(int, counts)) == 2


def test_it_names_a_missing_file(tmp_path: Path):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("measure_doubts", "--data", str(tmp_path / "nowhere.csv"))
