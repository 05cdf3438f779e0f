"""Leases of rows, with re-analyses as the rows."""

import datetime as dt
import math
import time
import uuid

import pytest
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from analysis.photos.models import ReanalysisJob
from ferproject.queue.broker import BrokerAway
from ferproject.queue.clock import ClockWatch
from ferproject.queue.leases import Leases, surviving_database_errors

pytestmark = pytest.mark.django_db
LEASES = Leases(ReanalysisJob, held=Q(status="running"), waiting=Q(status="queued"), task="a.task")


@pytest.fixture
def sent(monkeypatch):
    sent = []
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, row_id: sent.append((task, row_id)))
    return sent


@pytest.fixture
def job(user):
    return ReanalysisJob.objects.create(owner=user, model="cnn-1", total=3)


def claim(job):
    return LEASES.claim(ReanalysisJob.objects.filter(LEASES.waiting, pk=job.pk), status="running")


def age(job, column, seconds=61):
    ReanalysisJob.objects.filter(pk=job.pk).update(**{column: timezone.now() - dt.timedelta(seconds=seconds)})


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that was never set, until a test sets it."""
    moved = [0.0]
    monkeypatch.setattr("ferproject.queue.leases.clock_watch", ClockWatch(wall=lambda: time.time() + moved[0]))
    return moved


def test_a_row_is_claimed_once(job):
    token = claim(job)
    assert claim(job) is None
    assert LEASES.held_by(token).get() == job


def test_a_renewal_writes_the_heartbeat_and_values(job):
    token = claim(job)
    age(job, "heartbeat_at")
    assert LEASES.renew(token, done=2)
    assert not LEASES.lost().exists()
    assert LEASES.held_by(token).get().done == 2


def test_another_token_renews_nothing(job):
    claim(job)
    assert not LEASES.renew(uuid.uuid4(), done=2)
    assert not ReanalysisJob.objects.filter(done=2).exists()


def test_a_lost_row_is_put_back_and_sent_again(job, sent):
    token = claim(job)
    LEASES.sweep(status="queued")
    assert (sent, LEASES.held_by(token).exists()) == ([], True)
    age(job, "heartbeat_at")
    LEASES.sweep(status="queued")
    assert (sent, LEASES.held_by(token).exists()) == ([("a.task", str(job.pk))], False)
    assert claim(job) is not None


def test_a_waiting_row_is_sent_again_only_after_a_while(job, sent):
    LEASES.sweep(status="queued")
    assert sent == []
    age(job, "queued_at")
    LEASES.sweep(status="queued")
    LEASES.sweep(status="queued")
    assert sent == [("a.task", str(job.pk))]


@pytest.mark.parametrize("set_by", [-3600, 3600])
def test_a_worker_keeps_its_row_when_the_clock_is_set(job, sent, clock, set_by):
    token = claim(job)
    age(job, "heartbeat_at", set_by)
    clock[0] = set_by
    LEASES.sweep(status="queued")
    assert (sent, LEASES.held_by(token).exists()) == ([], True)


@pytest.mark.parametrize(("state", "column"), [("running", "heartbeat_at"), ("queued", "queued_at")])
def test_no_row_waits_for_a_clock_that_was_set_back(job, sent, state, column):
    if state == "running":
        claim(job)
    age(job, column, -3600)
    LEASES.sweep(status="queued")
    assert sent == [("a.task", str(job.pk))]


def test_a_clock_that_was_set_is_noticed_once():
    wall, steady = [1000.0], [10.0]
    watch = ClockWatch(wall=lambda: wall[0], steady=lambda: steady[0])
    wall[0], steady[0] = 1020.0, 30.5
    assert watch.seconds_since_set() == math.inf
    wall[0] -= 3600
    assert watch.seconds_since_set() == 0
    wall[0], steady[0] = wall[0] + 60, steady[0] + 60
    assert watch.seconds_since_set() == 60


def test_one_of_two_sweeping_processes_sends_a_task(job, sent):
    seen_by_both = [ReanalysisJob.objects.get(), ReanalysisJob.objects.get()]
    assert [LEASES.resend(row) for row in seen_by_both] == ["", None]
    assert len(sent) == 1


def test_a_refusal_of_the_broker_is_returned(job, monkeypatch, caplog):
    def refuse(task, row_id):
        raise BrokerAway("The broker takes no messages.")

    monkeypatch.setattr("ferproject.queue.leases.send", refuse)
    assert LEASES.send(job.pk) == "The broker takes no messages."
    assert f"a.task of {job.pk} waits for the sweeper" in caplog.text


def test_a_database_error_is_logged(caplog):
    with surviving_database_errors("The heartbeat"):
        raise DatabaseError("gone")
    assert "The heartbeat failed: gone" in caplog.text
