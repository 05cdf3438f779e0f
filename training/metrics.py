"""Prometheus metrics of training runs; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import DatabaseError, connections
from django.db.models import Count
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from training.models import RunEpoch, State, TrainingRun

logger = logging.getLogger(__name__)


def install() -> None:
    REGISTRY.register(RunCollector())


class RunCollector(Collector):
    """Looks up, when it is asked, the runs in the database by state and the last epoch of the one that trains."""

    def collect(self) -> Iterator[Metric]:
        try:
            counts = dict(TrainingRun.objects.order_by().values_list("state").annotate(n=Count("pk")))
            last = RunEpoch.objects.filter(run__in=TrainingRun.objects.live()).order_by("-created_at").first()
        except DatabaseError as error:
            logger.warning("The metrics of training runs could not be looked up: %s", error)
            return
        finally:
            connections.close_all()
        runs = GaugeMetricFamily("fer_training_runs", "Training runs by state.", labels=["state"])
        for state in State:
            runs.add_metric([state.value], counts.get(state, 0))
        yield runs
        yield GaugeMetricFamily(
            "fer_training_epoch", "Last finished epoch of the run that trains, 0 without.", last.number if last else 0
        )
        yield GaugeMetricFamily(
            "fer_training_epoch_seconds", "How long that epoch took.", (last.seconds or 0.0) if last else 0.0
        )
