from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from ferproject.queue import sweeper


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        from analysis import checks

        register(checks.check_active_model)
        register(checks.check_detector)
        register(checks.check_chosen_model, Tags.database)
        from analysis.consents.services import consent_withdrawn
        from analysis.photos import reanalysis
        from analysis.videos import services as videos

        consent_withdrawn.connect(reanalysis.cancel_on_withdrawal)
        consent_withdrawn.connect(videos.cancel_on_withdrawal)
        post_migrate.connect(_register_shipped, sender=self)
        sweeper.register(_sweep)
        sweeper.register(_sweep_sessions)
        sweeper.register(_sweep_videos)


def _sweep(sweep: sweeper.Sweep) -> None:
    # Imported here, or every command would wait for what only workers need.
    from analysis.idempotency.services import forget_old_keys
    from analysis.photos.reanalysis import sweep_reanalyses

    sweep_reanalyses()
    forget_old_keys()


def _sweep_sessions(sweep: sweeper.Sweep) -> None:
    from analysis.sessions.services import close_abandoned_sessions

    close_abandoned_sessions()


def _sweep_videos(sweep: sweeper.Sweep) -> None:
    from analysis.videos.services import sweep_videos
    from analysis.videos.worker import sweep_workplaces

    sweep_videos()
    sweep_workplaces()


def _register_shipped(apps: Any = installed_apps, **kwargs: Any) -> None:
    """Make the shipped versions known, once the whole of their table is there: migrating back may end before it."""
    from analysis.versions.models import ModelVersion
    from analysis.versions.services import register_shipped

    # `flush` sends the same signal without naming any state.
    try:
        state = apps.get_model("analysis", "ModelVersion")
    except LookupError:
        return
    if {field.name for field in state._meta.fields} == {field.name for field in ModelVersion._meta.fields}:
        register_shipped()
