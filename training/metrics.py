"""Prometheus metrics of training runs; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import DatabaseError, connections
from django.db.models import Count
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from training.models import State, TrainingRun

logger = logging.getLogger(__name__)


def install() -> None:
    REGISTRY.register(RunCollector())


class RunCollector(Collector):
    """Counts the runs in the database by state when it is asked."""

    def collect(self) -> Iterator[Metric]:
        try:
            counts = dict(TrainingRun.objects.order_by().values_list("state").annotate(n=Count("pk")))
        except DatabaseError as error:
            logger.warning("The metrics of training runs could not be looked up: %s", error)
            return
        finally:
            connections.close_all()
        runs = GaugeMetricFamily("fer_training_runs", "Training runs by state.", labels=["state"])
        for state in State:
            runs.add_metric([state.value], counts.get(state, 0))
        yield runs
