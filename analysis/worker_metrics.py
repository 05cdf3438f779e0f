"""Prometheus metrics of the videos and re-analyses of a worker; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

from functools import partial

from prometheus_client import REGISTRY

from analysis.metrics import JobCollector, observe_faces, observe_photo
from analysis.photos.services import analysis_recorded
from analysis.videos.worker import video_observers


def install() -> None:
    """Observe what this process analyses, and collect the jobs when it is asked."""
    video_observers.append(partial(observe_faces, "video"))
    analysis_recorded.connect(observe_photo)
    REGISTRY.register(JobCollector())
