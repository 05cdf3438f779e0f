"""Errors of this app's services, which also raise `RecognitionError`."""

from __future__ import annotations

from http import HTTPStatus

from ferproject.errors import ServiceError


class AnalysisError(ServiceError):
    """Base of this app's errors."""


class PhotoError(AnalysisError):
    """A photo could not be saved; 503 for codes without a status."""

    default_status = HTTPStatus.SERVICE_UNAVAILABLE


class ConsentError(AnalysisError):
    """A consent could not be recorded."""


class CorrectionError(AnalysisError):
    """A correction could not be made or reviewed."""


class ReanalysisError(AnalysisError):
    """A history could not be analysed again."""


class HistoryError(AnalysisError):
    """Invalid arguments of a history query."""


class VideoError(AnalysisError):
    """A video could not be uploaded, analysed, cancelled or tried again.

    `received` is the number of uploaded bytes, where the next part has another offset.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, received: int | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.received = received


class VersionError(AnalysisError):
    """A model version could not be registered, promoted, rolled back or deleted."""


class SessionError(AnalysisError):
    """A session could not be started, resumed or changed."""


class IdempotencyError(AnalysisError):
    """A key belongs to another request, or to one that is being processed."""


class AlbumError(AnalysisError):
    """An album or tag could not be made or changed."""


class BulkError(AnalysisError):
    """A bulk action could not be started, cancelled or undone."""


class WebhookError(AnalysisError):
    """A webhook could not be registered, changed or used."""


class LinkError(AnalysisError):
    """A link to something shared could not be made or opened."""
