"""`manage.py measure_doubts`: print the figures of docs/uncertainty.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors.registry import DETECTORS, create_detector
from training.learning.data.read import VALIDATION, Split, read_faces
from training.learning.evaluation.quality_thresholds import Step, TurnBin, by_turn, worsen
from training.management.learning_command import DATA_HELP, VERSION_HELP, LearningCommand, load_classifier


class Command(LearningCommand):
    help = "Measure from where on a face is too small, blurred, dark or turned for an answer to be relied upon."

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
        _print_turns(console, by_turn(split, create_detector(options["detector"]), classifier))


def _print_steps(console: Console, steps: list[Step], rows: int) -> None:
    table = Table("doubt", "faces made", "measured", "accuracy", "lost", box=box.SIMPLE_HEAD)
    table.title = f"{rows} {VALIDATION} faces"
    for step in steps:
        lost = f"{100 * step.lost:.1f} points"
        table.add_row(step.doubt, step.words, f"{step.measure:.3g}", f"{step.accuracy:.1%}", lost)
    console.print(table)


def _print_turns(console: Console, bins: list[TurnBin]) -> None:
    table = Table(
        "nose aside by", "faces", "accuracy", title="through the detector, at 192 pixels", box=box.SIMPLE_HEAD
    )
    for each in bins:
        table.add_row(f"{each.lower:.1f} to {each.upper:.1f}", str(each.n), f"{each.accuracy:.1%}")
    console.print(table)
