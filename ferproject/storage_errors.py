"""Errors of a database, disk or bucket that is full, locked, read-only or absent, as errors for clients."""

from __future__ import annotations

import errno
import os
import shutil
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from ferproject.errors import ServiceError

PAGE_BYTES = 64 * 1024
"""Where less is free, SQLite cannot create its shared memory and reports that as an I/O error."""
_ERRNO_CODES = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EROFS: "read_only"}
_SQLITE_CODES = {
    "database or disk is full": "disk_full",
    "attempt to write a readonly database": "read_only",
    "database is locked": "database_locked",
    "database table is locked": "database_locked",
    "locking protocol": "database_locked",
    "unable to open database file": "database_absent",
    "disk I/O error": "database_unreadable",
}
"""Error code by SQLite's message."""
_SQLSTATES = {
    "25006": "read_only",
    "53100": "disk_full",
    "58030": "database_unreadable",
    "XX001": "database_unreadable",
    "XX002": "database_unreadable",
    # Locks, deadlocks, and time limits of statements and transactions; memory and connections used up.
    **dict.fromkeys(("55P03", "40001", "40P01", "57014", "25P03", "53200", "53300"), "database_locked"),
    # Shutting down, starting, or ended by an administrator.
    **dict.fromkeys(("57P01", "57P02", "57P03", "57P05"), "database_absent"),
}
"""Error code by PostgreSQL's SQLSTATE; those of its class 08, connections, are "database_absent"."""
_MESSAGES = {
    "disk_full": _("The server’s disk is full, so nothing was saved. You can still see and delete what is stored."),
    "read_only": _(
        "The server’s disk is read-only at the moment, so nothing was saved. You can still see what is stored."
    ),
    "database_locked": _("The database is busy at the moment, so nothing was saved. Try again shortly."),
    "database_absent": _("The database is not available at the moment. Try again shortly."),
    "database_unreadable": _("The database cannot be read at the moment. Try again shortly."),
    "files_absent": _("The file storage cannot be reached at the moment, so nothing was saved. Try again shortly."),
}


class StorageError(ServiceError):
    """The disk or the database does not serve the request now; the same request may succeed later."""

    default_status: ClassVar[HTTPStatus] = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, code: str) -> None:
        super().__init__(code, str(_MESSAGES[code]), retryable=True)


class BucketError(OSError):
    """An S3 bucket refused a request or could not be reached; `code` is what that means for a client."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"The bucket is not available: {reason}")
        self.code = code


def storage_error(error: BaseException | None) -> StorageError | None:
    """Return what an `OSError` or a database's error means for a client; None for every other error, a bug."""
    if isinstance(error, StorageError):
        return error
    code: str | None
    if isinstance(error, BucketError):
        code = error.code
    elif isinstance(error, OSError):
        code = _ERRNO_CODES.get(error.errno or 0)
    elif isinstance(error, DatabaseError | InterfaceError):
        code = _postgresql_code(error) if hasattr(error.__cause__, "sqlstate") else _django_code(error)
    else:
        return None
    return StorageError(code) if code else None


def _django_code(error: Exception) -> str | None:
    """Return the code of SQLite's errors, and of Django's own after a connection was lost in a transaction."""
    if str(error) == "connection already closed":
        return "database_absent"
    if not isinstance(error, OperationalError):
        return None
    code = next((code for text, code in _SQLITE_CODES.items() if text in str(error)), None)
    return "disk_full" if code in ("database_absent", "database_unreadable") and _is_disk_full() else code


def _postgresql_code(error: Exception) -> str | None:
    state: str | None = error.__cause__.sqlstate  # type: ignore[union-attr]
    if state is None:
        # The driver's own: refused or lost connections, and none of the pool's free in time.
        return "database_absent" if isinstance(error, OperationalError | InterfaceError) else None
    return "database_absent" if state.startswith("08") else _SQLSTATES.get(state)


def is_disk_full(error: BaseException) -> bool:
    """Return whether the error is a full disk's or a used-up quota's, of a file or of the database."""
    found = storage_error(error)
    return found is not None and found.code == "disk_full"


def require_writable(folder: Path) -> None:
    """Raise an `OSError` where the folder, or the one it will be created in, cannot be read or written."""
    nearest = folder if folder.exists() else folder.parent
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        raise OSError(f"{nearest} is missing, or may not be written")


def _is_disk_full() -> bool:
    try:
        return shutil.disk_usage(settings.VAR_DIR).free < PAGE_BYTES
    except OSError:
        return False
