"""Claiming a run."""

import threading

import pytest
from django.db import connection

from training.models import State, TrainingRun
from training.runs.claims import claim_run


@pytest.mark.parametrize("state", [State.QUEUED, State.LOST])
def test_a_waiting_run_is_claimed_once(make_run, state):
    run = make_run(state=state, reason="it was lost")
    token = claim_run(run_id=run.pk)
    run.refresh_from_db()
    assert token is not None
    assert (run.state, run.token, run.claims, run.reason) == (State.PREPARING, token, 1, "")
    assert run.heartbeat_at is not None
    assert claim_run(run_id=run.pk) is None


@pytest.mark.parametrize("state", [State.FINISHED, State.FAILED, State.CANCELLED])
def test_an_ended_run_is_not_claimed(make_run, state):
    assert claim_run(run_id=make_run(state=state).pk) is None


def test_a_second_run_is_not_claimed_while_the_first_is_live(make_run):
    make_run("mlp-1", State.TRAINING)
    second = make_run("mlp-2")
    assert claim_run(run_id=second.pk) is None
    second.refresh_from_db()
    assert second.state == State.QUEUED


def test_a_worker_does_not_claim_a_run_of_a_shell(make_run):
    run = make_run(state=State.LOST, by_command=True)
    assert claim_run(run_id=run.pk) is None
    assert claim_run(run_id=run.pk, by_command=True) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [["mlp-1"] * 8, [f"mlp-{number}" for number in range(8)]])
def test_of_many_claims_at_once_one_wins(make_run, names):
    """The same run, brought twice; and different runs, claimed by workers on several hosts."""
    runs = {name: make_run(name).pk for name in set(names)}
    together, tokens = threading.Barrier(len(names)), []

    def claim(name):
        together.wait()
        try:
            tokens.append(claim_run(run_id=runs[name]))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [token for token in tokens if token is not None]
    assert len(tokens) == len(names)
    assert [run.token for run in TrainingRun.objects.live()] == won
    assert len(won) == 1
