"""What `manage.py check` says of the detector that was chosen."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from analysis.checks import check_detector
from tests.support.site import PROJECT


def test_the_one_that_comes_along_has_what_it_needs():
    assert check_detector(None) == []


@pytest.mark.parametrize(
    ("detector", "path", "message"),
    [
        ("haar", "", "FACE_DETECTOR=haar: There is no detector “haar”. Choose one of: centerface, yunet."),
        ("yunet", "", "needs YUNET_MODEL=path/to/face_detection_yunet.onnx, which is not set"),
        ("yunet", "/nowhere/yunet.onnx", "there is no file at YUNET_MODEL=/nowhere/yunet.onnx"),
        ("yunet", __file__, "OpenCV cannot read YUNET_MODEL"),
    ],
)
def test_one_that_cannot_be_made_is_an_error_that_says_what_it_lacks(settings, monkeypatch, detector, path, message):
    settings.FACE_DETECTOR = detector
    monkeypatch.setenv("YUNET_MODEL", path)
    (error,) = check_detector(None)
    assert error.id == "analysis.E002"
    assert message in error.msg


def test_making_the_detector_says_nothing_on_a_commands_stderr(tmp_path):
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
