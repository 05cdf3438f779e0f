"""With a bucket a version is promoted once each live process has its files."""

import datetime as dt
import itertools
from types import SimpleNamespace

import pytest
from django.utils import timezone

from analysis.errors import VersionError
from analysis.versions import serving_processes
from analysis.versions.lookup import look_up_versions
from analysis.versions.models import ModelVersion, ServingProcess
from analysis.versions.services import promote_version, roll_back
from analysis.versions.serving_processes import LIVE_FOR, report_process
from analysis.versions.store import trained_store


@pytest.fixture
def while_waiting(monkeypatch):
    """Have something happen in each pause of a promotion that waits; it ends after some of them."""

    def while_waiting(happens=lambda: None):
        moments = itertools.count(0.0, 5.0)
        clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=lambda seconds: happens())
        monkeypatch.setattr(serving_processes, "time", clock)

    return while_waiting


def _report(store) -> None:
    report_process(store.folder, look_up_versions().announced)


def _other_process(*, silent: dt.timedelta = dt.timedelta(0), **values) -> ServingProcess:
    return ServingProcess.objects.create(
        process="other", host="web-b, process 7", seen_at=timezone.now() - silent, **values
    )


def test_it_waits_until_a_live_process_has_the_files(elsewhere, store, while_waiting):
    _report(store)
    assert not trained_store().exists()
    while_waiting(lambda: _report(store))
    promote_version(version=elsewhere, actor=None, reason="as good")
    assert ModelVersion.objects.active() == elsewhere
    assert [row.prepared for row in ServingProcess.objects.all()] == ["trial-1"]


def test_it_names_the_process_that_has_not_and_changes_nothing(elsewhere, first, while_waiting):
    _other_process(problem="the disk is full")
    while_waiting()
    with pytest.raises(VersionError, match=r"nothing was changed: web-b, process 7 \(the disk is full\)") as raised:
        promote_version(version=elsewhere, actor=None, reason="as good")
    assert (raised.value.code, raised.value.retryable) == ("files_not_everywhere", True)
    assert ModelVersion.objects.active() == first


def test_a_process_that_was_killed_is_not_waited_for(elsewhere, while_waiting):
    _other_process(silent=LIVE_FOR)
    while_waiting()
    promote_version(version=elsewhere, actor=None, reason="as good")
    assert ModelVersion.objects.active() == elsewhere


def test_what_a_process_had_before_does_not_count(elsewhere, while_waiting):
    _other_process(prepared="trial-1")
    while_waiting()
    with pytest.raises(VersionError, match="web-b"):
        promote_version(version=elsewhere, actor=None, reason="as good")


def test_a_rollback_waits_too(elsewhere, first, while_waiting):
    promote_version(version=elsewhere, actor=None, reason="as good")
    row = _other_process()
    while_waiting(lambda: ServingProcess.objects.filter(pk=row.pk).update(prepared="first-1"))
    assert roll_back(actor=None) == first


def test_a_process_that_cannot_fetch_says_why(elsewhere, store, bucket):
    ModelVersion.objects.filter(pk=elsewhere.pk).update(announced_at=timezone.now())
    bucket.delete_all("models/")
    _report(store)
    row = ServingProcess.objects.get()
    assert (row.prepared, "could not be fetched" in row.problem) == ("", True)


def test_without_a_bucket_nothing_is_written_and_nobody_asked(first, make_version, store):
    version = make_version("trial-1")
    _other_process()
    _report(store)
    promote_version(version=version, actor=None, reason="as good")
    assert ServingProcess.objects.count() == 1


def test_a_process_reports_by_one_query_and_looks_up_by_another(
    elsewhere, first, store, django_assert_num_queries, while_waiting
):
    def follow() -> None:
        with django_assert_num_queries(2):
            _report(store)

    follow()
    while_waiting(follow)
    promote_version(version=elsewhere, actor=None, reason="as good")
    before = ServingProcess.objects.get().seen_at
    follow()
    row = ServingProcess.objects.get()
    assert (row.prepared, row.problem, row.seen_at > before) == ("trial-1", "", True)
