"""`manage.py describe_data`: print the splits and class counts of a data set."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Column, Table

from analysis.recognition.emotions import EMOTIONS
from training.learning.data.duplicates import find_duplicates
from training.learning.data.read import read_faces
from training.learning.data.splits import FaceData
from training.management.learning_command import CLASSES_HELP, DATA_HELP, LearningCommand


class Command(LearningCommand):
    help = "Print a data set's splits and class counts; --chart draws them with a grid of samples."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--classes", help=CLASSES_HELP)
        add("--chart", type=Path, metavar="FILE", help="a .png, .svg or .pdf to write")
        add("--duplicates", action="store_true", help="also count faces that two splits share, exactly or nearly")

    def work(self, **options: Any) -> None:
        data = read_faces(options["data"], classes=options["classes"])
        console = Console()
        for note in data.notes:
            console.print(note, style="yellow", highlight=False)
        _print_description(console, data)
        if options["duplicates"]:
            _print_duplicates(console, data)
        if options["chart"]:
            from training.learning.data.description import draw_description

            draw_description(data, options["chart"])
            console.print(f"Chart written to {options['chart']}", highlight=False, soft_wrap=True)


def _print_description(console: Console, data: FaceData) -> None:
    columns = [Column(name, justify="right") for name in (*data.splits, "together")]
    table = Table("class", *columns, title=f"{data.path.name}: {len(data.joined())} faces, 48 x 48, grey")
    counts = [split.class_counts() for split in data.splits.values()]
    for index, emotion in enumerate(EMOTIONS):
        row = [int(count[index]) for count in counts]
        table.add_row(emotion.value, *map(str, row), str(sum(row)))
    table.add_section()
    totals = [len(split) for split in data.splits.values()]
    table.add_row("all", *map(str, totals), str(sum(totals)))
    console.print(table)
    console.print(f"SHA-256 {data.sha256}", highlight=False, soft_wrap=True)


def _print_duplicates(console: Console, data: FaceData) -> None:
    columns = [Column(name, justify="right") for name in ("exactly", "exactly or nearly", "share")]
    table = Table("faces of", "that are also in", *columns)
    for first, second in combinations(data.splits, 2):
        found = find_duplicates(data.splits[first], data.splits[second])
        exact, together = len(found.rows(exact_only=True)), len(found.rows())
        table.add_row(second, first, str(exact), str(together), f"{together / len(data.splits[second]):.1%}")
    console.print(table)
