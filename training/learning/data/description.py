"""A data set as a picture: class counts and a grid of samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.recognition.emotions import COLOURS, EMOTIONS
from training.learning.data.splits import FaceData
from training.learning.errors import LearningError

SAMPLES = 6
"""Faces shown of each class."""


def draw_description(data: FaceData, path: Path) -> None:
    """Write a chart of every split's class counts above faces of each class; the format by `path`'s ending."""
    # Matplotlib's object interface, not pyplot: no global figures, no windowing system.
    figure = Figure(figsize=(10, 12), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=(2, 5))
    counts, samples = parts
    _draw_counts(counts.subplots(), data)
    _draw_samples(samples.subplots(SAMPLES, len(EMOTIONS)), data)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise LearningError(f"The picture {path} could not be written. ({error})") from error


def _draw_counts(axes: Axes, data: FaceData) -> None:
    width = 0.8 / len(data.splits)
    for number, (name, split) in enumerate(data.splits.items()):
        places = np.arange(len(EMOTIONS)) + (number - (len(data.splits) - 1) / 2) * width
        bars = axes.bar(places, split.class_counts(), width, label=f"{name} ({len(split)})", alpha=1 - 0.3 * number)
        axes.bar_label(bars, fontsize=6)
        for bar, emotion in zip(bars, EMOTIONS, strict=True):
            bar.set_color(COLOURS[emotion])
    axes.set_xticks(range(len(EMOTIONS)), [emotion.value for emotion in EMOTIONS])
    axes.set_ylabel("faces")
    axes.set_title(data.path.name)
    axes.legend(fontsize=8)


def _draw_samples(grid: np.ndarray[tuple[int, int], np.dtype[np.object_]], data: FaceData) -> None:
    everything = data.joined()
    for column, emotion in enumerate(EMOTIONS):
        rows = np.flatnonzero(everything.labels == column)
        chosen = np.random.default_rng(column).permutation(rows)[:SAMPLES]
        for line in range(SAMPLES):
            axes = grid[line, column]
            axes.set_axis_off()
            if line < len(chosen):
                axes.imshow(everything.images[chosen[line], ..., 0], cmap="gray", vmin=0, vmax=255)
        grid[0, column].set_title(emotion.value, fontsize=9)
