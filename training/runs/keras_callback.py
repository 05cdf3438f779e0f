"""Writes a training's progress into its run, as Keras goes along."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable
from pathlib import Path

import keras
from django.db import DatabaseError, close_old_connections

from training.learning.errors import TrainingStopped
from training.learning.network.checkpoints import read_history
from training.runs.claims import figures, match_epochs, record_epoch
from training.runs.heartbeat import Heart

_PACE_BATCHES = 50


class RunRecorder(keras.callbacks.Callback):
    """A row for each epoch and, by the heart, a count of batches; stops the training when the heart says so."""

    def __init__(self, heart: Heart, folder: Path, batch_size: int) -> None:
        super().__init__()
        self._heart = heart
        self._folder = folder
        self._batch_size = batch_size
        self._times: collections.deque[float] = collections.deque(maxlen=_PACE_BATCHES)
        self._epoch_began = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        history = read_history(self._folder)
        patiently(lambda: match_epochs(token=self._heart.token, history=history))
        if history:
            self._heart.say(f"Going on after epoch {len(history)}, from the last checkpoint")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch_began = time.monotonic()
        self._times.clear()
        self._heart.tell(batch=0, batches=self.params["steps"])

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._times.append(time.monotonic())
        passed = self._times[-1] - self._times[0]
        pace = (len(self._times) - 1) * self._batch_size / passed if passed else None
        self._heart.tell(batch=batch + 1, images_per_second=pace)
        self._stop_if_asked()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        seconds = time.monotonic() - self._epoch_began
        self._heart.tell(batch=0)
        token, number = self._heart.token, epoch + 1
        patiently(lambda: record_epoch(token=token, number=number, metrics=logs, seconds=seconds))
        self._heart.say(f"Epoch {epoch + 1}/{self.params['epochs']}: {describe_metrics(logs)}, {seconds:.0f} s")
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._heart.stopping.is_set():
            raise TrainingStopped


def patiently(write: Callable[[], object], tries: int = 10, pause: float = 3.0) -> None:
    """Write in spite of a database that is away for a moment."""
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


def describe_metrics(logs: dict[str, float]) -> str:
    """Return the figures of an epoch, as Keras names them, in words."""
    values = figures(logs)
    return (
        f"loss {values['loss']:.3f}, accuracy {values['accuracy']:.1%}, "
        f"PublicTest loss {values['val_loss']:.3f}, accuracy {values['val_accuracy']:.1%}"
    )
