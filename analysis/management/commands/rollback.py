"""`manage.py rollback`: activate the model version that the active one replaced."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.errors import VersionError
from analysis.versions.services import roll_back


class Command(BaseCommand):
    help = "Make the previous version active again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="", help="why; saved in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = roll_back(actor=None, reason=options["reason"], via="shell")
        except VersionError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{version} is active again. Running processes switch to it within seconds.")
