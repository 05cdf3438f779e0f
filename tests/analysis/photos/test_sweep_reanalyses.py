"""Jobs of lost workers and of an absent broker are queued again."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from analysis.photos import reanalysis
from analysis.photos.models import ReanalysisJob
from ferproject.queue import sweeper
from ferproject.queue.broker import BrokerAway
from tests.analysis.factories import make_photo


def _age(job, field):
    ReanalysisJob.objects.filter(pk=job.pk).update(**{field: timezone.now() - dt.timedelta(seconds=4)})


@pytest.fixture
def short_lease(settings):
    settings.RUN_LOST_SECONDS = 3


def test_without_a_broker_the_sweep_sends_the_task(
    user, fake_engine, sent, short_lease, monkeypatch, django_capture_on_commit_callbacks
):
    def away(task, job_id):
        raise BrokerAway("The broker takes no messages.")

    make_photo(user)
    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr("ferproject.queue.leases.send", away)
        job = reanalysis.start_reanalysis(owner=user)
    assert job.status == "queued"
    _age(job, "queued_at")
    reanalysis.sweep_reanalyses()
    assert sent == [job.pk]


def test_a_lost_job_is_queued_again_and_resumed(user, start, sent, fake_engine, short_lease):
    class Killed(BaseException):
        pass

    def kill():
        if fake_engine.seen == 2:
            raise Killed

    for _ in range(3):
        make_photo(user)
    job = start()
    fake_engine.before = kill
    with pytest.raises(Killed):
        reanalysis.run_reanalysis(job_id=job.pk)
    _age(job, "heartbeat_at")
    reanalysis.sweep_reanalyses()
    assert sent == [job.pk, job.pk]
    fake_engine.before = lambda: None
    reanalysis.run_reanalysis(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, fake_engine.seen) == ("finished", 3, 4)


def test_a_running_job_is_not_queued_again(user, start, sent, short_lease):
    make_photo(user)
    job = start()
    ReanalysisJob.objects.filter(pk=job.pk).update(status="running", token=uuid.uuid4(), heartbeat_at=timezone.now())
    reanalysis.sweep_reanalyses()
    assert len(sent) == 1


@pytest.mark.django_db
def test_workers_sweep_jobs(monkeypatch):
    swept = []
    monkeypatch.setattr(reanalysis, "sweep_reanalyses", lambda: swept.append(True))
    for function in sweeper._sweepers:
        if function.__module__ == "analysis.startup":
            function(sweeper.Sweep(worker="worker@test", queues=frozenset({"default"})))
    assert swept == [True]
