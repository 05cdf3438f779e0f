import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections, transaction

from analysis.audit.models import AuditEntry
from analysis.errors import VersionError
from analysis.versions import services as versions
from analysis.versions.models import ModelVersion
from analysis.versions.smoke_test import SmokeReport


@pytest.fixture
def three(transactional_db, register_anew, make_version) -> list[ModelVersion]:
    """The shipped version, which serves, and two trained ones."""
    return [register_anew(), make_version("second-1"), make_version("third-1")]


def _at_once(*calls):
    """Run each call on a thread and connection of its own; return what each returned or raised."""

    def outcome(call):
        try:
            return call()
        except VersionError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(outcome, call) for call in calls]]


@pytest.fixture
def _meet(monkeypatch):
    """Both have passed their smoke test before either goes on."""
    barrier = threading.Barrier(2, timeout=20)

    def smoke_test(*, version):
        barrier.wait()
        return SmokeReport(True)

    monkeypatch.setattr(versions, "smoke_test", smoke_test)


@pytest.mark.usefixtures("_meet")
@pytest.mark.parametrize("repetition", range(5))
def test_one_wins_and_the_other_is_told(three, serving, repetition):
    outcomes = _at_once(
        lambda: versions.promote_version(version=three[1], actor=None),
        lambda: versions.promote_version(version=three[2], actor=None),
    )
    told = [outcome for outcome in outcomes if outcome is not None]
    assert [error.code for error in told] == ["active_changed"]
    assert len(serving()) == 1
    assert serving()[0] in told[0].message
    assert AuditEntry.objects.count() == 1


@pytest.mark.usefixtures("_meet")
def test_of_two_clicks_on_the_same_one_wins(three, serving):
    promote = lambda: versions.promote_version(version=three[1], actor=None)  # noqa: E731
    outcomes = _at_once(promote, promote)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert (serving(), AuditEntry.objects.count()) == (["second-1"], 1)


@pytest.mark.usefixtures("_meet")
def test_two_where_none_served_before(three, serving):
    ModelVersion.objects.update(is_active=False)
    outcomes = _at_once(
        lambda: versions.promote_version(version=three[1], actor=None),
        lambda: versions.promote_version(version=three[2], actor=None),
    )
    assert [outcome.code for outcome in outcomes if outcome] == ["active_changed"]
    assert len(serving()) == 1


def test_the_database_itself_refuses_a_second_active_one(first, second):
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(is_active=True)
