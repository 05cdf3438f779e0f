"""`manage.py measure_false_faces`: how many places called "not a face" a version still takes for one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis import engine
from analysis.corrections.false_faces import measure_false_faces
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.recognizer import Recognizer
from analysis.versions.services import find_bundle


class Command(BaseCommand):
    help = "Count how many places that users marked as “not a face”, and reviewers approved, are still found as faces."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="VERSION", help="default: the active version")
        parser.add_argument("--detector", default=settings.FACE_DETECTOR, help=f"default: {settings.FACE_DETECTOR}")

    def handle(self, *args: Any, **options: Any) -> None:
        name, detector = options["name"], options["detector"]
        try:
            bundle = find_bundle(name=name) if name else engine.active_model()
            measured = measure_false_faces(Recognizer(bundle, create_detector(detector)))
        except RecognitionError as error:
            raise CommandError(error.message) from error
        if not measured.places:
            self.stdout.write("No “not a face” correction has been approved yet.")
            return
        self.stdout.write(
            f"{bundle.name} with {detector}: {measured.found} of {measured.places} places marked as “not a face” "
            f"({measured.found / measured.places:.0%}) are still found as faces, {measured.certain} of them with "
            "certainty."
        )
