"""Refusals that API views raise themselves."""

from __future__ import annotations

from http import HTTPStatus

from rest_framework.exceptions import APIException


class Refusal(APIException):
    """A refusal of any status, answered in the one shape of errors."""

    def __init__(self, status: HTTPStatus, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message, code)
        self.status_code = int(status)
        self.code = code
        self.retryable = retryable
