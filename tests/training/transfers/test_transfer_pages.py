"""Exports and imports in the admin, without a script."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analysis.versions.models import ModelVersion
from training.models import VersionTransfer

ADD = "/admin/training/versiontransfer/add/"
ZIP = b"PK\x03\x04 a zip"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_there")]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def admin(administrator) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def upload(admin: Client, data: bytes, name: str = "theirs"):
    return admin.post(ADD, {"name": name, "archive": SimpleUploadedFile("theirs.zip", data)}, follow=True)


# The zip is read asynchronously, which this client does in one piece.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
def test_a_versions_page_exports_it_and_the_exports_page_has_the_zip(admin):
    version = ModelVersion.objects.active()
    page = admin.get(reverse("admin:analysis_modelversion_change", args=[version.pk]))
    address = reverse("admin:training_versiontransfer_export", args=[version.pk])
    assert f'action="{address}"' in page.content.decode()
    shown = admin.post(address, follow=True)
    assert "A training run in progress is finished first" in shown.content.decode()
    export = VersionTransfer.objects.get()
    default_storage.save(export.archive, ContentFile(ZIP))
    compared = {"split": "PublicTest", "n": 3589, "same_label": {"float32": 1.0, "served": 0.984}}
    facts = {"opset": 15, "onnx_compared": compared, "sha256": "ab"}
    VersionTransfer.objects.update(status="finished", facts=facts, ended_at=export.created_at)
    shown = admin.get(reverse("admin:training_versiontransfer_change", args=[export.pk])).content.decode()
    assert (
        "the same label as LiteRT in float32 for 100.0%, and the same as the model that analyses on this site for 98.4%"
        in shown
    )
    download = admin.get(reverse("admin:training_versiontransfer_download", args=[export.pk]))
    assert b"".join(download) == ZIP


def test_a_zip_is_imported_by_a_plain_form(admin):
    page = upload(admin, ZIP)
    transfer = VersionTransfer.objects.get()
    assert (transfer.status, transfer.received) == ("queued", len(ZIP))
    assert page.redirect_chain[-1][0] == reverse("admin:training_versiontransfer_change", args=[transfer.pk])
    admin.post(reverse("admin:training_versiontransfer_cancel", args=[transfer.pk]))
    transfer.refresh_from_db()
    assert transfer.status == "cancelled"


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"words", "theirs", "This file is not a zip"),
        (ZIP, "no name", "Use letters from a to z"),
        (b"", "theirs", "empty"),
    ],
)
def test_a_refused_import_says_why_and_leaves_nothing(admin, data, name, message):
    assert message in upload(admin, data, name).content.decode()
    assert not VersionTransfer.objects.exists()


def test_a_form_without_a_file_asks_for_one(admin):
    assert "Choose the zip" in admin.post(ADD, {"name": "theirs"}).content.decode()


def test_a_script_gets_json_errors_of_the_one_shape(admin):
    refused = admin.post(ADD, {"name": "no name", "size": "9"}, HTTP_ACCEPT="application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_name")
    begun = admin.post(ADD, {"name": "theirs", "size": "9"}, HTTP_ACCEPT="application/json")
    assert (begun.status_code, begun.json()["received"]) == (201, 0)
    for query, code in (("?offset=x", "bad_offset"), ("?offset=3", "wrong_offset")):
        answer = admin.put(begun.json()["part_url"] + query, b"PK", content_type="application/octet-stream")
        assert answer.json()["code"] == code
