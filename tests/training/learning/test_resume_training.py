"""A training that stopped goes on where it was."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from training.learning.data.read import read_faces
from training.learning.errors import LearningError
from training.learning.fit import TrainingConfig, fit

pytestmark = pytest.mark.usefixtures("small_mlp", "few_recalibrations")


@pytest.fixture(scope="module")
def data(small_csv):
    return read_faces(small_csv)


@pytest.fixture(scope="module")
def config():
    changes = {"optimizer": "sgd", "averaging": 0.9, "augmentation": "light", "weight_decay": 1e-3}
    return TrainingConfig.for_architecture("mlp", epochs=3, batch_size=16, seed=4, **changes)


class StopAfter(keras.callbacks.Callback):
    """Ctrl-C in the midst of the epoch after `epochs`."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.epochs and batch == 1:
            raise KeyboardInterrupt

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch


@pytest.fixture(scope="module")
def stopped_once(config, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(KeyboardInterrupt):
        fit(config, data, folder, callbacks=[StopAfter(2)], verbose=0)
    return folder


@pytest.fixture
def stopped(stopped_once, tmp_path):
    """A folder that a training of three epochs, stopped in the third, left."""
    return Path(shutil.copytree(stopped_once, tmp_path / "stopped"))


def test_it_ends_as_if_it_had_never_stopped(config, data, stopped, tmp_path):
    whole = fit(config, data, tmp_path / "whole", verbose=0)
    resumed = fit(config, data, stopped, resume=True, verbose=0)
    assert len(resumed.history) == 3
    assert resumed.history[2] == pytest.approx(whole.history[2], rel=1e-3)
    assert_alike(resumed.network, whole.network)


def test_a_finished_training_is_taken_as_it_is_and_has_the_seconds_of_all_parts(config, data, stopped):
    before = json.loads((stopped / "state.json").read_text())["seconds"]
    first = fit(config, data, stopped, resume=True, verbose=0)
    assert 0 < before < first.seconds  # of all parts
    assert sorted(path.name for path in stopped.iterdir()) == ["epoch-003.weights.h5", "state.json"]
    again = fit(config, data, stopped, resume=True, verbose=0)
    assert again.history == first.history
    assert_alike(again.network, first.network)


def test_a_checkpoint_from_before_seconds_were_counted_is_resumed(config, data, stopped):
    state = json.loads((stopped / "state.json").read_text())
    identity = {name: state["identity"][name] for name in ("config", "data_sha256")}
    older = {"identity": identity, "weights": state["weights"], "history": state["history"]}
    (stopped / "state.json").write_text(json.dumps(older))
    fitted = fit(config, data, stopped, resume=True, verbose=0)
    assert (len(fitted.history), fitted.seconds) == (3, None)


def test_without_resume_it_overwrites_nothing(config, data, stopped):
    with pytest.raises(LearningError, match="Continue it with `--resume`, or choose another name"):
        fit(config, data, stopped, verbose=0)


@pytest.mark.parametrize("resume", [True, False])
def test_it_refuses_another_configurations_checkpoint(config, data, stopped, resume):
    other = replace(config, seed=5)
    with pytest.raises(LearningError, match=r"has another training’s checkpoint, with seed=4 instead of seed=5"):
        fit(other, data, stopped, resume=resume, verbose=0)


def test_it_refuses_another_data_sets_checkpoint(config, data, stopped):
    with pytest.raises(LearningError, match="training_rows=70 instead of training_rows=30"):
        fit(config, data.head(30), stopped, resume=True, verbose=0)


def test_it_refuses_damaged_weights(config, data, stopped):
    (stopped / "epoch-002.weights.h5").write_bytes(b"damaged")
    with pytest.raises(LearningError, match=r"epoch-002\.weights\.h5 do not fit this network"):
        fit(config, data, stopped, resume=True, verbose=0)


def test_it_refuses_a_damaged_state(config, data, stopped):
    (stopped / "state.json").write_text("{")
    with pytest.raises(LearningError, match=r"state\.json is not the state of a training"):
        fit(config, data, stopped, resume=True, verbose=0)


def assert_alike(network, expected):
    for mine, theirs in zip(network.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
