"""`manage.py analyze`: find faces and classify their emotions as an upload does; no database, no server."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.recognition import command_line
from analysis.recognition.bundle import shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.silenced_stderr import silenced_stderr
from analysis.versions.services import find_bundle


class Command(BaseCommand):
    help = command_line.HELP
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Replaces Django's own --version.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        command_line.add_arguments(parser, detector=settings.FACE_DETECTOR)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.style_func = None
        try:
            all_read = command_line.analyze(
                options,
                lambda: _make_recognizer(options["version"], options["detector"]),
                out=self.stdout,
                err=self.stderr,
                max_bytes=settings.PHOTO_MAX_BYTES,
                max_pixels=settings.PHOTO_MAX_PIXELS,
            )
        except RecognitionError as error:
            raise CommandError(error.message) from error
        if not all_read:
            sys.exit(1)


def _make_recognizer(version: str | None, detector: str) -> Recognizer:
    bundle = find_bundle(name=version) if version else shipped_default(settings.MODELS_STORE)
    with silenced_stderr():
        return Recognizer(bundle, create_detector(detector), max_pixels=settings.PHOTO_MAX_PIXELS)
