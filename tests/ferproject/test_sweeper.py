"""What every worker does every few seconds."""

import pytest

from ferproject.queue import sweeper

pytestmark = pytest.mark.django_db
SWEEP = sweeper.Sweep(worker="any@host", queues=frozenset({"default"}))


@pytest.fixture(autouse=True)
def _no_others(monkeypatch):
    monkeypatch.setattr(sweeper, "_sweepers", [])


def test_it_calls_whatever_was_registered_once():
    seen = []

    def sweep(which):
        seen.append(which)

    sweeper.register(sweep)
    sweeper.register(sweep)
    sweeper.sweep_once(SWEEP)
    assert seen == [SWEEP]


def test_one_that_fails_keeps_no_other_from_its_turn(caplog):
    seen = []

    def fail(which):
        raise RuntimeError("the database is away")

    sweeper.register(fail)
    sweeper.register(seen.append)
    sweeper.sweep_once(SWEEP)
    assert seen == [SWEEP]
    assert "the database is away" in caplog.text
