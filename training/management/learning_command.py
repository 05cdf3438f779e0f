"""Base of the commands that train and measure."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.recognition.bundle import shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.recognition.readings import Reading
from analysis.versions.services import find_bundle
from training.errors import RunError, missing_library
from training.learning.errors import LearningError

DATA_HELP = "fer2013.csv, its .gz, .zip or .tar.gz, or a tree of class folders"
CLASSES_HELP = "names of other data sets' classes: affectnet, rafdb or a CSV of name and class, which may be skip"
VERSION_HELP = "the model that classifies; default: the shipped one"


class LearningCommand(BaseCommand):
    """A command that needs no database and reports errors in one line."""

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
        except ModuleNotFoundError as error:
            if message := missing_library(error):
                raise CommandError(message) from error
            raise

    def work(self, **options: Any) -> None:
        raise NotImplementedError


def load_classifier(version: str | None) -> Classifier:
    """Return the classifier of a version's labels reading, by which data are scored; None is the shipped default."""
    bundle = find_bundle(name=version) if version else shipped_default(settings.MODELS_STORE)
    return Classifier(bundle, Reading.LABELS)
