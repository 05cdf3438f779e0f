"""`manage.py evaluate`: what a version is worth on a data set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.emotions import EMOTIONS
from analysis.silenced_stderr import silenced_stderr
from training.learning.evaluation.metrics import Certainty, Evaluation
from training.learning.evaluation.stress import Stressed
from training.management.learning_command import LearningCommand
from training.pipeline import ALL_SPLITS, Evaluated, evaluate_version


class Command(LearningCommand):
    help = "Evaluate a model version on FER-2013, or on any folder tree of the same classes, some perhaps absent."

    def add_arguments(self, parser: CommandParser) -> None:
        splits = ["PrivateTest", "PublicTest", "Training", ALL_SPLITS]
        add = parser.add_argument
        add("--data", type=Path, required=True, help="fer2013.csv, its .zip or .tar.gz, or a tree of class folders")
        add("--version", help="default: the shipped one")
        add("--split", choices=splits, default="PrivateTest", help="pictures without split folders are PrivateTest")
        add("--engine", choices=["litert", "keras"], default="litert", help="litert is what serves")
        add("--stress", action="store_true", help="also on the same faces blurred, small, turned, dark, half covered")
        add("--without-duplicates", action="store_true", help="leave out faces whose twin is in the training split")
        add("--json", action="store_true", help="print one JSON object")

    def work(self, **options: Any) -> None:
        if options["engine"] == "keras":
            with silenced_stderr():
                import keras  # noqa: F401
        asked = {name: options[name] for name in ("data", "version", "split", "engine", "without_duplicates")}
        evaluated = evaluate_version(**asked, stressed=options["stress"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(evaluated)))
            return
        console = Console()
        where = f"{options['split']} of {options['data']}"
        console.print(f"{evaluated.version} on {where}, by {options['engine']}", highlight=False)
        if options["without_duplicates"]:
            console.print(f"{evaluated.left_out} faces left out: their twins are in Training.", highlight=False)
        print_evaluation(console, evaluated.evaluation)
        if evaluated.stressed:
            print_stress(console, evaluated.stressed)


def _as_json(evaluated: Evaluated) -> dict[str, Any]:
    stressed = {result.name: result.accuracy for result in evaluated.stressed}
    return evaluated.evaluation.as_json() | ({"stress": stressed} if stressed else {})


def print_stress(console: Console, stressed: Sequence[Stressed]) -> None:
    """Print the accuracy under each condition and what it lost."""
    table = Table("under", "", "accuracy", "lost", title="the same faces, worse", box=box.SIMPLE_HEAD)
    for column in table.columns[2:]:
        column.justify = "right"
    for result in stressed:
        table.add_row(result.name, result.summary, f"{result.accuracy:.2%}", f"{100 * result.lost:.1f} points")
    console.print(table)


def _certainty_words(certainty: Certainty) -> str:
    right, rest = certainty.accuracy_uncertain, certainty.accuracy_certain
    words = f"{certainty.uncertain:.1%} of the answers are called uncertain"
    words += "" if right is None else f", of which {right:.1%} are right"
    return words + ("." if rest is None else f"; of the rest, {rest:.1%}.")


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the figures, and the confusion matrix with actual classes in rows."""
    console.print(
        f"n {evaluation.n}   accuracy {evaluation.accuracy:.2%}   macro-F1 {evaluation.macro_f1:.3f}   "
        f"expected calibration error {evaluation.ece:.3f}",
        style="bold",
        highlight=False,
    )
    console.print(_certainty_words(evaluation.certainty), highlight=False)
    table = Table("actual", *(emotion.value for emotion in EMOTIONS), "recall", title="taken for", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for emotion, counts, recall in zip(EMOTIONS, evaluation.confusion, evaluation.recall, strict=True):
        share = "absent" if recall is None else f"{recall:.1%}"
        table.add_row(emotion.value, *map(str, counts), share)
    console.print(table)
    if evaluation.absent:
        console.print(f"Not in these data, and left out of macro-F1: {', '.join(evaluation.absent)}.", highlight=False)
