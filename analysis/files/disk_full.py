"""A full disk, whoever meets it, as an error that says so."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from analysis.errors import AnalysisError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def refusing_when_full(error_type: type[AnalysisError], what: str) -> Iterator[None]:
    """Turn a full disk, met by a file or by the database, into the one error for it; `what` was not kept."""
    try:
        yield
    except (OSError, OperationalError) as error:
        if getattr(error, "errno", None) not in _FULL and "disk is full" not in str(error):
            raise
        message = f"There is no space left on the server, so {what} was not kept. Its administrator can make room."
        raise error_type("disk_full", message, retryable=True) from error
