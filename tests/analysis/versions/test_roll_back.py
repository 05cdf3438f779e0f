import pytest

from analysis.audit.models import AuditEntry
from analysis.errors import VersionError
from analysis.versions.services import promote_version, roll_back

pytestmark = pytest.mark.usefixtures("smoke_in_process")


def test_the_one_before_serves_again(second, administrator, serving):
    promote_version(version=second, actor=administrator)
    assert roll_back(actor=administrator).name == "first-1"
    assert serving() == ["first-1"]


def test_the_log_keeps_it(second, administrator):
    promote_version(version=second, actor=administrator)
    roll_back(actor=administrator, reason="complaints")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.subject, entry.actor) == ("rolled_back", "first-1", administrator)
    assert (entry.reason, entry.details) == ("complaints", {"from": "second-1", "via": "site"})


def test_again_goes_back_one_more(second, make_version, administrator, serving):
    promote_version(version=second, actor=administrator)
    promote_version(version=make_version("third-1"), actor=administrator)
    assert [roll_back(actor=administrator).name for _ in range(2)] == ["second-1", "first-1"]


def test_without_a_promotion_there_is_nothing_to_roll_back(first, serving):
    with pytest.raises(VersionError, match="first-1 did not replace another version") as caught:
        roll_back(actor=None)
    assert (caught.value.code, serving()) == ("nothing_to_roll_back", ["first-1"])


def test_it_asks_for_no_reason_even_where_it_is_worse(second, first, administrator, serving):
    promote_version(version=second, actor=administrator)
    first.card["evaluation"]["PublicTest"]["accuracy"] = 0.1
    first.save(update_fields=["card"])
    roll_back(actor=administrator)
    assert serving() == ["first-1"]


def test_a_changed_byte_leaves_the_active_one_untouched(second, store, administrator, serving):
    promote_version(version=second, actor=administrator)
    store.break_byte("first-1")
    with pytest.raises(VersionError, match=r"first-1/model\.tflite was changed"):
        roll_back(actor=administrator)
    assert serving() == ["second-1"]


def test_it_leaves_a_broken_active_one(second, store, administrator, serving):
    promote_version(version=second, actor=administrator)
    store.break_byte("second-1")
    roll_back(actor=administrator)
    assert serving() == ["first-1"]


def test_a_second_click_is_told(second, administrator, serving):
    promote_version(version=second, actor=administrator)
    roll_back(actor=administrator, instead_of="second-1")
    with pytest.raises(VersionError, match="Another version has become active: first-1") as caught:
        roll_back(actor=administrator, instead_of="second-1")
    assert (caught.value.code, serving()) == ("active_changed", ["first-1"])
