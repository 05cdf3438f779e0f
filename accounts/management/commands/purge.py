from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.privacy import retention
from ferproject.disk_reserve import disk_reserve


class Command(BaseCommand):
    help = "Delete what is older than its owner's retention period, as the worker does once a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        with disk_reserve().released():
            purged = retention.plan_purge() if options["dry_run"] else retention.purge()
        for each in purged:
            kind = "pictures of photos" if each.keep_scores else "photos"
            self.stdout.write(
                f"user {each.user.pk}: {each.photos} {kind}, {each.sessions} live sessions, "
                f"{each.videos} videos, {each.bytes} bytes"
            )
        if not purged:
            self.stdout.write("Nothing is older than its owner's retention period.")
