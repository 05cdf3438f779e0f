"""`manage.py restore`: an archive made by `backup` back in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ferproject.backup.create import BackupError
from ferproject.backup.restore import restore


class Command(BaseCommand):
    help = "Put a backup in place of what is there. Stop the site first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--force", action="store_true", help="put an existing database and its files aside")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest, aside = restore(options["archive"], force=options["force"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {sum(manifest.rows.values())} rows and {len(manifest.files)} files.")
        if aside is not None:
            self.stdout.write(f"What was there before lies in {aside}: delete it once all is well.")
