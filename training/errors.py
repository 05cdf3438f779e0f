"""The error that this app's services raise."""

from __future__ import annotations

from ferproject.errors import ServiceError


class RunError(ServiceError):
    """A run cannot be started or changed as asked."""
