"""An administrator who deletes somebody's photo is noted, and that person can read it."""

import pytest
from django.urls import reverse

from accounts.privacy.deletion import request_deletion
from analysis.audit.models import AuditEntry
from analysis.audit.services import entries_about
from analysis.management.verify_history import verify_history
from analysis.photos.models import Photo
from tests.analysis.factories import make_photo


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def deleted():
    entries = AuditEntry.objects.filter(action=AuditEntry.PHOTO_DELETED).order_by("pk")
    return list(entries.values_list("actor__email", "subject"))


def test_one_deleted_on_its_page_is(admin, administrator, user):
    photo = make_photo(user)
    admin.post(reverse("admin:analysis_photo_delete", args=[photo.pk]), {"post": "yes"})
    assert not Photo.objects.exists()
    assert deleted() == [(administrator.email, f"photo {photo.pk} of user {user.pk}")]
    assert entries_about(user).filter(action=AuditEntry.PHOTO_DELETED).count() == 1
    assert verify_history(owner=user) == []


def test_so_is_each_of_many_in_the_list(admin, administrator, user, other_user):
    mine, theirs, stays = make_photo(user), make_photo(other_user), make_photo(user)
    form = {"action": "delete_selected", "_selected_action": [mine.pk, theirs.pk], "post": "yes"}
    admin.post(reverse("admin:analysis_photo_changelist"), form)
    assert list(Photo.objects.all()) == [stays]
    assert sorted(deleted()) == sorted(
        (administrator.email, f"photo {photo.pk} of user {photo.owner_id}") for photo in (mine, theirs)
    )


def test_the_entry_stays_under_a_pseudonym_after_deletion(admin, user):
    photo = make_photo(user)
    admin.post(reverse("admin:analysis_photo_delete", args=[photo.pk]), {"post": "yes"})
    pseudonym = request_deletion(user=user).pseudonym
    assert [subject for _, subject in deleted()] == [f"photo {photo.pk} of {pseudonym}"]


def test_an_account_with_photos_can_still_be_deleted_in_the_admin(admin, user):
    make_photo(user)
    admin.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
    user.refresh_from_db()
    assert not user.is_active
