"""`manage.py import_version`: a version of another site's zip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.recognition.silenced_stderr import silenced_stderr
from training.management.learning_command import DATA_HELP, LearningCommand


class Command(LearningCommand):
    help = "Add a version that another site exported; its weights are converted and measured here, on your data."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("archive", type=Path, help="what export_version wrote")
        add("--version", required=True, help="its name here")
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--votes", type=Path, help="fer2013new.csv: the data's FER+ votes, for a version of two readings")

    def work(self, **options: Any) -> None:
        with silenced_stderr():
            from training.transfers.archive import read_archive

        names = ("archive", "version", "data", "votes")
        bundle = read_archive(
            **{name: options[name] for name in names}, report=lambda step: self.stdout.write(step.label)
        )
        self.stdout.write(f"Added as {bundle.name}; compare and promote it as any version.")
