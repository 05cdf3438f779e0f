import os
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.urls import reverse

from analysis.management.commands.sweep_files import sweep_files
from analysis.photos.models import Analysis, Face, Photo
from tests.analysis.factories import kept_files, make_photo

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_deletes_rows_and_files(signed_in, user):
    photo = make_photo(user, emotions=["happy", "sad"])
    response = signed_in.post(reverse("analysis:delete", args=[photo.pk]))
    assert response["Location"] == reverse("analysis:history")
    assert not any(table.objects.exists() for table in (Photo, Analysis, Face))
    assert kept_files() == []


def test_it_asks_for_confirmation(signed_in, user):
    photo = make_photo(user)
    content = signed_in.get(reverse("analysis:delete", args=[photo.pk])).content
    assert b"deleted from this server" in content
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_the_result_page_has_a_confirmation_dialog(signed_in, user):
    content = signed_in.get(reverse("analysis:detail", args=[make_photo(user).pk])).content
    assert b"<dialog" in content
    assert b"You cannot undo this" in content


def test_several_photos_are_deleted_once_confirmed(signed_in, user):
    kept, *chosen = (make_photo(user) for _ in range(3))
    ids = [str(photo.pk) for photo in chosen]
    asked = signed_in.post(reverse("analysis:photos-delete"), {"item": ids})
    assert b"Delete 2 photos?" in asked.content
    assert Photo.objects.count() == 3
    signed_in.post(reverse("analysis:photos-delete"), {"item": ids, "confirmed": "1"})
    assert Photo.objects.get() == kept
    assert len(kept_files()) == 2


@pytest.mark.parametrize("ids", [[], ["no uuid"], ["00000000-0000-0000-0000-000000000000"]])
def test_without_a_chosen_photo_nothing_is_deleted(signed_in, user, ids):
    make_photo(user)
    response = signed_in.post(reverse("analysis:photos-delete"), {"item": ids, "confirmed": "1"}, follow=True)
    assert b"Nothing is selected" in response.content
    assert Photo.objects.count() == 1


def test_a_rolled_back_deletion_keeps_the_files(user):
    photo = make_photo(user)
    with transaction.atomic():
        photo.delete()
        transaction.set_rollback(True)
    assert Photo.objects.exists()
    assert len(kept_files()) == 2


def test_deleting_a_user_removes_their_files(user):
    make_photo(user)
    user.delete()
    assert kept_files() == []


def test_a_file_that_cannot_be_deleted_is_swept_later(user, monkeypatch, settings):
    photo = make_photo(user)
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", _refuse)
        photo.delete()
    assert not Photo.objects.exists()
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        _age(path)
    assert sweep_files() == 2
    assert kept_files() == []


def _refuse(self, name):
    raise PermissionError(13, "Permission denied", name)


def _age(path):
    os.utime(path, (0, 0))
