"""What the commands about learning share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.recognition.errors import RecognitionError
from training.errors import RunError
from training.learning.errors import LearningError


@contextmanager
def quiet_import() -> Iterator[None]:
    """TensorFlow's libraries write to the process' own stderr while they load, whatever its log level says."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class LearningCommand(BaseCommand):
    """Needs no database; what goes wrong is one clear line."""

    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version prints Django's; these commands' names a model.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is imported
        try:
            self.work(**options)
        except (LearningError, RecognitionError, RunError) as error:
            raise CommandError(str(error)) from error

    def work(self, **options: Any) -> None:
        raise NotImplementedError
