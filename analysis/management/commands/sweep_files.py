"""`manage.py sweep_files`: remove photos' files that no photo owns."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from analysis.management.orphan_files import sweep_files


class Command(BaseCommand):
    help = "Remove photos' files that no photo owns, as a killed process or an unwritable disk leaves them."

    def handle(self, *args: Any, **options: Any) -> None:
        count = sweep_files()
        if options["verbosity"]:
            self.stdout.write(f"{count} file{'' if count == 1 else 's'} removed.")
