"""Writes of the process that holds a run."""

import uuid

import pytest

from training.models import State
from training.runs import claims

METRICS = {"emotion_loss": 1.5, "emotion_accuracy": 0.4, "val_emotion_loss": 1.6, "val_emotion_accuracy": 0.3}
ONE_HEAD = {"loss": 1.5, "accuracy": 0.4, "val_loss": 1.6, "val_accuracy": 0.3}


@pytest.fixture
def run(make_run):
    return make_run(state=State.TRAINING)


def test_a_heartbeat_writes_the_progress(run):
    assert claims.RUN_LEASES.renew(run.token, batch=7, batches=20)
    before = run.heartbeat_at
    run.refresh_from_db()
    assert (run.batch, run.batches) == (7, 20)
    assert run.heartbeat_at > before


@pytest.mark.parametrize("metrics", [METRICS, {**METRICS, "loss": 9.0}, ONE_HEAD])
def test_the_figures_of_an_epoch_are_saved(run, metrics):
    assert claims.record_epoch(token=run.token, number=1, metrics=metrics, seconds=2.5)
    run.refresh_from_db()
    row = run.epoch_rows.get()
    assert (row.number, row.loss, row.accuracy, row.val_loss, row.val_accuracy, row.seconds) == (
        1,
        1.5,
        0.4,
        1.6,
        0.3,
        2.5,
    )
    assert run.epoch == 1


def test_a_repeated_epoch_replaces_its_figures(run):
    for loss in (2.0, 1.0):
        claims.record_epoch(token=run.token, number=1, metrics={**ONE_HEAD, "loss": loss}, seconds=1)
    assert run.epoch_rows.get().loss == 1.0


@pytest.mark.parametrize("checkpointed", [1, 2, 3])
def test_epoch_rows_are_matched_to_the_checkpoint(run, checkpointed):
    for number in (1, 2):
        claims.record_epoch(token=run.token, number=number, metrics=ONE_HEAD, seconds=1)
    claims.match_epochs(token=run.token, history=[ONE_HEAD] * checkpointed)
    run.refresh_from_db()
    assert [row.number for row in run.epoch_rows.all()] == list(range(1, checkpointed + 1))
    assert run.epoch == checkpointed


def test_without_the_lease_nothing_is_written(run):
    stale = uuid.uuid4()
    assert not claims.RUN_LEASES.renew(stale, batch=7)
    assert not claims.record_epoch(token=stale, number=1, metrics=ONE_HEAD, seconds=1)
    assert not claims.match_epochs(token=stale, history=[ONE_HEAD])
    for state in (State.FAILED, State.CANCELLED, State.QUEUED):
        assert not claims.end_claim(token=stale, state=state, reason="no")
    assert not claims.crash_run(token=stale, reason="no")
    run.refresh_from_db()
    assert (run.state, run.batch, run.crashes, run.reason) == (State.TRAINING, 0, 0, "")
    assert not run.epoch_rows.exists()


def test_a_released_lease_is_lost(run):
    assert claims.end_claim(token=run.token, state=State.QUEUED, reason="Its worker was stopped.")
    assert not claims.RUN_LEASES.renew(run.token)
    run.refresh_from_db()
    assert (run.state, run.token, run.slot) == (State.QUEUED, None, None)


def test_repeated_crashes_fail_the_run(run, make_run):
    for _ in range(claims.MAX_CRASHES - 1):
        assert claims.crash_run(token=run.token, reason="It was ended by SIGSEGV.")
        run.refresh_from_db()
        assert run.state == State.LOST
        run.token = claims.claim_run(run_id=run.pk)
    claims.crash_run(token=run.token, reason="It was ended by SIGSEGV.")
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert run.reason == "It was ended by SIGSEGV. This happened 3 times before an epoch was finished."


def test_a_finished_epoch_resets_the_crashes(run):
    claims.crash_run(token=run.token, reason="It was ended by SIGSEGV.")
    token = claims.claim_run(run_id=run.pk)
    claims.record_epoch(token=token, number=1, metrics=ONE_HEAD, seconds=1)
    run.refresh_from_db()
    assert run.crashes == 0
