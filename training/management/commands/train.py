"""`manage.py train`: a network from FER-2013 to a folder in `models_store/`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console

from training.learning.errors import TrainingStopped
from training.learning.recipes import read_changes
from training.management.learning_command import LearningCommand, quiet_import
from training.pipeline import TrainingRequest, checkpoint_folder, refuse_existing_version
from training.runs.shell import train_by_command


class Command(LearningCommand):
    help = "Train a network into a new version in models_store/, shown in the admin; Ctrl-C loses at most one epoch."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--architecture", required=True, help="mlp, cnn, residual or wide_residual")
        add("--epochs", type=int, help="default: the architecture's own")
        add("--data", type=Path, required=True, help="fer2013.csv, its .zip or .tar.gz, or a tree of class folders")
        add("--votes", type=Path, help="fer2013new.csv: FER+ votes as a second target while training")
        add("--version", required=True, help="name of the new version")
        add("--seed", type=int, default=0)
        add("--limit", type=int, metavar="ROWS", help="only the first rows of each split, for a quick try")
        add("--resume", action="store_true", help="go on after the last finished epoch")
        add("--precision", help="float32 (default), mixed_bfloat16 or mixed_float16")
        add("--learning-rate", type=float)
        add("--batch-size", type=int)
        add("--augmentation", help="none, light, strong or robust; default: the architecture's own")
        add(
            "--mirrored",
            action="store_true",
            help="answer by the mean over a face and its mirror image: twice the time",
        )
        add("--start-from", metavar="VERSION", help="begin with this version's weights instead of anew")
        add("--teachers", metavar="VERSIONS", help="learn these versions' mean answer beside the labels: one,another")
        add("--recipe", nargs="+", metavar="NAME=VALUE", help="other values: weight_decay=0.001 label_smoothing=0")
        add("--ship", action="store_true", help="pin it in shipped.json as the default that comes with the program")

    def work(self, **options: Any) -> None:
        asked = {field.name: options[field.name] for field in fields(TrainingRequest)}
        teachers = (options["teachers"] or "").replace(" ", "") or None
        recipe = read_changes(options["recipe"] or [])
        request = TrainingRequest(**{**asked, "teachers": teachers, "recipe": recipe})
        refuse_existing_version(request.version)  # before TensorFlow takes its seconds to import
        console = Console()
        with quiet_import():
            from training.management.progress import TrainingProgress

        progress = TrainingProgress(console)
        try:
            bundle = train_by_command(
                request=request,
                resume=options["resume"],
                ship=options["ship"],
                callbacks=[progress],
                report=lambda stage, words: console.print(f"{words} …", style="bold", highlight=False),
            )
        except (KeyboardInterrupt, TrainingStopped):
            kept = checkpoint_folder(request.version)
            raise CommandError(
                f"Stopped. What is finished is kept in {kept}: give the same command with --resume to go on."
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
