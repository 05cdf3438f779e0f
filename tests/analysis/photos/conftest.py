"""Fixtures of the tests of re-analyses."""

import io
import uuid

import pytest
from PIL import Image

from analysis import engine
from analysis.photos import reanalysis
from tests.analysis.factories import make_face, make_recognition


class FakeEngine:
    """Replaces the engine; the version `name` finds a sad face in every picture."""

    name = "test-2"

    def __init__(self):
        self.seen = 0
        self.before = lambda: None

    def active_model(self):
        return self

    def recognize(self, data, **kwargs):
        self.seen += 1
        self.before()
        size = Image.open(io.BytesIO(data)).size
        return make_recognition([make_face("sad")], model=self.name, size=size)


@pytest.fixture
def fake_engine(monkeypatch):
    fake_engine = FakeEngine()
    monkeypatch.setattr(engine, "active_model", fake_engine.active_model)
    monkeypatch.setattr(engine, "recognize", fake_engine.recognize)
    return fake_engine


@pytest.fixture
def sent(monkeypatch):
    """The ids that were handed to the broker."""
    sent = []
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, job_id: sent.append(uuid.UUID(job_id)))
    return sent


@pytest.fixture
def start(user, fake_engine, sent, django_capture_on_commit_callbacks):
    def start(owner=user):
        with django_capture_on_commit_callbacks(execute=True):
            return reanalysis.start_reanalysis(owner=owner)

    return start
