"""`manage.py measure_doubts`: print the figures of docs/uncertainty.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors.registry import DETECTORS, create_detector
from training.learning.data.read import VALIDATION, Split, read_faces
from training.learning.evaluation.quality_thresholds import PoseBin, Step, by_pose, worsen
from training.management.learning_command import DATA_HELP, VERSION_HELP, LearningCommand, load_classifier


class Command(LearningCommand):
    help = "Measure from where on a face is shown too badly for an answer to be relied upon."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--detector", choices=list(DETECTORS), default=settings.FACE_DETECTOR, help="default: %(default)s")
        add("--rows", type=int, help="the first faces only, for a quick look")
        add("--version", help=VERSION_HELP)

    def work(self, **options: Any) -> None:
        console = Console()
        split = read_faces(options["data"]).split(VALIDATION)
        split = Split(split.images[: options["rows"]], split.labels[: options["rows"]])
        classifier = load_classifier(options["version"])
        steps = worsen(lambda images: classifier.classify(images[..., 0]), split.images, split.labels)
        _print_steps(console, list(steps), len(split))
        _print_poses(console, by_pose(split, create_detector(options["detector"]), classifier))


def _print_steps(console: Console, steps: list[Step], rows: int) -> None:
    table = Table("doubt", "faces made", "measured", "accuracy", "lost", box=box.SIMPLE_HEAD)
    table.title = f"{rows} {VALIDATION} faces"
    for step in steps:
        lost = f"{100 * step.lost:.1f} points"
        table.add_row(step.doubt, step.words, f"{step.measure:.3g}", f"{step.accuracy:.1%}", lost)
    console.print(table)


def _print_poses(console: Console, bins: Iterable[PoseBin]) -> None:
    title = "through the detector, at 192 pixels"
    table = Table("measure", "from", "to", "faces", "accuracy", "directly", title=title, box=box.SIMPLE_HEAD)
    for each in bins:
        bounds = (f"{bound:.2f}" for bound in (each.lower, each.upper))
        table.add_row(each.measure, *bounds, str(each.n), f"{each.accuracy:.1%}", f"{each.direct:.1%}")
    console.print(table)
