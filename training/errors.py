"""Errors of this app's services."""

from __future__ import annotations

from ferproject.errors import ServiceError


class RunError(ServiceError):
    """A run could not be started or changed."""
