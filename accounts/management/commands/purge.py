"""`manage.py purge`: remove what people no longer want kept."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.privacy import retention


class Command(BaseCommand):
    help = "Remove what is older than its owner wants it kept, as the worker does once a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry = options["dry_run"]
        found = retention.plan_purge() if is_dry else retention.purge()
        for each in found:
            what = "pictures of photos" if each.keep_scores else "photos"
            self.stdout.write(
                f"user {each.user.pk}: {each.photos} {what}, {each.sessions} live sessions, "
                f"{each.videos} videos, {each.bytes} bytes"
            )
        if not found:
            self.stdout.write("Nothing is older than its owner wants it kept.")
