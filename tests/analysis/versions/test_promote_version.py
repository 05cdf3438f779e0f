import pytest

from analysis.audit.models import AuditEntry
from analysis.errors import VersionError
from analysis.versions.models import ModelVersion
from analysis.versions.services import promote_version

pytestmark = pytest.mark.usefixtures("smoke_in_process")


@pytest.fixture
def worse(first, make_version, store):
    return make_version("worse-1", card={"evaluation": store.evaluation(accuracy=0.2)})


def test_it_serves_from_then_on(second, administrator, serving):
    promote_version(version=second, actor=administrator)
    assert serving() == ["second-1"]
    second.refresh_from_db()
    assert (second.previous.name, second.activated_at is not None) == ("first-1", True)


def test_the_log_keeps_who_and_what(second, administrator):
    promote_version(version=second, actor=administrator, reason=" because ")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("promoted", "second-1", administrator)
    assert (entry.reason, entry.details) == ("because", {"from": "first-1", "needed_reason": "", "via": "site"})


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_worse_one_needs_a_written_reason(worse, administrator, serving, reason):
    with pytest.raises(VersionError, match=r"worse-1 is worse than first-1.*accuracy") as caught:
        promote_version(version=worse, actor=administrator, reason=reason)
    assert caught.value.code == "reason_needed"
    assert (serving(), AuditEntry.objects.count()) == (["first-1"], 0)


def test_the_log_keeps_the_reason_and_what_it_was_needed_for(worse, administrator, serving):
    promote_version(version=worse, actor=administrator, reason="to try roll back")
    entry = AuditEntry.objects.get()
    assert (serving(), entry.reason) == (["worse-1"], "to try roll back")
    assert "accuracy" in entry.details["needed_reason"]


def test_the_one_that_serves_is_refused(first, administrator):
    with pytest.raises(VersionError, match="first-1 is already active") as caught:
        promote_version(version=first, actor=administrator)
    assert caught.value.code == "already_active"


@pytest.mark.parametrize("file", ["model.tflite", "model.json"])
def test_a_changed_byte_leaves_the_active_one_untouched(second, store, administrator, serving, file):
    store.break_byte("second-1", file)
    with pytest.raises(VersionError, match=f"second-1/{file} was changed") as caught:
        promote_version(version=second, actor=administrator, reason="all the same")
    assert caught.value.code == "model_corrupt"
    assert (serving(), AuditEntry.objects.count()) == (["first-1"], 0)


def test_a_broken_network_leaves_the_active_one_untouched(first, make_version, administrator, serving):
    with pytest.raises(VersionError, match=r"LiteRT cannot load trial-1/model\.tflite: "):
        promote_version(version=make_version(model_tflite=b"no network"), actor=administrator, reason="all the same")
    assert serving() == ["first-1"]


def test_it_tells_whoever_looked_at_another_active_one(second, make_version, administrator, serving):
    promote_version(version=second, actor=administrator)
    with pytest.raises(VersionError, match="Another version has become active: second-1") as caught:
        promote_version(version=make_version("third-1"), actor=administrator, instead_of="first-1")
    assert (caught.value.code, serving()) == ("active_changed", ["second-1"])


def test_the_first_of_all_needs_no_other(first, second, serving):
    ModelVersion.objects.update(is_active=False)
    promote_version(version=second, actor=None)
    assert serving() == ["second-1"]


def test_a_version_deleted_meanwhile_is_not_promoted(second, serving):
    ModelVersion.objects.filter(pk=second.pk).delete()
    with pytest.raises(VersionError, match="has been deleted"):
        promote_version(version=second, actor=None)
    assert serving() == ["first-1"]
