"""The rows of this app, by subject."""

from analysis.models.corrections import Consent, Correction
from analysis.models.photos import (
    EMOTION_CHOICES,
    PROBABILITY_FIELDS,
    Analysis,
    Face,
    Photo,
    PhotoQuerySet,
)
from analysis.models.reanalysis import ReanalysisJob
from analysis.models.versions import AuditEntry, ModelVersion, ModelVersionQuerySet

__all__ = [
    "EMOTION_CHOICES",
    "PROBABILITY_FIELDS",
    "Analysis",
    "AuditEntry",
    "Consent",
    "Correction",
    "Face",
    "ModelVersion",
    "ModelVersionQuerySet",
    "Photo",
    "PhotoQuerySet",
    "ReanalysisJob",
]
