"""`manage.py promote`: activate a model version, as the admin does."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.errors import VersionError
from analysis.recognition.errors import RecognitionError
from analysis.versions.models import ModelVersion
from analysis.versions.services import promote_version, register_local


class Command(BaseCommand):
    help = "Make a version active, after a smoke test and a comparison with the active one."
    # The checks fail where the shipped model is broken, which this command may be needed for.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument(
            "--reason",
            default="",
            help="why to promote a version that is worse or cannot be compared; saved in the audit log",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["version"]
        try:
            version = ModelVersion.objects.filter(name=name).first() or register_local(name=name)
            promote_version(version=version, actor=None, reason=options["reason"], via="shell")
        except VersionError as error:
            hint = " (--reason TEXT)" if error.code == "reason_needed" else ""
            raise CommandError(f"{error.message}{hint}") from error
        except RecognitionError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{name} is now the active version. Running processes switch to it within seconds. "
            "To undo this, run `manage.py rollback`."
        )
