"""A training that somebody stops, or that meets a full disk, keeps what it can."""

import json
import resource

import keras
import numpy as np
import pytest

from training.learning.data.read import read_faces
from training.learning.errors import LearningError, TrainingStopped
from training.learning.fit import TrainingConfig, fit


@pytest.fixture(scope="module")
def data(small_csv):
    return read_faces(small_csv)


@pytest.fixture(scope="module")
def config():
    return TrainingConfig.for_architecture("mlp", epochs=2, batch_size=16, seed=4, optimizer="sgd")


class Stop(keras.callbacks.Callback):
    def __init__(self, epoch, batch):
        super().__init__()
        self.stop_at = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.stop_at:
            self.weights = self.model.get_weights()
            raise TrainingStopped


class Begin(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self, "epoch"):
            self.epoch, self.weights = epoch, self.model.get_weights()
            self.iterations = int(self.model.optimizer.iterations)


@pytest.mark.parametrize("epoch", [0, 1])
def test_stopped_in_mid_epoch_it_goes_on_with_the_weights_it_had(config, data, tmp_path, epoch):
    stop, begin = Stop(epoch, 2), Begin()
    with pytest.raises(TrainingStopped):
        fit(config, data, tmp_path, callbacks=[stop], verbose=0)
    fitted = fit(config, data, tmp_path, resume=True, callbacks=[begin], verbose=0)
    assert begin.epoch == epoch
    for kept, had in zip(begin.weights, stop.weights, strict=True):
        np.testing.assert_array_equal(kept, had)
    # The learning rate's schedule begins the epoch anew, too.
    assert begin.iterations == epoch * 4
    assert len(fitted.history) == 2
    assert [path.name for path in tmp_path.glob("*.h5")] == ["epoch-002.weights.h5"]


def test_a_full_disk_is_told_and_the_checkpoint_before_stays(config, data, tmp_path):
    class FillDisk(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                # The kernel refuses to write more, as on a full disk.
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))

    folder = tmp_path / "checkpoints"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(LearningError, match=r"epoch-002\.weights\.h5 could not be written"):
            fit(config, data, folder, callbacks=[FillDisk()], verbose=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-001.weights.h5", "state.json"]
    assert len(json.loads((folder / "state.json").read_text())["history"]) == 1
    assert len(fit(config, data, folder, resume=True, verbose=0).history) == 2


def test_extra_rows_are_learnt_from_and_need_not_be_the_same_after_a_resume(config, data, tmp_path):
    extra = data.split("Training").head(20)
    stop, begin = Stop(1, 1), Begin()
    with pytest.raises(TrainingStopped):
        fit(config, data, tmp_path, extra=extra, callbacks=[stop], verbose=0)
    assert stop.params["steps"] == 5
    fit(config, data, tmp_path, extra=extra.head(1), resume=True, callbacks=[begin], verbose=0)
    assert begin.params["steps"] == 4
