"""Error raised by the services of this app."""

from __future__ import annotations

from ferproject.errors import ServiceError


class AccountsError(ServiceError):
    """An account, invitation or token could not be created or changed."""
