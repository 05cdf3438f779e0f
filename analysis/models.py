"""The rows of this app, by subject."""

from analysis.albums.models import Collection, CollectionRollup, CollectionSum
from analysis.audit.models import AuditEntry
from analysis.bulk.models import BulkJob
from analysis.consents.models import Consent
from analysis.corrections.models import Correction
from analysis.deletions.models import PendingDeletion
from analysis.emotion_fields import EMOTION_CHOICES, PROBABILITY_FIELDS
from analysis.history.models import SUM_FIELDS, HistoryRollup, HistorySum
from analysis.idempotency.models import IdempotencyKey
from analysis.live.models import LiveConnection
from analysis.photos.models import Analysis, Face, Photo, PhotoQuerySet, ReanalysisJob
from analysis.sessions.models import FaceName, Sample, Session
from analysis.sharing.models import SharedLink
from analysis.versions.models import ModelVersion, ModelVersionQuerySet, ServingProcess
from analysis.videos.models import Video
from analysis.webhooks.models import Webhook, WebhookDelivery

__all__ = [
    "EMOTION_CHOICES",
    "PROBABILITY_FIELDS",
    "SUM_FIELDS",
    "Analysis",
    "AuditEntry",
    "BulkJob",
    "Collection",
    "CollectionRollup",
    "CollectionSum",
    "Consent",
    "Correction",
    "Face",
    "FaceName",
    "HistoryRollup",
    "HistorySum",
    "IdempotencyKey",
    "LiveConnection",
    "ModelVersion",
    "ModelVersionQuerySet",
    "PendingDeletion",
    "Photo",
    "PhotoQuerySet",
    "ReanalysisJob",
    "Sample",
    "ServingProcess",
    "Session",
    "SharedLink",
    "Video",
    "Webhook",
    "WebhookDelivery",
]
