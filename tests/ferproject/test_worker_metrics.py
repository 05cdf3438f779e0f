"""Prometheus metrics of real workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.videos.test_worker import VideoWorker
from tests.support.metrics import key, read_samples
from tests.support.site import PROJECT, free_port
from tests.support.videos import write_video

pytestmark = pytest.mark.slow
PORT = free_port()


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VideoWorker]:
    folder = tmp_path_factory.mktemp("measured")
    running = VideoWorker(folder, folder, MODELS_STORE=str(PROJECT / "models_store"), METRICS_PORT=str(PORT))
    running.start("default")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, hopper_path: Path) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_video(path, hopper_path, seconds=1.0, fps=10.0, size=(320, 240))
    return path


def test_what_a_worker_does_is_counted(workers: VideoWorker, clip: Path):
    workers.wait_for(workers.upload(clip), "status = 'finished'")
    task = "analysis.tasks.analyze_video"
    workers.wait_until(lambda: read_samples(PORT).get(key("fer_task_seconds_count", task=task, failed="false")) == 1)
    samples = read_samples(PORT)
    expected = {
        key("fer_tasks_running", task=task): 0,
        key("fer_jobs", kind="video", state="queued"): 0,
        key("fer_jobs", kind="video", state="running"): 0,
        key("fer_training_runs", state="queued"): 0,
        key("fer_training_epoch"): 0,
    }
    assert {name: samples.get(name) for name in expected} == expected
    assert samples[key("fer_task_seconds_sum", task=task, failed="false")] > 0
    assert sum(samples.get(key("fer_faces_total", source="video", uncertain=each), 0) for each in ("true", "false")) > 3
    assert not any(name.startswith(("fer_engine", "fer_model", "fer_live_connections")) for name, _ in samples)


def test_where_the_port_is_taken_a_worker_works_without(workers: VideoWorker, clip: Path):
    workers.start("default")
    log = workers.folder / "worker.log"
    workers.wait_until(lambda: f"Cannot serve metrics on 127.0.0.1:{PORT}" in log.read_text())
    workers.kill(workers.processes[0])
    workers.wait_for(workers.upload(clip), "status = 'finished'")
