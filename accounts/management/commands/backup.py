from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ferproject.backup.create import create_backup
from ferproject.backup.databases import BackupError


class Command(BaseCommand):
    help = "Write the database, files, versions and secret key into one archive. The site may keep running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("destination", type=Path, help="a new file, or a folder to put it in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path, manifest = create_backup(options["destination"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        megabytes = path.stat().st_size / 1_000_000
        rows = sum(manifest.rows.values())
        self.stdout.write(f"{path}: {rows} rows, {len(manifest.files)} files, {megabytes:.1f} MB")
        self.stdout.write("The archive holds all photos and the secret key. Keep it as safe as the site itself.")
