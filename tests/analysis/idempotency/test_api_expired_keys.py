"""Stored responses are deleted with the photos and videos in them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.privacy import deletion, retention
from analysis.idempotency import services as idempotency
from analysis.idempotency.models import IdempotencyKey
from analysis.photos import services
from analysis.photos.models import Photo
from analysis.videos.services import delete_video

ANALYSES = "/api/v1/analyses/"
VIDEOS = "/api/v1/videos/"


def _keys() -> list[str]:
    return sorted(IdempotencyKey.objects.values_list("key", flat=True))


@pytest.fixture
def batch(api, hopper):
    """Upload so many photos at once, with the key."""

    def batch(key, *numbers):
        files = [SimpleUploadedFile(f"{number}.jpg", hopper + bytes([number])) for number in numbers]
        answer = api.post(f"{ANALYSES}batch/", {"photos": files}, format="multipart", headers={"Idempotency-Key": key})
        return [result["analysis"]["id"] for result in answer.json()["results"]]

    return batch


@pytest.fixture
def one(upload, hopper):
    """Upload a photo with the key; return the answer."""
    return lambda key, number: upload(hopper + bytes([number]), **{"Idempotency-Key": key})


def test_deleting_a_photo_deletes_its_responses(api, one, batch):
    photo = one("single", 1).json()["id"]
    one("another", 2)
    batch("with-it", 1, 3), batch("without-it", 2, 3)
    assert api.delete(f"{ANALYSES}{photo}/").status_code == 204
    assert _keys() == ["another", "without-it"]


def test_deleting_several_photos_deletes_their_responses(user, one, batch):
    ids = [one("single", 1).json()["id"], *batch("with-them", 2, 3)]
    one("another", 4)
    services.delete_photos(owner=user, ids=ids)
    assert _keys() == ["another"]


def test_a_retry_after_the_deletion_is_processed(api, one):
    first = one("single", 1)
    api.delete(f"{ANALYSES}{first.json()['id']}/")
    again = one("single", 1)
    assert "Idempotency-Replayed" not in again.headers
    assert api.get(f"{ANALYSES}{again.json()['id']}/").status_code == 200


def test_the_response_about_a_deleted_photo_is_not_saved(user, one):
    photo = one("another", 1).json()["id"]
    key = idempotency.claim_key(owner=user, key="slow", fingerprint="f")
    Photo.objects.get(pk=photo).delete()
    idempotency.save_response(key=key, status=201, body={"id": photo})
    assert _keys() == []


def test_retention_deletes_responses(user, one):
    photo = one("old", 1).json()["id"]
    one("new", 2)
    Photo.objects.filter(pk=photo).update(created_at=timezone.now() - dt.timedelta(days=40))
    retention.set_retention(user=user, days=30, keep_scores=False)
    retention.purge()
    assert _keys() == ["new"]


def test_deleting_an_account_deletes_its_responses(user, one, batch, monkeypatch):
    # Nothing is erased inside a test's transaction.
    monkeypatch.setattr(deletion, "erase_deleted", lambda: deletion.Erasure.ERASED)
    one("single", 1), batch("several", 2, 3)
    deletion.request_deletion(user=user)
    deletion.sweep_deletions()
    assert _keys() == []


def test_deleting_a_video_deletes_its_responses(api, user):
    def send(key):
        return api.post(VIDEOS, {"name": "a.mp4", "bytes": 10}, format="json", headers={"Idempotency-Key": key}).json()

    videos = {key: send(key)["id"] for key in ("first", "second")}
    assert send("first")["id"] == videos["first"]
    delete_video(video=user.videos.get(pk=videos["first"]))
    assert _keys() == ["second"]
