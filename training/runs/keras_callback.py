"""Keras callback that records a training's progress in its run."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable

import keras
from django.db import DatabaseError, close_old_connections

from ferproject.storage_errors import BucketError
from training.checkpoints import checkpoint_folder, store_checkpoint
from training.learning.errors import TrainingStopped
from training.learning.network.checkpoints import read_history
from training.runs.claims import epoch_figures, match_epochs, record_epoch
from training.runs.heartbeat import Heartbeat

_PACE_BATCHES = 50


class RunRecorder(keras.callbacks.Callback):
    """Writes a row for each epoch and, by the heartbeat, a count of batches; stops the training when it is to stop."""

    def __init__(self, heartbeat: Heartbeat, version: str, batch_size: int) -> None:
        super().__init__()
        self._heartbeat = heartbeat
        self._version = version
        self._batch_size = batch_size
        self._times: collections.deque[float] = collections.deque(maxlen=_PACE_BATCHES)
        self._epoch_started = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        history = read_history(checkpoint_folder(self._version))
        retry_on_database_error(lambda: match_epochs(token=self._heartbeat.token, history=history))
        if history:
            self._heartbeat.log(f"Going on after epoch {len(history)}, from the last checkpoint")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch_started = time.monotonic()
        self._times.clear()
        self._heartbeat.set_fields(batch=0, batches=self.params["steps"])

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._times.append(time.monotonic())
        passed = self._times[-1] - self._times[0]
        pace = (len(self._times) - 1) * self._batch_size / passed if passed else None
        self._heartbeat.set_fields(batch=batch + 1, images_per_second=pace)
        self._stop_if_requested()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        metrics = logs or {}
        figures = epoch_figures(metrics)
        seconds = time.monotonic() - self._epoch_started
        self._heartbeat.set_fields(batch=0)
        token, number = self._heartbeat.token, epoch + 1
        retry_on_database_error(lambda: record_epoch(token=token, number=number, metrics=metrics, seconds=seconds))
        self._heartbeat.log(
            f"Epoch {number}/{self.params['epochs']}: "
            f"loss {figures['loss']:.3f}, accuracy {figures['accuracy']:.1%}, "
            f"PublicTest loss {figures['val_loss']:.3f}, accuracy {figures['val_accuracy']:.1%}, {seconds:.0f} s"
        )
        try:
            store_checkpoint(self._version)
        except BucketError as error:
            self._heartbeat.log(f"The checkpoint was not copied; the next epoch tries again. {error}")
        self._stop_if_requested()

    def _stop_if_requested(self) -> None:
        if self._heartbeat.stopping.is_set():
            raise TrainingStopped


def retry_on_database_error(write: Callable[[], object], tries: int = 10, pause: float = 3.0) -> None:
    """Call `write` again while the database is away; raise its `DatabaseError` after the last try."""
    for left in reversed(range(tries)):
        try:
            write()
        except DatabaseError:
            if not left:
                raise
            close_old_connections()
            time.sleep(pause)
        else:
            return
