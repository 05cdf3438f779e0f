import pytest
from django.urls import reverse

from analysis.audit.models import AuditEntry
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.errors import CorrectionError
from tests.analysis.factories import make_photo

LIST = reverse("admin:analysis_correction_changelist")


@pytest.fixture
def correction(user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    return corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")


@pytest.fixture
def staff(client, administrator):
    client.force_login(administrator)
    return client


def _act(client, action, *chosen):
    return client.post(LIST, {"action": action, "_selected_action": [c.pk for c in chosen]}, follow=True)


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_actions_of_the_admin(staff, administrator, correction, action, status):
    assert f"1 correction {status}" in _act(staff, action, correction).content.decode()
    correction.refresh_from_db()
    assert (correction.status, correction.reviewed_by) == (status, administrator)
    assert correction.reviewed_at is not None


def test_the_list_shows_the_face_and_both_expressions(staff, correction):
    page = staff.get(LIST).content.decode()
    assert reverse("analysis:correction-face", args=[correction.pk]) in page
    assert "sad, recognized as happy" in page


def test_a_review_is_in_the_audit_log(administrator, correction):
    corrections.review_correction(correction=correction, by=administrator, approve=True)
    entry = AuditEntry.objects.get(action=AuditEntry.CORRECTION_REVIEWED)
    assert entry.actor == administrator
    assert entry.details == {"status": "approved", "said": "happy", "emotion": "sad"}


def test_corrections_without_consent_are_hidden(staff, user, correction):
    consents.withdraw_consent(user=user)
    assert "sad, recognized as happy" not in staff.get(LIST).content.decode()
    _act(staff, "approve", correction)
    correction.refresh_from_db()
    assert correction.status == "pending"


def test_a_correction_whose_consent_is_withdrawn_cannot_be_reviewed(user, administrator, correction):
    consents.withdraw_consent(user=user)
    with pytest.raises(CorrectionError) as raised:
        corrections.review_correction(correction=correction, by=administrator, approve=True)
    assert raised.value.code == "withdrawn"
    assert not AuditEntry.objects.filter(action=AuditEntry.CORRECTION_REVIEWED).exists()


def test_a_correction_replaced_meanwhile_is_not_approved(staff, user, correction):
    changed = corrections.correct_face(face=correction.face, by=user, emotion="fear")
    _act(staff, "approve", correction)
    changed.refresh_from_db()
    assert changed.status == "pending"


def test_pending_corrections_come_first(user, administrator, correction):
    corrections.review_correction(correction=correction, by=administrator, approve=True)
    waiting = corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="fear")
    assert list(Correction.objects.pending_first()) == [waiting, correction]


def test_the_admin_cannot_add_or_delete_corrections(staff, correction):
    assert staff.get(reverse("admin:analysis_correction_add")).status_code == 403
    assert staff.get(reverse("admin:analysis_correction_delete", args=[correction.pk])).status_code == 403
    assert b'name="_save"' not in staff.get(reverse("admin:analysis_correction_change", args=[correction.pk])).content


def test_it_requires_staff(signed_in, correction):
    _act(signed_in, "approve", correction)
    correction.refresh_from_db()
    assert correction.status == "pending"
