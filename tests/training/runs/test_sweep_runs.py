"""Sweeping runs."""

import datetime as dt

import pytest
from django.utils import timezone

from ferproject.queue.processes import host_identity
from ferproject.queue.sweeper import Sweep
from training.models import State
from training.runs import claims
from training.runs.presentation import has_worker
from training.runs.queue import RESEND_SECONDS, send_waiting, sweep_runs

TRAINING = Sweep(worker="training@host", queues=frozenset({"training"}))


def test_a_silent_run_is_lost_and_sent_again(make_run, broker, settings):
    run = make_run(state=State.TRAINING, silent=settings.RUN_LOST_SECONDS + 1)
    token = run.token
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert run.state == State.LOST
    assert "Its process on elsewhere sent nothing for 60 seconds." in run.reason
    assert broker.sent == [str(run.pk)]
    assert not claims.RUN_LEASES.renew(token)


def test_a_run_with_heartbeats_is_unchanged(make_run, settings):
    run = make_run(state=State.TRAINING, silent=settings.RUN_LOST_SECONDS - 5)
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert run.state == State.TRAINING


def test_a_run_of_a_dead_process_on_this_host_is_lost_at_once(make_run, broker):
    run = make_run(state=State.TRAINING, process=f"{host_identity()}:1:2")
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert run.state == State.LOST
    assert broker.sent == [str(run.pk)]


def test_a_lost_run_with_a_cancel_request_is_cancelled(make_run, broker):
    run = make_run(state=State.TRAINING, silent=100, cancel_requested_at=timezone.now())
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert (run.state, broker.sent) == (State.CANCELLED, [])


def test_a_lost_run_of_a_shell_is_not_sent(make_run, broker):
    run = make_run(state=State.TRAINING, silent=100, by_command=True)
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert run.state == State.LOST
    assert "--resume" in run.reason
    assert broker.sent == []


def test_the_run_is_sent_once_the_broker_is_back(make_run, broker):
    run = make_run()
    broker.away = True
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert "takes no messages" in run.broker_problem
    broker.away = False
    sweep_runs(TRAINING)
    run.refresh_from_db()
    assert (run.broker_problem, broker.sent) == ("", [str(run.pk)])


def test_an_unanswered_message_is_sent_again_after_a_while(make_run, broker):
    run = make_run()
    send_waiting()
    send_waiting()
    assert len(broker.sent) == 1
    run.sent_at = timezone.now() - dt.timedelta(seconds=RESEND_SECONDS + 1)
    run.save()
    send_waiting()
    assert len(broker.sent) == 2


def test_while_one_run_is_live_no_other_is_sent(make_run, broker):
    make_run("mlp-1", State.TRAINING)
    make_run("mlp-2")
    send_waiting()
    assert broker.sent == []


def test_the_run_that_waits_longest_comes_first(make_run, broker):
    make_run("mlp-2")
    first = make_run("mlp-1", queued_at=timezone.now() - dt.timedelta(hours=1))
    send_waiting()
    assert broker.sent == [str(first.pk)]


@pytest.mark.parametrize(("queues", "there"), [({"training"}, True), ({"default"}, False)])
def test_a_training_worker_is_recorded_when_it_sweeps(db, queues, there):
    sweep_runs(Sweep(worker="any@host", queues=frozenset(queues)))
    assert has_worker() is there
