"""A promotion reaches a running engine without a failed request."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis.engine import Engine
from analysis.versions.services import promote_version
from tests.analysis.factories import landscape

pytestmark = pytest.mark.usefixtures("smoke_in_process")


@pytest.fixture
def engine(first, store) -> Engine:
    return Engine(store=store.folder, detector="centerface", threads=2, queue=64, max_pixels=10**6)


def _recognize(engine: Engine, photo: bytes):
    return engine.run(lambda recognizer: recognizer.recognize(photo), owner=None)


def test_a_promoted_version_serves_after_a_refresh(engine, second):
    assert _recognize(engine, landscape()).model == "first-1"
    promote_version(version=second, actor=None)
    assert _recognize(engine, landscape()).model == "first-1"
    engine.refresh()
    assert engine.active_model().name == "second-1"
    assert _recognize(engine, landscape()).model == "second-1"


def test_fifty_concurrent_requests_all_succeed_during_a_promotion(engine, second, store):
    """The older version's files are deleted at once: threads that start late need none of them."""
    photo = landscape()
    _recognize(engine, photo)
    promote_version(version=second, actor=None)
    gate = threading.Barrier(51)

    def ask() -> str:
        gate.wait(20)
        return _recognize(engine, photo).model

    with ThreadPoolExecutor(50) as clients:
        answers = [clients.submit(ask) for _ in range(50)]
        gate.wait(20)
        engine.refresh()
        shutil.rmtree(store.folder / "first-1")
        assert {answer.result(60) for answer in answers} <= {"first-1", "second-1"}
    assert _recognize(engine, photo).model == "second-1"


def test_a_thread_keeps_its_detector_when_the_version_changes(engine, second, monkeypatch):
    made = []
    monkeypatch.setattr("analysis.engine.create_detector", lambda name: made.append(name) or _Nobody())
    for _ in range(8):
        _recognize(engine, landscape())
    promote_version(version=second, actor=None)
    engine.refresh()
    for _ in range(8):
        _recognize(engine, landscape())
    assert 1 <= len(made) <= 2


class _Nobody:
    name = "nobody"
    frame = None

    def detect(self, image):
        return []
