"""`manage.py export_version`: a version as one zip, for other programs and other sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from analysis.recognition.silenced_stderr import silenced_stderr
from training.management.learning_command import DATA_HELP, LearningCommand


class Command(LearningCommand):
    help = "Write a version as a zip: ONNX, LiteRT in float32 and as it serves, Keras' files, card and an example."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--to", type=Path, help="the zip's path; default: VERSION.zip here")
        parser.add_argument("--data", type=Path, help=f"compare ONNX with what serves on PublicTest of {DATA_HELP}")

    def work(self, **options: Any) -> None:
        archive = options["to"] or Path(f"{options['version']}.zip")
        if not archive.parent.is_dir():
            raise CommandError(f"{archive.parent}: expected a folder to write to; there is none.")
        with silenced_stderr():
            from training.transfers.archive import write_archive

            exported = write_archive(version=options["version"], archive=archive, data=options["data"])
        size = archive.stat().st_size / 1e6
        self.stdout.write(f"Written to {archive}, {size:.1f} MB; ONNX opset {exported.opset}.")
        if exported.agreement:
            self.stdout.write(exported.sentence())
