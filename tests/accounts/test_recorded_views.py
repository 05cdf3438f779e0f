"""Staff who open other people's things are noted, and those people can read it."""

import io
import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.privacy import deletion
from accounts.privacy.takeout import write_takeout
from analysis.audit.models import AuditEntry
from analysis.audit.services import VIEW_INTERVAL
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from tests.analysis.factories import make_photo


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def correction(user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    return corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")


def recorded_views():
    return list(AuditEntry.objects.filter(action=AuditEntry.VIEWED).values_list("subject", flat=True))


def changing(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_opening_an_account_is_recorded(admin, administrator, user):
    assert admin.get(changing(user)).status_code == 200
    assert recorded_views() == [f"user {user.pk}"]
    assert AuditEntry.objects.get().actor == administrator


def test_opening_ones_own_account_is_not_recorded(admin, administrator):
    assert admin.get(changing(administrator)).status_code == 200
    assert recorded_views() == []


def test_opening_a_photo_a_correction_and_an_address_is_recorded(admin, user, correction):
    address = EmailAddress.objects.create(user=user, email=user.email)
    photo = correction.face.analysis.photo
    for row in (photo, correction, address):
        assert admin.get(changing(row)).status_code == 200
    assert recorded_views() == [
        f"email address {address.pk} of user {user.pk}",
        f"correction {correction.pk} of user {user.pk}",
        f"photo {photo.pk} of user {user.pk}",
    ]


def test_a_corrections_page_and_its_picture_are_one_view(admin, user, correction):
    admin.get(changing(correction))
    admin.get(reverse("analysis:correction-face", args=[correction.pk]))
    assert recorded_views() == [f"correction {correction.pk} of user {user.pk}"]


def test_a_face_in_the_list_of_corrections_is_a_view(admin, user, correction):
    admin.get(reverse("analysis:correction-face", args=[correction.pk]))
    assert recorded_views() == [f"correction {correction.pk} of user {user.pk}"]


def test_its_owners_view_is_not_recorded(client, user, correction):
    client.force_login(user)
    assert client.get(reverse("analysis:correction-face", args=[correction.pk])).status_code == 200
    assert recorded_views() == []


def test_returning_later_is_another_view(admin, user):
    admin.get(changing(user))
    AuditEntry.objects.update(at=AuditEntry.objects.get().at - VIEW_INTERVAL)
    admin.get(changing(user))
    assert recorded_views() == [f"user {user.pk}"] * 2


def test_a_forbidden_view_is_not_recorded(client, user, other_user):
    other_user.is_staff = True
    other_user.save()
    client.force_login(other_user)
    assert client.get(changing(user)).status_code == 403
    assert recorded_views() == []


def test_no_address_is_recorded(admin, user, correction):
    EmailAddress.objects.create(user=user, email=user.email)
    for row in (user, correction, EmailAddress.objects.get()):
        admin.get(changing(row))
    assert user.email not in str(list(AuditEntry.objects.values("subject", "reason", "details")))


def test_the_takeout_lists_who_viewed_the_account(admin, administrator, user, other_user, correction):
    for row in (user, other_user, correction):
        admin.get(changing(row))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(write_takeout(user))))
    rows = json.loads(archive.read("data/who_looked_at_you.json"))
    found = [(row["actor_id"], row["subject"]) for row in rows]
    assert sorted(found) == [
        (administrator.pk, f"correction {correction.pk} of user {user.pk}"),
        (administrator.pk, f"user {user.pk}"),
    ]


def test_a_deleted_account_is_a_pseudonym_in_it(admin, user, correction, monkeypatch):
    monkeypatch.setattr("accounts.privacy.deletion.erase_deleted", lambda: deletion.Erasure.ERASED)
    admin.get(changing(user)), admin.get(changing(correction))
    pseudonym = deletion.request_deletion(user=user).pseudonym
    deletion.sweep_deletions()
    assert recorded_views() == [f"correction {correction.pk} of {pseudonym}", pseudonym]
