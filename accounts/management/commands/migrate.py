from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from ferproject.databases import advisory_lock


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate while no other process migrates this database."""
        with advisory_lock(connections[options["database"]], "migrate"):
            super().handle(*args, **options)
