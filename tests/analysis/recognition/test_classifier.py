"""Crops become calibrated probabilities; invalid models are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier, calibrate
from analysis.recognition.detectors.store import read_detector
from analysis.recognition.errors import RecognitionError


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)


def test_each_crop_has_seven_probabilities(bundle: Bundle, crops: np.ndarray):
    found = Classifier(bundle).classify(crops)
    assert (found.dtype, found.shape) == (np.float32, (5, 7))
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_a_crop_has_the_same_result_alone_and_in_a_batch(bundle: Bundle, crops: np.ndarray):
    classifier = Classifier(bundle)
    together = classifier.classify(crops)
    alone = np.concatenate([classifier.classify(crops[i : i + 1]) for i in range(5)])
    np.testing.assert_array_equal(together, alone)


def test_a_single_view_leaves_out_the_mirror_image(bundle: Bundle, crops: np.ndarray):
    mirrored, plain = (Classifier(replace(bundle, card={**bundle.card, "mirrored": on})) for on in (True, False))
    np.testing.assert_array_equal(mirrored.classify(crops, single_view=True), plain.classify(crops))
    assert abs(mirrored.classify(crops) - plain.classify(crops)).max() > 0.001


def test_no_crops_have_no_probabilities(bundle: Bundle):
    assert Classifier(bundle).classify(np.empty((0, 48, 48), np.uint8)).shape == (0, 7)


@pytest.mark.parametrize(("shape", "dtype"), [((1, 48, 48), np.float32), ((1, 47, 48), np.uint8), ((48, 48), np.uint8)])
def test_other_arrays_are_refused(bundle: Bundle, shape: tuple[int, ...], dtype: type):
    with pytest.raises(ValueError, match=r"expected uint8 \(N, 48, 48\)"):
        Classifier(bundle).classify(np.zeros(shape, dtype))


def test_the_cards_temperature_is_applied(bundle: Bundle, crops: np.ndarray):
    raw = Classifier(replace(bundle, card={**bundle.card, "temperature": 1.0})).classify(crops)
    cooler = Classifier(replace(bundle, card={**bundle.card, "temperature": 2.0})).classify(crops)
    np.testing.assert_allclose(cooler, calibrate(raw, 2.0), atol=1e-6)


def test_calibration_divides_logits():
    logits = np.array([[2.0, 1.0, 0.0, -1.0, 0.5, 0.0, 3.0]])
    softmax = np.exp(logits) / np.exp(logits).sum()
    expected = np.exp(logits / 1.7) / np.exp(logits / 1.7).sum()
    np.testing.assert_allclose(calibrate(softmax.astype(np.float32), 1.7), expected, rtol=1e-5)


def test_calibration_keeps_certainty():
    certain = np.eye(7, dtype=np.float32)[:1]
    np.testing.assert_array_equal(calibrate(certain, 1.5), certain)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x1c\0\0\0TFL3" + b"\xff" * 100])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "model.tflite").write_bytes(content)
    with pytest.raises(RecognitionError, match=r"model\.tflite") as caught:
        Classifier(Bundle("broken", tmp_path, {}))
    assert caught.value.code == "model_corrupt"


def test_a_model_of_other_shapes_is_refused(tmp_path: Path):
    (tmp_path / "model.tflite").write_bytes(read_detector("centerface"))
    with pytest.raises(
        RecognitionError, match=r"expected an input and outputs of shapes \(1, 48, 48, 1\), \(1, 7\); found"
    ) as caught:
        Classifier(Bundle("detector", tmp_path, {}))
    assert caught.value.code == "model_corrupt"


def test_a_mirrored_version_returns_the_mean_over_a_face_and_its_mirror_image(bundle: Bundle, crops: np.ndarray):
    card = {name: bundle.card[name] for name in ("votes_share",) if name in bundle.card}
    plain = Classifier(Bundle("plain", bundle.folder, card))
    mirrored = Classifier(Bundle("mirrored", bundle.folder, {**card, "mirrored": True}))
    both = (plain.classify(crops) + plain.classify(np.ascontiguousarray(crops[:, :, ::-1]))) / 2
    np.testing.assert_allclose(mirrored.classify(crops), both, atol=1e-3)
    np.testing.assert_allclose(mirrored.classify(crops), mirrored.classify(crops[:, :, ::-1]), atol=1e-3)
