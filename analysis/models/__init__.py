"""The rows of this app, by subject."""

from analysis.models.corrections import Consent, Correction
from analysis.models.history import SUM_FIELDS, HistoryRollup, HistorySum
from analysis.models.idempotency import IdempotencyKey
from analysis.models.photos import (
    EMOTION_CHOICES,
    PROBABILITY_FIELDS,
    Analysis,
    Face,
    Photo,
    PhotoQuerySet,
)
from analysis.models.reanalysis import ReanalysisJob
from analysis.models.sessions import Sample, Session
from analysis.models.versions import AuditEntry, ModelVersion, ModelVersionQuerySet
from analysis.models.videos import Video

__all__ = [
    "EMOTION_CHOICES",
    "PROBABILITY_FIELDS",
    "SUM_FIELDS",
    "Analysis",
    "AuditEntry",
    "Consent",
    "Correction",
    "Face",
    "HistoryRollup",
    "HistorySum",
    "IdempotencyKey",
    "ModelVersion",
    "ModelVersionQuerySet",
    "Photo",
    "PhotoQuerySet",
    "ReanalysisJob",
    "Sample",
    "Session",
    "Video",
]
