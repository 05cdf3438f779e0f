from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ferproject.backup.move import MoveError, move_database


class Command(BaseCommand):
    help = "Copy this site's data from SQLite to an empty PostgreSQL database, or continue an interrupted copy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="URL", help="such as postgresql://user:password@host/name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            move_database(url=options["to"], report=self.stdout.write)
        except MoveError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Both databases hold the same data. Start the site with DATABASE_URL and SECRET_KEY set.")
