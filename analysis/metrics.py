"""Prometheus metrics of photos, live frames, videos and the model; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import Count
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from analysis import engine
from analysis.live.connections import get_registry
from analysis.live.face_tracker import frame_observers
from analysis.photos.models import Analysis, ReanalysisJob
from analysis.photos.services import analysis_recorded
from analysis.recognition.errors import RecognitionError
from analysis.recognition.tracking.tracker import TrackedFace
from analysis.videos.models import Video

FRAME_SECONDS = Histogram(
    "fer_live_frame_seconds",
    "From the arrival of a live frame to its answer.",
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.4, 1.0, 3.0),
)
FACES = Counter(
    "fer_faces", "Faces in answers, by their source, and whether the answer was uncertain.", ["source", "uncertain"]
)
OPEN = {"uploading", "queued", "running"}
logger = logging.getLogger(__name__)


def install() -> None:
    """Observe photos and live frames of this process, and collect the rest when it is asked for."""
    frame_observers.append(_observe_frame)
    analysis_recorded.connect(observe_photo)
    REGISTRY.register(JobCollector())
    REGISTRY.register(ProcessCollector())


class JobCollector(Collector):
    """Counts the jobs in the database."""

    def collect(self) -> Iterator[Metric]:
        try:
            yield _jobs()
        except DatabaseError as error:
            logger.warning("The metrics of jobs could not be looked up: %s", error)
        finally:
            connections.close_all()


class ProcessCollector(Collector):
    """Collects what a web process has: waiting work, connections, and the version that serves."""

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("fer_engine_waiting", "Work that waits for a recognition thread.", labels=["kind"])
        for kind, count in engine.get_engine().count_waiting().items():
            waiting.add_metric([kind], count)
        yield waiting
        connections_open = len(get_registry())
        yield GaugeMetricFamily("fer_live_connections", "Open live connections of this process.", connections_open)
        try:
            version = engine.active_model().name
        except RecognitionError:
            version = ""
        yield InfoMetricFamily("fer_model", "The model version that serves.", value={"version": version})


def _jobs() -> Metric:
    jobs = GaugeMetricFamily("fer_jobs", "Videos and re-analyses that are unfinished.", labels=["kind", "state"])
    for kind, model in (("video", Video), ("reanalysis", ReanalysisJob)):
        rows = model.objects.filter(status__in=OPEN).order_by().values_list("status")
        counts: dict[str, int] = dict(rows.annotate(n=Count("pk")))
        for state in ("queued", "running"):
            jobs.add_metric([kind, state], counts.get(state, 0))
    return jobs


def _observe_frame(seconds: float, faces: Sequence[TrackedFace]) -> None:
    FRAME_SECONDS.observe(seconds)
    observe_faces("live", faces)


def observe_faces(source: str, faces: Sequence[TrackedFace]) -> None:
    for face in faces:
        FACES.labels(source, str(face.is_uncertain).lower()).inc()


def observe_photo(sender: Any, analysis: Analysis, **facts: Any) -> None:
    for face in analysis.faces.all():
        FACES.labels("photo", str(face.value.is_uncertain).lower()).inc()
