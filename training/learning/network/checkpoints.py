"""What a training leaves behind after each epoch, so that it can go on after a kill."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import keras

from analysis.recognition.errors import gettext_noop
from training.learning.errors import LearningError


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """After each epoch: weights and optimizer in one file, then `state.json`, which names it, replaced atomically.

    A kill between the two leaves the older pair in force. `identity` is what must be alike for a resume: JSON
    values, the configuration's under "config".
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        super().__init__()
        self._folder = folder
        self._identity = identity
        self.history: list[dict[str, float]] = []
        self.seconds: float | None = 0.0
        self._batch = 0
        self._iterations = 0
        self._since = time.monotonic()

    @property
    def _state(self) -> Path:
        return self._folder / "state.json"

    def refuse_leftovers(self) -> None:
        """Raise `LearningError` where an earlier run left something that a new one would overwrite."""
        if self._state.exists():
            self._read()
            text = gettext_noop("%(folder)s already has a checkpoint of this training.")
            hint = gettext_noop("Continue it with `--resume`, or choose another name for the version.")
            raise LearningError(text, folder=str(self._folder), hint=hint)

    def restore(self, model: keras.Model) -> int:
        """Load what an earlier run of the same configuration and data left; return the epochs done (0 if none)."""
        if not self._state.exists():
            return 0
        state = self._read()
        model.optimizer.build(model.trainable_variables)
        try:
            model.load_weights(self._folder / state["weights"])
        except (ValueError, OSError) as error:
            text = gettext_noop("The weights in %(path)s do not fit this network. (%(error)s)")
            raise LearningError(text, path=str(self._folder / state["weights"]), error=str(error)) from error
        self.history = state["history"]
        self.seconds = state.get("seconds")
        if "iterations" in state:
            # The epoch begins anew, with weights that saw some of it; the rate's schedule must not run ahead.
            model.optimizer.iterations.assign(state["iterations"])
        return len(self.history)

    def _read(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self._state.read_text(encoding="utf-8"))
            found = _flat(state["identity"])
        except (ValueError, KeyError, TypeError) as error:
            text = gettext_noop("%(path)s is not the state of a training. (%(error)s)")
            raise LearningError(text, path=str(self._state), error=repr(error)) from error
        expected = _flat(self._identity)
        # Compared by the keys of what is there: an older state lacks some.
        if differing := [key for key in found if found[key] != expected.get(key)]:
            theirs, ours = (", ".join(f"{key}={each.get(key)!r}" for key in differing) for each in (found, expected))
            text = gettext_noop("%(folder)s has another training’s checkpoint, with %(found)s instead of %(needed)s.")
            hint = gettext_noop("Choose another name for the version, or remove that folder.")
            raise LearningError(text, folder=str(self._folder), found=theirs, needed=ours, hint=hint)
        return state

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._since = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, metrics.values())):
            text = gettext_noop("The loss of epoch %(epoch)s is not a finite number.")
            raise LearningError(text, epoch=epoch + 1, hint=gettext_noop("Try a lower learning rate."))
        self.history.append(metrics)
        self._save(f"epoch-{epoch + 1:03d}.weights.h5")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._batch = 0
        self._iterations = int(self.model.optimizer.iterations)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._batch = batch + 1

    def keep_partial(self) -> None:
        """Keep the weights of an epoch that was stopped on its way."""
        if self._batch:
            name = f"epoch-{len(self.history) + 1:03d}-stopped.weights.h5"
            self._save(name, iterations=self._iterations)

    def _save(self, name: str, **more: int) -> None:
        self._count_time()
        weights, unfinished = self._folder / name, self._folder / "unfinished.weights.h5"
        beside = self._state.with_suffix(".tmp")
        state = {
            "identity": self._identity,
            "weights": name,
            "history": self.history,
            "seconds": self.seconds,
            **more,
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.model.save_weights(unfinished)
            unfinished.replace(weights)
            beside.write_text(json.dumps(state), encoding="utf-8")
            beside.replace(self._state)
        except (OSError, RuntimeError) as error:  # HDF5 raises either when the disk is full
            for leftover in (unfinished, beside):
                leftover.unlink(missing_ok=True)
            first_line = str(error).partition("\n")[0]
            text = gettext_noop("The checkpoint %(path)s could not be written. (%(error)s)")
            raise LearningError(text, path=str(weights), error=first_line) from error
        for older in self._folder.glob("epoch-*.weights.h5"):
            if older != weights:
                older.unlink()

    def _count_time(self) -> None:
        now = time.monotonic()
        if self.seconds is not None:
            self.seconds += now - self._since
        self._since = now


def _flat(identity: dict[str, Any]) -> dict[str, Any]:
    return {**identity["config"], **{key: value for key, value in identity.items() if key != "config"}}


def read_history(folder: Path) -> list[dict[str, float]]:
    """Return the metrics of each epoch that the checkpoint in `folder` holds; none where there is no checkpoint."""
    try:
        history: list[dict[str, float]] = json.loads((folder / "state.json").read_text(encoding="utf-8"))["history"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return history
