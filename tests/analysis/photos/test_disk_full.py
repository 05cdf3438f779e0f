"""A full disk leaves no row without files and no file without its row."""

import errno

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError

from analysis.errors import PhotoError
from analysis.photos import services
from analysis.photos.models import Analysis, Face, Photo
from tests.analysis.factories import kept_files, landscape


def _fill_disk_at_file(monkeypatch, number):
    """Let the `number`th file be written in half before there is no space left."""
    save = FileSystemStorage._save
    saved = []

    def half_saved(self, name, content):
        saved.append(name)
        name = save(self, name, content)
        if len(saved) == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return name

    monkeypatch.setattr(FileSystemStorage, "_save", half_saved)


def _fill_disk_at_row(monkeypatch, writer, method):
    def full(*args, **kwargs):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(writer, method, full)


@pytest.fixture(params=["picture", "thumbnail", "photo's row", "result's row", "faces' rows"])
def full_disk(request, monkeypatch):
    if request.param in ("picture", "thumbnail"):
        _fill_disk_at_file(monkeypatch, 1 if request.param == "picture" else 2)
    else:
        writers = {
            "photo's row": (Photo, "save"),
            "result's row": (Analysis.objects, "create"),
            "faces' rows": (Face.objects, "bulk_create"),
        }
        _fill_disk_at_row(monkeypatch, *writers[request.param])


def test_no_row_and_no_file_is_left(model, full_disk, user):
    with pytest.raises(PhotoError) as caught:
        services.create_photo(owner=user, name="a.jpg", data=landscape())
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    assert not Photo.objects.exists()
    assert not Analysis.objects.exists()
    assert kept_files() == []


def test_the_response_names_the_full_disk(model, full_disk, send):
    response = send(landscape())
    assert (response.status_code, response.json()["code"]) == (507, "disk_full")


def test_earlier_photos_are_unchanged(model, user, monkeypatch):
    services.create_photo(owner=user, name="a.jpg", data=landscape())
    _fill_disk_at_file(monkeypatch, 1)
    with pytest.raises(PhotoError):
        services.create_photo(owner=user, name="b.jpg", data=landscape())
    assert Photo.objects.get().name == "a.jpg"
    assert len(kept_files()) == 2


def test_other_errors_are_raised_and_leave_nothing(model, user, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(Face.objects, "bulk_create", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        services.create_photo(owner=user, name="a.jpg", data=landscape())
    assert not Photo.objects.exists()
    assert kept_files() == []
