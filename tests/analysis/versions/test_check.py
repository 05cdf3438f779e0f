import pytest
from django.core.checks import run_checks

from analysis import checks
from analysis.versions.services import promote_version

pytestmark = pytest.mark.usefixtures("smoke_in_process")


@pytest.fixture
def chosen(second):
    promote_version(version=second, actor=None)


def test_an_intact_choice_is_fine(chosen):
    assert checks.check_active_version(None, databases=["default"]) == []


def test_a_changed_byte_of_the_promoted_one_is_told_with_what_to_do(chosen, store):
    store.break_byte("second-1")
    [warning] = checks.check_active_version(None, databases=["default"])
    assert warning.id == "analysis.W003"
    assert "second-1/model.tflite was changed" in warning.msg
    assert "manage.py rollback" in warning.hint


def test_a_plain_check_needs_no_database(model):
    # Without the `db` fixture any question to the database is an error.
    assert [message for message in run_checks() if (message.id or "").startswith("analysis.")] == []


def test_before_the_first_migration_there_is_nothing_to_check(chosen, monkeypatch):
    from django.db import OperationalError

    from analysis.versions.models import ModelVersion

    def no_table():
        raise OperationalError("no such table")

    monkeypatch.setattr(ModelVersion.objects, "active", no_table)
    assert checks.check_active_version(None, databases=["default"]) == []
