"""What can go wrong with accounts."""

from __future__ import annotations


class AccountsError(Exception):
    """A refusal whose `code` programs read and whose `message` people read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
