"""Progress of a training in a terminal."""

from __future__ import annotations

import time

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class TrainingProgress(keras.callbacks.Callback):
    """Shows a bar for the batches of an epoch, and prints a line for each finished epoch."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        metrics = TextColumn("{task.fields[metrics]}")
        self._bar = Progress(*columns, metrics, console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID | None = None
        self._started = 0.0

    def stop(self) -> None:
        """Remove the bar, also after an interruption."""
        self._bar.stop()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.monotonic()
        self._bar.start()
        title = f"Epoch {epoch + 1}/{self.params['epochs']}"
        self._task = self._bar.add_task(title, total=self.params["steps"], metrics="")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=batch + 1, metrics=_describe(logs or {}, ""))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._bar.stop()
        figures = f"training {_describe(logs or {}, '')}  PublicTest {_describe(logs or {}, 'val_')}"
        self._console.print(
            f"epoch {epoch + 1}/{self.params['epochs']}  {figures}  {time.monotonic() - self._started:.0f} s",
            highlight=False,
            soft_wrap=True,
        )


def _describe(logs: dict[str, float], prefix: str) -> str:
    # With one output Keras names the metrics without it.
    accuracy = logs.get(f"{prefix}emotion_accuracy", logs.get(f"{prefix}accuracy"))
    loss = logs.get(f"{prefix}emotion_loss", logs.get(f"{prefix}loss"))
    if accuracy is None or loss is None:
        return ""
    return f"loss {loss:.3f}, accuracy {accuracy:.1%}"
