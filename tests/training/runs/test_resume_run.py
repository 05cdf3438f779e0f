"""Resuming a run."""

import pytest

from training.errors import RunError
from training.models import State
from training.runs.services import resume_run


@pytest.mark.parametrize(
    "fields",
    [{"state": State.CANCELLED}, {"state": State.FAILED, "crashes": 3}, {"state": State.LOST, "by_command": True}],
)
def test_a_stopped_run_is_queued_and_sent(make_run, broker, fields, django_capture_on_commit_callbacks):
    run = make_run(epoch=2, reason="why", **fields)
    with django_capture_on_commit_callbacks(execute=True):
        resume_run(run=run)
    run.refresh_from_db()
    assert (run.state, run.epoch, run.reason, run.crashes, run.by_command) == (State.QUEUED, 2, "", 0, False)
    assert broker.sent == [str(run.pk)]


@pytest.mark.parametrize("state", [State.QUEUED, State.TRAINING, State.FINISHED, State.LOST])
def test_only_a_stopped_run_is_resumed(make_run, state):
    with pytest.raises(RunError, match="can be resumed once"):
        resume_run(run=make_run(state=state))
