"""From a trained network to the files that serve."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from analysis.recognition.bundle import Bundle
from analysis.recognition.classifier import Classifier
from training.learning.data.read import read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import load_network
from training.learning.fit import TrainingConfig, fit
from training.learning.network import export
from training.learning.network.architectures import build_model
from training.learning.network.export import choose_calibration, export_network

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small_mlp")]


@pytest.fixture(scope="module")
def data(small_csv):
    return read_faces(small_csv)


@pytest.fixture(scope="module")
def network(small_mlp, data, tmp_path_factory):
    config = TrainingConfig.for_architecture("mlp", epochs=4, batch_size=16, averaging=0.8)
    return fit(config, data, tmp_path_factory.mktemp("checkpoints"), verbose=0).network


@pytest.fixture
def exported(network, data, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()

    def run():
        return export_network(
            network, training=data.split("Training"), seed=0, compared_on=data.split("PublicTest"), folder=folder
        )

    return run


def test_it_serves_int8_from_uint8_pixels(exported, data):
    result = exported()
    assert (result.precision, result.fallback) == ("int8", "")
    assert result.litert_accuracy == pytest.approx(result.keras_accuracy, abs=1.01 / 14)
    classifier = Classifier(Bundle("new", result.folder, {}))
    assert classifier._input["dtype"] is np.uint8
    assert [output["dtype"] for output in classifier._outputs] == [np.float32]
    assert json.loads(result.files()["model.json"])["class_name"] == "Functional"


def test_it_falls_back_to_float32_where_int8_costs_too_much(exported, run_here, monkeypatch):
    monkeypatch.setattr(export, "_run_checked", run_here)
    monkeypatch.setattr(export, "_acceptable", lambda lost, rows: False)
    result = exported()
    assert result.precision == "float32"
    assert result.fallback.startswith("int8 lost")
    assert result.litert_accuracy == result.keras_accuracy


def test_a_conversion_that_dies_does_not_take_this_process_along(exported, monkeypatch):
    monkeypatch.setattr(export, "_CONVERT", ["-c", "import os; os.abort()"])
    with pytest.raises(LearningError, match=r"conversion to LiteRT ended with status -6"):
        exported()


def test_both_heads_serve_in_float32():
    serving = export.serving_network(build_model("mlp", votes_head=True, precision="mixed_bfloat16"))
    assert {name: output.shape for name, output in serving.output.items()} == {"labels": (None, 7), "votes": (None, 7)}
    assert {weight.dtype for weight in serving.weights} == {"float32"}


def test_each_output_is_the_reading_it_is_taken_for(data, tmp_path, run_here, monkeypatch):
    monkeypatch.setattr(export, "_run_checked", run_here)
    network = build_model("mlp", votes_head=True)
    for head, emotion in (("emotion", 2), ("votes", 5)):
        kernel, _ = network.get_layer(head).get_weights()
        network.get_layer(head).set_weights([0 * kernel, 4 * np.eye(7)[emotion]])
    exported = export_network(
        network, training=data.split("Training"), seed=0, compared_on=data.split("PublicTest"), folder=tmp_path
    )
    readings = Classifier(exported.bundle({})).read(data.split("PublicTest").images[..., 0])
    assert {name: set(values.argmax(axis=1)) for name, values in readings.items()} == {"labels": {2}, "votes": {5}}


def test_a_network_keeps_its_own_layers_settings():
    pools = [layer for layer in build_model("residual").layers if "pooling2d" in layer.name and "max" in layer.name]
    assert {pool.padding for pool in pools} == {"same"}
    shipped = load_network(Path(settings.MODELS_STORE) / "residual-1")
    serving = export.serving_network(shipped)
    kept = [layer.padding for layer in serving.layers if "max_pooling2d" in layer.name]
    assert set(kept) == {"valid"}


def test_the_prior_is_subtracted_from_the_labels_logits_alone():
    network = export.serving_network(build_model("mlp", votes_head=True))
    before = {head: network.get_layer(head).get_weights()[1] for head in ("emotion", "votes")}
    prior = np.full(7, 1 / 7)
    export.subtract_prior(network, prior, 0.5)
    after = {head: network.get_layer(head).get_weights()[1] for head in ("emotion", "votes")}
    assert np.allclose(after["emotion"], before["emotion"] + 0.5 * np.log(7), atol=1e-6)
    assert np.array_equal(after["votes"], before["votes"])


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
