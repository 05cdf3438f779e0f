"""From a trained network to the files that serve."""

import json

import numpy as np
import pytest

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from training.learning.data.read import read_faces
from training.learning.errors import LearningError
from training.learning.fit import TrainingConfig, fit
from training.learning.network import export
from training.learning.network.architectures import build_model
from training.learning.network.export import choose_calibration, export_network

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(small_csv):
    return read_faces(small_csv)


@pytest.fixture(scope="module")
def network(data, tmp_path_factory):
    config = TrainingConfig.for_architecture("mlp", epochs=4, batch_size=16, averaging=0.8)
    return fit(config, data, tmp_path_factory.mktemp("checkpoints"), verbose=0).network


@pytest.fixture
def exported(network, data, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()

    def run():
        calibration = choose_calibration(data.split("Training"), seed=0)
        return export_network(
            network, "mlp", calibration=calibration, compared_on=data.split("PublicTest"), folder=folder
        )

    return run


def test_it_serves_int8_from_uint8_pixels(exported, data):
    result = exported()
    assert (result.precision, result.fallback) == ("int8", "")
    assert result.litert_accuracy == pytest.approx(result.keras_accuracy, abs=1.01 / 14)
    classifier = Classifier(Bundle("new", result.folder, {}))
    assert classifier._input["dtype"] is np.uint8
    assert classifier._output["dtype"] is np.float32
    assert json.loads(result.files()["model.json"])["class_name"] == "Functional"


def test_it_falls_back_to_float32_where_int8_costs_too_much(exported, monkeypatch):
    monkeypatch.setattr(export, "_acceptable", lambda lost, rows: False)
    result = exported()
    assert result.precision == "float32"
    assert result.fallback.startswith("int8 lost")
    assert result.litert_accuracy == result.keras_accuracy


def test_a_conversion_that_dies_does_not_take_this_process_along(exported, monkeypatch):
    monkeypatch.setattr(export, "_CONVERT", ["-c", "import os; os.abort()"])
    with pytest.raises(LearningError, match=r"conversion: exit status -6"):
        exported()


def test_a_votes_head_stays_behind(tmp_path):
    serving = export.serving_network(build_model("mlp", votes_head=True, precision="mixed_bfloat16"), "mlp")
    assert serving.output.shape == (None, 7)
    assert {weight.dtype for weight in serving.weights} == {"float32"}


@pytest.mark.parametrize(
    ("lost", "rows", "fits"),
    [(0.0049, 3589, True), (0.0051, 3589, False), (-0.01, 3589, True), (1 / 16, 16, True), (2 / 16, 16, False)],
)
def test_half_a_point_may_be_lost_or_a_single_face(lost, rows, fits):
    assert export._acceptable(lost, rows) is fits


def test_calibration_draws_up_to_300_faces_by_seed(data):
    training = data.split("Training")
    assert choose_calibration(training, 1).shape == (70, 48, 48, 1)
    assert not np.array_equal(choose_calibration(training, 1), choose_calibration(training, 2))
