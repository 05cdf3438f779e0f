"""Fitting a network."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from analysis.recognition.readings import Reading
from training.learning.data.batches import TrainingBatches, one_hot
from training.learning.data.read import VOTE_CLASSES, FaceData, Split, read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import evaluate
from training.learning.fit import TrainingConfig, fit, phases
from training.learning.network.architectures import ARCHITECTURES, build_model
from training.learning.network.weights import mean_network

pytestmark = pytest.mark.usefixtures("small_mlp")


@pytest.fixture
def data(make_csv):
    return read_faces(make_csv(training=210, validation=35))


def test_it_learns(data, tmp_path):
    config = TrainingConfig.for_architecture("mlp", epochs=8, batch_size=16, averaging=0.9, learning_rate=0.01)
    fitted = fit(config, data, tmp_path, verbose=0)
    split = data.split("PublicTest")
    answers = fitted.network.predict(split.images.astype(np.float32), verbose=0)["emotion"]
    assert evaluate(answers, split.labels).accuracy > 0.5
    assert len(fitted.history) == 8
    assert fitted.seconds > 0


def test_it_learns_what_a_teacher_says(data, tmp_path):
    options = {"batch_size": 16, "averaging": 0.9, "teacher_weight": 1.0, "learning_rate": 0.01}
    config = TrainingConfig.for_architecture("mlp", epochs=8, **options)
    contrary = {
        images.tobytes(): (label + 1) % 7
        for split in data.splits.values()
        for images, label in zip(split.images, split.labels, strict=True)
    }

    def teach(images):
        return {Reading.LABELS: one_hot(np.array([contrary[image.tobytes()] for image in images]))}

    network = fit(config, data, tmp_path, teach=teach, verbose=0).network
    images = data.split("PublicTest").images
    answers = network.predict(images.astype(np.float32), verbose=0)["emotion"]
    assert evaluate(answers, teach(images)[Reading.LABELS].argmax(axis=1)).accuracy > 0.5


def test_fewer_rows_than_a_batch_are_one_batch(data, tmp_path):
    config = TrainingConfig.for_architecture("mlp", epochs=1, batch_size=512)
    assert len(fit(config, data, tmp_path, verbose=0).history) == 1


def test_an_epoch_shows_every_row_once(data):
    batches = TrainingBatches(data.split("Training"), TrainingConfig.for_architecture("mlp", batch_size=21))
    shown = np.concatenate([batches[index][0] for index in range(len(batches))])
    assert shown.shape == (210, 48, 48, 1)
    assert (
        np.sort(shown.sum(axis=(1, 2, 3))).tolist()
        == np.sort(data.split("Training").images.sum(axis=(1, 2, 3), dtype=float)).tolist()
    )


def test_votes_are_a_second_target_except_where_nobody_voted(data, tmp_path):
    votes = np.zeros((210, len(VOTE_CLASSES)), np.float32)
    votes[1:, 0] = 1
    training, validation = data.split("Training"), data.split("PublicTest")
    splits = {
        "Training": Split(training.images, training.labels, votes),
        "PublicTest": Split(validation.images, validation.labels, votes[:35]),
    }
    with_votes = FaceData(data.path, splits, data.sha256)
    batches = TrainingBatches(splits["Training"], TrainingConfig.for_architecture("mlp", batch_size=210))
    _, targets, weights = batches[0]
    assert (weights["votes"] == targets["votes"].sum(axis=1)).all()
    assert weights["votes"].sum() == 209
    fitted = fit(TrainingConfig.for_architecture("mlp", epochs=1), with_votes, tmp_path, verbose=0)
    assert "votes_loss" in fitted.history[0]


def _no_answers(images):
    return {Reading.LABELS: np.full((len(images), 7), np.nan, np.float32)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_loss_that_explodes_is_an_error_not_a_network(data, tmp_path):
    config = TrainingConfig.for_architecture("mlp", epochs=1, optimizer="sgd", learning_rate=10.0)
    with pytest.raises(LearningError, match=r"loss of epoch 1 is not a finite number\. Try a lower learning rate"):
        fit(config, data, tmp_path, teach=_no_answers, verbose=0)


def test_it_refuses_data_without_a_validation_split(make_csv, tmp_path):
    data = read_faces(make_csv(validation=0))
    with pytest.raises(LearningError, match="no rows of the split PublicTest"):
        fit(TrainingConfig.for_architecture("mlp", epochs=1), data, tmp_path, verbose=0)


def _one_convolution(x):
    x = keras.layers.Conv2D(8, 3, use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    return keras.layers.Dropout(0.3)(keras.layers.GlobalAveragePooling2D()(x))


@pytest.mark.slow
def test_small_faces_first_and_then_whole_ones(data, tmp_path, monkeypatch):
    # Whole residual blocks are traced for a quarter of a minute, once for each size.
    row = replace(ARCHITECTURES["residual"], features=_one_convolution)
    monkeypatch.setitem(ARCHITECTURES, "residual", row)
    config = TrainingConfig.for_architecture("residual", epochs=2, batch_size=16, small=0.5, averaging=0)
    fitted = fit(config, data, tmp_path, verbose=0)
    assert len(fitted.history) == 2


@pytest.mark.slow
def test_its_last_epochs_may_be_sharpness_aware(data, tmp_path):
    config = TrainingConfig.for_architecture("mlp", epochs=4, batch_size=16, sharpness=0.05, sharpness_share=0.5)
    fitted = fit(config, data, tmp_path, verbose=0)
    assert fitted.network.radius == 0.05
    losses = [epoch["loss"] for epoch in fitted.history]
    assert len(losses) == 4
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [(0, 10)]),
        ({"small": 0.6}, [(0, 6), (6, 10)]),
        ({"sharpness": 0.05}, [(0, 9), (9, 10)]),
        ({"small": 0.6, "sharpness": 0.05}, [(0, 6), (6, 9), (9, 10)]),
    ],
)
def test_a_training_has_a_phase_for_each_kind_of_step(changes, found):
    assert phases(TrainingConfig.for_architecture("mlp", epochs=10, **changes)) == found


@pytest.mark.slow
def test_the_mean_of_weights_is_not_trained(data, tmp_path):
    config = TrainingConfig.for_architecture("mlp", epochs=3, batch_size=16, mean_of="one,another")
    networks = [build_model("mlp") for _ in range(2)]
    kernels = [network.get_layer("emotion").get_weights()[0] for network in networks]
    fitted = fit(config, data, tmp_path, start=mean_network(networks), verbose=0)
    assert fitted.history == []
    np.testing.assert_allclose(
        fitted.network.get_layer("emotion").get_weights()[0], np.mean(kernels, axis=0), atol=1e-6
    )


def test_a_mean_needs_the_same_layers():
    with pytest.raises(LearningError, match="needs networks with the same layers"):
        mean_network([build_model("mlp"), build_model("mlp", votes_head=True)])
