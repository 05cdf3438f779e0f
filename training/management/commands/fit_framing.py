"""`manage.py fit_framing`: print the figures of docs/framing.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import DETECTORS, create_detector
from training.learning.data.read import TRAINING, VALIDATION, FaceData, Split, read_faces
from training.learning.framing import FrameFit, TurnResult, compare_turns, fit_frame
from training.management.learning_command import DATA_HELP, VERSION_HELP, LearningCommand, load_classifier

_TILTS = (0, 15, 30, 45, 90, 180)
_TURNS = (0.0, 0.5, 1.0)


class Command(LearningCommand):
    help = "Fit how a detector's boxes relate to FER-2013's frame, and measure what turning faces upright is worth."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--detector", choices=list(DETECTORS), default=settings.FACE_DETECTOR, help="default: %(default)s")
        add("--rows", type=int, default=1500, help="faces to take from each split (default: %(default)s)")
        add("--seed", type=int, default=0)
        add("--version", help=VERSION_HELP)

    def work(self, **options: Any) -> None:
        console = Console()
        data = read_faces(options["data"])
        detector = create_detector(options["detector"])
        classifier, seed = load_classifier(options["version"]), options["seed"]
        faces = _sample(data, TRAINING, options["rows"], seed)
        _print_fit(console, detector, fit_frame(faces, detector, seed=seed))
        faces = _sample(data, VALIDATION, options["rows"], seed)
        results = [compare_turns(faces, detector, classifier, tilt=tilt, turns=_TURNS, seed=seed) for tilt in _TILTS]
        _print_turns(console, results, len(faces))


def _sample(data: FaceData, name: str, rows: int, seed: int) -> Split:
    split = data.split(name)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(split))[:rows])
    return Split(split.images[chosen], split.labels[chosen])


def _print_fit(console: Console, detector: FaceDetector, fit: FrameFit) -> None:
    title = f"{detector.name}: {fit.found} of {fit.n} {TRAINING} faces found"
    table = Table("", "scale", "right", "down", title=title, box=box.SIMPLE_HEAD)
    used, fitted = detector.frame, fit.frame
    for name, values in (
        ("fitted (median)", (fitted.scale, fitted.right, fitted.down)),
        ("spread (half of the central 68 %)", fit.spread),
        ("in use", (used.scale, used.right, used.down)),
    ):
        table.add_row(name, *(f"{value:.3f}" for value in values))
    console.print(table)


def _print_turns(console: Console, results: list[TurnResult], rows: int) -> None:
    title = f"Accuracy on {rows} {VALIDATION} faces, by the share of the tilt that the crop undoes"
    columns = ["tilt", "found", "direct", *(f"{turn:.0%} undone" for turn in _TURNS)]
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD)
    for result in results:
        shares = (result.found, result.direct, *(result.accuracies[turn] for turn in _TURNS))
        table.add_row(f"{result.tilt}°", *(f"{share:.1%}" for share in shares))
    console.print(table)
