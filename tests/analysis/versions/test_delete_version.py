import pytest

from analysis.audit.models import AuditEntry
from analysis.errors import VersionError
from analysis.versions.models import ModelVersion
from analysis.versions.services import delete_version, promote_version, roll_back

pytestmark = pytest.mark.usefixtures("smoke_in_process")


def test_its_row_and_its_files_go(second, store, administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        delete_version(version=second, actor=administrator)
    assert not ModelVersion.objects.filter(name="second-1").exists()
    assert not (store.folder / "second-1").exists()


def test_the_log_keeps_it_with_its_pins(second, administrator):
    delete_version(version=second, actor=administrator)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.details) == ("version_deleted", "second-1", {"pins": second.pins})


def test_the_one_that_serves_stays(second, store, administrator):
    promote_version(version=second, actor=administrator)
    with pytest.raises(VersionError, match="second-1 is active") as caught:
        delete_version(version=second, actor=administrator)
    assert caught.value.code == "version_active"
    assert (store.folder / "second-1").exists()


def test_a_shipped_one_stays(first, second, administrator):
    promote_version(version=second, actor=administrator)
    with pytest.raises(VersionError, match="first-1 came with the program") as caught:
        delete_version(version=first, actor=administrator)
    assert caught.value.code == "version_shipped"


def test_rolling_back_skips_it(second, make_version, administrator):
    promote_version(version=second, actor=administrator)
    promote_version(version=make_version("third-1"), actor=administrator)
    delete_version(version=second, actor=administrator)
    assert roll_back(actor=administrator).name == "first-1"
