"""Errors that this app's services raise; `RecognitionError` passes through them unchanged."""

from __future__ import annotations

from http import HTTPStatus

from ferproject.errors import ServiceError


class AnalysisError(ServiceError):
    """Base of this app's errors."""


class PhotoError(AnalysisError):
    """A photo could not be saved; a code without a status of its own is the server's fault."""

    default_status = HTTPStatus.SERVICE_UNAVAILABLE


class ConsentError(AnalysisError):
    """A consent could not be recorded."""


class CorrectionError(AnalysisError):
    """A correction could not be made or reviewed."""


class ReanalysisError(AnalysisError):
    """A history could not be analysed again."""


class HistoryError(AnalysisError):
    """A question about the history cannot be answered as it was asked."""


class VideoError(AnalysisError):
    """A video could not be taken, analysed, cancelled or tried again.

    `received` tells an upload how many bytes are here, where the next part was expected elsewhere.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, received: int | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.received = received


class VersionError(AnalysisError):
    """A model version could not be registered, promoted, rolled back or deleted; nothing was changed."""


class SessionError(AnalysisError):
    """A session could not be started, gone on with or changed."""


class IdempotencyError(AnalysisError):
    """A request with this key was sent before: another one, or this one, which is still worked on."""
