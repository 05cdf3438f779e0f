from __future__ import annotations

import time
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError, connections

from ferproject.databases import advisory_lock, is_lock_refused, session_lock_timeout

LOCK_MILLISECONDS = 500
"""Less than PostgreSQL's `deadlock_timeout`: of a migration and a request in a deadlock, the request goes on."""
ATTEMPTS = 120
PAUSE_SECONDS = 0.5


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate while no other process migrates this database; the site may serve from it meanwhile."""
        database = connections[options["database"]]
        with advisory_lock(database, "migrate"), session_lock_timeout(database, LOCK_MILLISECONDS):
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return super().handle(*args, **options)
                except OperationalError as error:
                    # What was applied stays; the migration that failed was rolled back, and goes on from its begin.
                    if not is_lock_refused(error) or attempt == ATTEMPTS:
                        raise
                time.sleep(PAUSE_SECONDS)
