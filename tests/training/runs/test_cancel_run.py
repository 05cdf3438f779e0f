"""Cancelling a run."""

import pytest

from ferproject.queue.processes import host_identity
from training.errors import RunError
from training.models import State
from training.runs import claims
from training.runs.services import cancel_run


@pytest.mark.parametrize("state", [State.QUEUED, State.LOST])
def test_a_waiting_run_is_cancelled_at_once(make_run, state):
    run = make_run(state=state)
    cancel_run(run=run)
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert run.finished_at is not None


def test_cancelling_a_live_run_is_requested(make_run):
    run = make_run(state=State.TRAINING)
    cancel_run(run=run)
    run.refresh_from_db()
    assert run.state == State.TRAINING
    assert claims.cancel_requested_at(token=run.token) is not None


@pytest.mark.parametrize("fields", [{"silent": 30}, {"process": f"{host_identity()}:1:2"}])
def test_a_run_without_a_process_is_cancelled_at_once(make_run, fields):
    run = make_run(state=State.TRAINING, **fields)
    token = run.token
    cancel_run(run=run)
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not claims.RUN_LEASES.renew(token)


@pytest.mark.parametrize("state", [State.FINISHED, State.FAILED, State.CANCELLED])
def test_an_ended_run_cannot_be_cancelled(make_run, state):
    with pytest.raises(RunError, match="has already ended"):
        cancel_run(run=make_run(state=state))
