"""The API of exports and imports."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from tests.support.shipped import DEFAULT
from training.models import VersionTransfer

TRANSFERS = "/api/v1/version-transfers/"
ZIP = b"PK\x03\x04 a zip"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_there")]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def program(user) -> APIClient:
    new = tokens.create_token(user=user, name="t", scope="write", expires_in=None)
    return APIClient(HTTP_AUTHORIZATION=f"Token {new.secret}")


@pytest.fixture
def staff(administrator) -> APIClient:
    return program(administrator)


def put(client: APIClient, address: str, offset: int, data: bytes):
    return client.put(f"{address}part/?offset={offset}", data, content_type="application/octet-stream")


def test_a_version_is_exported_and_downloaded_in_ranges(staff):
    begun = staff.post(f"{TRANSFERS}export/", {"version": DEFAULT}, format="json")
    assert (begun.status_code, begun.json()["status"], begun.json()["version"]) == (202, "queued", DEFAULT)
    address = f"{TRANSFERS}{begun.json()['id']}/"
    assert staff.get(f"{address}download/").status_code == 404
    export = VersionTransfer.objects.get()
    default_storage.save(export.archive, ContentFile(ZIP))
    VersionTransfer.objects.update(status="finished", bytes=len(ZIP))
    answer = staff.get(f"{address}download/", HTTP_RANGE="bytes=0-1")
    assert (answer.status_code, answer["Content-Type"]) == (206, "application/zip")
    assert answer["Content-Disposition"] == f'attachment; filename="{DEFAULT}.zip"'
    assert staff.get(TRANSFERS).json()["results"][0]["bytes"] == len(ZIP)
    assert staff.delete(address).status_code == 204


def test_a_version_is_uploaded_in_parts_and_cancelled(staff):
    begun = staff.post(f"{TRANSFERS}import/", {"name": "theirs", "bytes": len(ZIP)}, format="json")
    assert (begun.status_code, begun.json()["status"]) == (201, "uploading")
    address = f"{TRANSFERS}{begun.json()['id']}/"
    assert put(staff, address, 0, ZIP[:4]).json()["received"] == 4
    wrong = put(staff, address, 0, ZIP[:4])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_offset")
    assert put(staff, address, 4, ZIP[4:]).json()["status"] == "queued"
    assert staff.post(f"{address}cancel/").status_code == 204
    assert staff.get(address).json()["status"] == "cancelled"


def test_refusals_have_the_apis_one_shape(staff):
    unknown = staff.post(f"{TRANSFERS}export/", {"version": "nobody-1"}, format="json")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    taken = staff.post(f"{TRANSFERS}import/", {"name": DEFAULT, "bytes": 9}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    begun = staff.post(f"{TRANSFERS}import/", {"name": "theirs", "bytes": 5}, format="json").json()
    words = put(staff, f"{TRANSFERS}{begun['id']}/", 0, b"words")
    assert (words.status_code, words.json()["code"]) == (400, "bad_archive")


def test_staff_need_the_permission(user):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_versiontransfer"))
    client = program(user)
    assert client.get(TRANSFERS).status_code == 200
    refused = client.post(f"{TRANSFERS}export/", {"version": DEFAULT}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
