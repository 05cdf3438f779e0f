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
from analysis.recognition.readings import SUMMARIES, Reading
from analysis.recognition.silenced_stderr import silenced_stderr
from training.evaluating import ALL_SPLITS, Evaluated, evaluate_version
from training.learning.evaluation.groups import GroupFigures, Proportion
from training.learning.evaluation.metrics import Certainty, Evaluation
from training.learning.evaluation.stress import Stressed
from training.management.learning_command import CLASSES_HELP, DATA_HELP, LearningCommand


class Command(LearningCommand):
    help = "Evaluate a model version on FER-2013, or on any folder tree of the same classes, some perhaps absent."

    def add_arguments(self, parser: CommandParser) -> None:
        splits = ["PrivateTest", "PublicTest", "Training", ALL_SPLITS]
        add = parser.add_argument
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--classes", help=CLASSES_HELP)
        add("--version", help="default: the shipped one; one,another: the mean of their answers")
        add("--split", choices=splits, default="PrivateTest", help="pictures without split folders are PrivateTest")
        add("--reading", choices=[*map(str, Reading)], default=str(Reading.SERVED), help="default: what users receive")
        add("--votes", type=Path, help="fer2013new.csv: score the answers by the majority of FER+'s votes, too")
        add("--engine", choices=["litert", "keras"], default="litert", help="litert is what serves")
        add("--stress", action="store_true", help="also on the same faces blurred, small, turned, dark, half covered")
        add("--groups", type=Path, help="CSV of file and group: found and correct shares by group, of a folder tree")
        add("--without-duplicates", action="store_true", help="leave out faces whose twin is in the training split")
        add("--json", action="store_true", help="print one JSON object")

    def work(self, **options: Any) -> None:
        if options["engine"] == "keras":
            with silenced_stderr():
                import keras  # noqa: F401
        names = ("data", "version", "split", "engine", "classes", "votes", "groups", "without_duplicates")
        asked = {name: options[name] for name in names}
        evaluated = evaluate_version(**asked, reading=Reading(options["reading"]), stressed=options["stress"])
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(evaluated)))
            return
        console = Console()
        where = f"{options['split']} of {options['data']}"
        console.print(
            f"{evaluated.version} on {where}, {SUMMARIES[evaluated.reading]}, by {options['engine']}", highlight=False
        )
        if options["without_duplicates"]:
            console.print(f"{evaluated.twins} faces left out: their twins are in Training.", highlight=False)
        for note in evaluated.notes:
            console.print(note, style="yellow", highlight=False)
        print_evaluation(console, evaluated.figures.labels)
        print_beside(console, evaluated)
        if evaluated.stressed:
            print_stress(console, evaluated.stressed)
        if evaluated.groups:
            print_groups(console, evaluated.groups)


def _table(*columns: str, texts: int = 1, title: str | None = None) -> Table:
    """Return a table whose columns after the first `texts` hold numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < texts else "right")
    return table


def _as_json(evaluated: Evaluated) -> dict[str, Any]:
    figures, kept = evaluated.figures, evaluated.without_twins
    found: dict[str, Any] = figures.labels.as_json() | {"reading": str(evaluated.reading)}
    if figures.votes is not None:
        found["votes"] = figures.votes.as_json()
    if kept is not None:
        found["without_twins"] = kept.labels.as_json() | ({"votes": kept.votes.as_json()} if kept.votes else {})
    if evaluated.stressed:
        found["stress"] = {result.name: result.accuracy for result in evaluated.stressed}
    if evaluated.groups:
        found["groups"] = {group.name: _group_json(group) for group in evaluated.groups}
    return found


def _group_json(group: GroupFigures) -> dict[str, Any]:
    return {
        name: {"count": each.count, "n": each.n, "share": each.share, "interval": list(each.interval)}
        for name, each in (("found", group.found), ("right", group.right))
    }


def print_beside(console: Console, evaluated: Evaluated) -> None:
    """Print the accuracies against labels and votes, each with its value without twins."""
    table = _table("right by", "faces", "accuracy", "balanced", "macro-F1")
    votes = evaluated.figures.votes
    for figures, words in ((evaluated.figures, ""), (evaluated.without_twins, ", without twins")):
        if figures is not None:
            table.add_row(f"the labels{words}", *_row(figures.labels))
        if figures is not None and figures.votes is not None:
            table.add_row(f"the votes{words}", *_row(figures.votes.evaluation))
    console.print(table)
    if votes is not None:
        console.print(
            f"No majority of votes on {votes.ties} faces; left out too: {votes.contempt} of contempt, {votes.unknown} "
            f"unknown or no face. With contempt counted as wrong: {votes.accuracy_with_contempt:.2%}.",
            highlight=False,
        )


def _row(evaluation: Evaluation) -> list[str]:
    accuracies = (f"{each:.2%}" for each in (evaluation.accuracy, evaluation.balanced_accuracy))
    return [str(evaluation.n), *accuracies, f"{evaluation.macro_f1:.3f}"]


def print_groups(console: Console, groups: Sequence[GroupFigures]) -> None:
    """Print how many faces of each group were found and named as labelled, with 95 % intervals."""
    table = _table("group", "pictures", "found", "95 %", "named as labelled", "95 %")
    for group in groups:
        table.add_row(group.name, str(group.found.n), *_proportion(group.found), *_proportion(group.right))
    console.print(table)


def _proportion(proportion: Proportion) -> tuple[str, str]:
    if proportion.share is None:
        return "none", ""
    low, high = proportion.interval
    return f"{proportion.share:.1%}", f"{low:.1%} to {high:.1%}"


def print_stress(console: Console, stressed: Sequence[Stressed]) -> None:
    """Print the accuracy under each condition and what it lost."""
    table = _table("under", "", "accuracy", "lost", title="the same faces, worse", texts=2)
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
    table = _table("actual", *(emotion.value for emotion in EMOTIONS), "recall", title="taken for")
    for emotion, counts, recall in zip(EMOTIONS, evaluation.confusion, evaluation.recall, strict=True):
        share = "absent" if recall is None else f"{recall:.1%}"
        table.add_row(emotion.value, *map(str, counts), share)
    console.print(table)
    if evaluation.absent:
        console.print(f"Not in these data, and left out of macro-F1: {', '.join(evaluation.absent)}.", highlight=False)
