"""`manage.py train`: train a network on FER-2013 into a folder in `models_store/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console

from analysis.recognition.silenced_stderr import silenced_stderr
from training.checkpoints import checkpoint_folder
from training.learning.errors import TrainingStopped
from training.learning.recipes import read_changes
from training.management.learning_command import DATA_HELP, LearningCommand
from training.pipeline import refuse_existing_version
from training.run_settings import SHELL_OPTIONS, RunSettings
from training.runs.shell import train_in_shell

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "choice": {},
    "integer": {"type": int},
    "number": {"type": float},
    "flag": {"action": "store_true"},
    "text": {},
    "version": {"metavar": "VERSION"},
    "versions": {"metavar": "VERSION[,VERSION...]"},
}
"""argparse's arguments by kind of option."""


class Command(LearningCommand):
    help = "Train a network into a new version in models_store/, shown in the admin; Ctrl-C loses at most one epoch."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--data", type=Path, required=True, help=DATA_HELP)
        add("--votes", type=Path, help="fer2013new.csv: FER+ votes as a second target and a second reading")
        add("--version", required=True, help="name of the new version")
        add("--resume", action="store_true", help="continue after the last finished epoch")
        for name, option in SHELL_OPTIONS.items():
            choices = f"{', '.join(option.choices)}. " if option.choices else ""
            arguments = {"required": option.is_required, "help": f"{choices}{option.help}"}
            add(f"--{name.replace('_', '-')}", **arguments, **_ARGUMENTS[option.kind])
        add("--recipe", nargs="+", metavar="NAME=VALUE", help="other values: weight_decay=0.001 label_smoothing=0")
        add("--ship", action="store_true", help="pin it in shipped.json as the default that comes with the program")

    def work(self, **options: Any) -> None:
        version, votes = options["version"], options.pop("votes")
        more = {"data": str(options["data"]), "votes": bool(votes), "votes_data": str(votes or "")}
        settings = RunSettings.from_input(options, recipe=read_changes(options["recipe"] or []), **more)
        refuse_existing_version(version)  # before TensorFlow takes its seconds to import
        console = Console()
        with silenced_stderr():
            from training.management.progress import TrainingProgress

        progress = TrainingProgress(console)
        try:
            bundle = train_in_shell(
                version=version,
                settings=settings,
                resume=options["resume"],
                ship=options["ship"],
                callbacks=[progress],
                report=lambda stage, message: console.print(f"{message} …", style="bold", highlight=False),
            )
        except (KeyboardInterrupt, TrainingStopped):
            folder = checkpoint_folder(version)
            raise CommandError(
                f"Stopped. What is finished is kept in {folder}: give the same command with --resume to go on."
            ) from None
        finally:
            progress.stop()
        _print_card(console, bundle.folder, bundle.card)


def _print_card(console: Console, folder: Path, card: dict[str, Any]) -> None:
    conversion = card["conversion"]
    for split, figures in card["evaluation"].items():
        console.print(
            f"{split}: accuracy {figures['accuracy']:.2%}, macro-F1 {figures['macro_f1']:.3f}", highlight=False
        )
    if conversion["fallback"]:
        console.print(f"Serves float32: {conversion['fallback']}.", style="yellow", highlight=False)
    console.print(f"Written to {folder}", style="bold", highlight=False, soft_wrap=True)
