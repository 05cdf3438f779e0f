"""`manage.py evaluate`: what a version is worth on a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.emotions import EMOTIONS
from training.learning.evaluation import Evaluation
from training.management.learning_command import LearningCommand, quiet_import
from training.services import ALL_SPLITS, evaluate_version


class Command(LearningCommand):
    help = "Evaluate a model version on FER-2013, or on any folder tree of the same classes, some perhaps absent."

    def add_arguments(self, parser: CommandParser) -> None:
        splits = ["PrivateTest", "PublicTest", "Training", ALL_SPLITS]
        add = parser.add_argument
        add("--data", type=Path, required=True, help="fer2013.csv, its .zip or .tar.gz, or a tree of class folders")
        add("--version", help="default: the shipped one")
        add("--split", choices=splits, default="PrivateTest", help="pictures without split folders are PrivateTest")
        add("--engine", choices=["litert", "keras"], default="litert", help="litert is what serves")
        add("--json", action="store_true", help="print one JSON object")

    def work(self, **options: Any) -> None:
        names = ("data", "version", "split", "engine")
        if options["engine"] == "keras":
            with quiet_import():
                import keras  # noqa: F401
        version, evaluation = evaluate_version(**{name: options[name] for name in names})
        if options["json"]:
            self.stdout.write(json.dumps(evaluation.as_json()))
            return
        console = Console()
        console.print(f"{version} on {options['split']} of {options['data']}, by {options['engine']}", highlight=False)
        print_evaluation(console, evaluation)


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the figures, and the confusion matrix with actual classes in rows."""
    console.print(
        f"n {evaluation.n}   accuracy {evaluation.accuracy:.2%}   macro-F1 {evaluation.macro_f1:.3f}   "
        f"expected calibration error {evaluation.ece:.3f}",
        style="bold",
        highlight=False,
    )
    table = Table("actual", *(emotion.value for emotion in EMOTIONS), "recall", title="taken for", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for emotion, counts, recall in zip(EMOTIONS, evaluation.confusion, evaluation.recall, strict=True):
        share = "absent" if recall is None else f"{recall:.1%}"
        table.add_row(emotion.value, *map(str, counts), share)
    console.print(table)
    if evaluation.absent:
        console.print(f"Not in these data, and left out of macro-F1: {', '.join(evaluation.absent)}.", highlight=False)
