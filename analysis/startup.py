"""Registration of checks, signal receivers and sweeps; imported by `AnalysisConfig.ready`, after all models."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready
from django.apps import apps as installed_apps
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from analysis import checks
from analysis.albums import sums as album_sums
from analysis.bulk.services import sweep_jobs
from analysis.consents.services import consent_withdrawn
from analysis.corrections.services import carry_over_corrections, carry_over_to_restored
from analysis.history.sums import entries_added, entries_removed
from analysis.idempotency.services import delete_expired_keys
from analysis.imports.watched import sweep_watched_folder
from analysis.live.services import delete_lost_connections
from analysis.photos import capture_times, reanalysis, restoring
from analysis.photos.services import analysis_recorded
from analysis.recognition.errors import RecognitionError
from analysis.sessions.services import close_abandoned_sessions
from analysis.versions.models import ModelVersion
from analysis.versions.services import register_shipped, version_activated
from analysis.versions.store import remove_unregistered
from analysis.videos import services as videos
from analysis.webhooks import delivery as webhooks
from analysis.webhooks.services import delete_old_deliveries
from ferproject.errors import register_error_type
from ferproject.queue import sweeper


def connect(sender: Any) -> None:
    """Register them all; `sender` is the app's configuration."""
    register_error_type(RecognitionError)
    register(checks.check_shipped_model)
    register(checks.check_detector)
    register(checks.check_active_version, Tags.database)
    analysis_recorded.connect(carry_over_corrections)
    entries_added.connect(album_sums.add_entries)
    entries_removed.connect(album_sums.remove_entries)
    version_activated.connect(restoring.restore_on_activation)
    restoring.results_restored.connect(carry_over_to_restored)
    consent_withdrawn.connect(reanalysis.cancel_on_withdrawal)
    consent_withdrawn.connect(videos.cancel_on_withdrawal)
    consent_withdrawn.connect(capture_times.erase_on_withdrawal)
    worker_ready.connect(_start_webhooks)
    post_migrate.connect(_register_shipped, sender=sender)
    sweeps = (_sweep_bulk_jobs, _sweep_photos, _sweep_sessions, _sweep_videos, _sweep_versions, _sweep_webhooks)
    for sweep in sweeps:
        sweeper.register(sweep)


def _sweep_bulk_jobs(sweep: sweeper.Sweep) -> None:
    sweep_jobs()
    sweep_watched_folder()


def _sweep_photos(sweep: sweeper.Sweep) -> None:
    restoring.restore_results(seconds=restoring.SWEEP_SECONDS)
    reanalysis.sweep_reanalyses()
    delete_expired_keys()


def _sweep_sessions(sweep: sweeper.Sweep) -> None:
    close_abandoned_sessions()
    delete_lost_connections()


def _sweep_videos(sweep: sweeper.Sweep) -> None:
    videos.sweep_videos()
    videos.sweep_work_dirs()


def _sweep_versions(sweep: sweeper.Sweep) -> None:
    remove_unregistered()


def _sweep_webhooks(sweep: sweeper.Sweep) -> None:
    if "default" in sweep.queues:
        delete_old_deliveries()


def _start_webhooks(sender: Any, **kwargs: Any) -> None:
    if "default" in sender.app.amqp.queues.consume_from:
        webhooks.start_threads()


def _register_shipped(apps: Any = installed_apps, **kwargs: Any) -> None:
    """Register the shipped versions, unless a reverse migration has removed their table or columns."""
    # `flush` sends the signal without `apps`.
    try:
        state = apps.get_model("analysis", "ModelVersion")
    except LookupError:
        return
    if {field.name for field in state._meta.fields} == {field.name for field in ModelVersion._meta.fields}:
        register_shipped()
