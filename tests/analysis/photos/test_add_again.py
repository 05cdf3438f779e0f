"""Uploading the file of a photo whose files were deleted."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.errors import PhotoError
from analysis.management.verify_history import rebuild_history, verify_history
from analysis.photos import services
from analysis.photos.models import Face, Photo
from analysis.recognition.faces import Box
from tests.analysis.factories import kept_files, make_face

pytestmark = pytest.mark.usefixtures("model")
LONG_AGO = dt.timedelta(days=100)


@pytest.fixture
def without_files(user, hopper, django_capture_on_commit_callbacks):
    """An old, corrected photo whose files were deleted."""
    photo = services.create_photo(owner=user, name="old.jpg", data=hopper).photo
    face = photo.result.faces.get()
    corrections.correct_face(face=face, by=user, emotion="sad" if face.emotion != "sad" else "angry")
    Photo.objects.update(created_at=timezone.now() - LONG_AGO)
    rebuild_history(owner=user)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_photo_files(photos=Photo.objects.all())
    return Photo.objects.get()


@pytest.fixture
def add_again(user, hopper):
    return lambda: services.create_photo(owner=user, name="again.jpg", data=hopper)


def expect_unchanged(without_files):
    kept = Photo.objects.get()
    assert (kept.pk, kept.name, kept.picture.name) == (without_files.pk, "old.jpg", "")
    assert kept.result.faces.count() == 1
    assert Correction.objects.filter(face__analysis__photo=kept).count() == 1
    assert kept_files() == []


def test_it_gets_new_files_and_a_new_date(without_files, add_again):
    added = add_again()
    assert added.is_new
    assert added.photo == Photo.objects.get() == without_files
    assert len(kept_files()) == 2
    assert Photo.objects.get().name == "again.jpg"
    # Or the next purge would take the picture again.
    assert timezone.now() - Photo.objects.get().created_at < dt.timedelta(minutes=1)


def test_results_and_corrections_are_kept(without_files, add_again):
    add_again()
    photo = Photo.objects.get()
    assert photo.analyses.get() == without_files.analyses.get()
    assert photo.result.faces.get().correction.emotion
    assert photo.face_count == 1


def test_another_versions_result_becomes_the_current_one(without_files, add_again):
    without_files.analyses.update(model="older-1")
    Photo.objects.update(model="older-1")
    rebuild_history(owner=without_files.owner)
    add_again()
    assert sorted(without_files.analyses.values_list("is_current", flat=True)) == [False, True]
    assert Photo.objects.get().result.faces.get().correction.emotion
    assert verify_history(owner=without_files.owner) == []


def test_marked_faces_are_in_the_result_of_another_version(without_files, add_again):
    box = Box(20, 480, 60, 70)
    face = make_face("sad", box=box)
    row = Face.from_value(analysis=without_files.result, position=2, face=replace(face, is_marked=True))
    row.save()
    without_files.analyses.update(model="older-1")
    Photo.objects.update(model="older-1")
    rebuild_history(owner=without_files.owner)
    add_again()
    found, marked = Photo.objects.get().result.faces.order_by("is_marked")
    assert (found.is_marked, marked.is_marked) == (False, True)
    assert marked.value.box.overlap(box) > 0.99
    assert verify_history(owner=without_files.owner) == []


def test_the_history_has_it_at_its_new_date(without_files, add_again):
    add_again()
    assert verify_history(owner=without_files.owner) == []


def test_it_is_unchanged_when_the_quota_is_reached(without_files, user, add_again):
    user.quota_megabytes = 0
    with pytest.raises(PhotoError, match="of 0 MB"):
        add_again()
    expect_unchanged(without_files)


def test_it_is_unchanged_when_the_disk_is_full(without_files, add_again, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(PhotoError, match="no space left"):
        add_again()
    expect_unchanged(without_files)


def test_a_photo_deleted_during_the_upload_is_created_anew(without_files, add_again, monkeypatch):
    analyze = services.recognize_upload

    def delete_meanwhile(recognizer, data, render, **marks):
        without_files.delete()
        return analyze(recognizer, data, render, **marks)

    monkeypatch.setattr(services.engine, "run", lambda work, **kwargs: work(services.engine.get_engine()._recognizer()))
    monkeypatch.setattr(services, "recognize_upload", delete_meanwhile)
    assert add_again().photo.name == "again.jpg"
    assert Photo.objects.count() == 1
