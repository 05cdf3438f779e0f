from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ferproject.backup.databases import BackupError
from ferproject.backup.restore import restore_backup


class Command(BaseCommand):
    help = "Replace the site's data with a backup. Stop the site first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="an archive made by `manage.py backup`")
        parser.add_argument("--force", action="store_true", help="move an existing database and its files aside")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest, replaced = restore_backup(options["archive"], force=options["force"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {sum(manifest.rows.values())} rows and {len(manifest.files)} files.")
        if replaced is not None:
            self.stdout.write(f"The earlier data is in {replaced}. Delete it once you have checked the site.")
