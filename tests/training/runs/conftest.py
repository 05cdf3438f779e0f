"""Rows of runs, and a broker that records what is sent."""

from __future__ import annotations

import datetime as dt
import os
import uuid

import pytest
from django.utils import timezone

from ferproject.queue.broker import BrokerAway
from ferproject.queue.processes import identify_process
from training.models import LIVE, State, TrainingRun


@pytest.fixture
def make_run(db):
    """Make a row; a live one is this very process' unless told otherwise."""

    def make(name="mlp-1", state=State.QUEUED, *, silent=0, **fields):
        if state in LIVE:
            heard = timezone.now() - dt.timedelta(seconds=silent)
            here = {"host": "elsewhere", "process": identify_process(os.getpid()), "heartbeat_at": heard}
            fields = {"token": uuid.uuid4(), "slot": 1, **here, **fields}
        values = {"architecture": "mlp", "epochs": 3, "configuration": {"architecture": "mlp", "epochs": 3}}
        return TrainingRun.objects.create(name=name, state=state, **{**values, **fields})

    return make


class Broker:
    """What was handed over; `away` refuses it."""

    def __init__(self):
        self.sent: list[str] = []
        self.away = False

    def send(self, task, *arguments):
        if self.away:
            raise BrokerAway("The broker takes no messages: it is away")
        self.sent.append(arguments[0])


@pytest.fixture(autouse=True)
def broker(monkeypatch):
    standing_in = Broker()
    monkeypatch.setattr("ferproject.queue.leases.send", standing_in.send)
    return standing_in


@pytest.fixture
def data_there(settings, tmp_path):
    """FER2013_PATH names a file; nothing reads it yet."""
    settings.FER2013_PATH = tmp_path / "fer2013.csv"
    settings.FER2013_PATH.touch()
    return settings.FER2013_PATH
