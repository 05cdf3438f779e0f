"""Everything about me, as a zip."""

import asyncio
import csv
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.models import ApiToken
from accounts.privacy.takeout import TABLES, write_takeout
from analysis.audit.models import AuditEntry
from analysis.consents import services as consents
from analysis.sessions.services import NewSample, record_samples, start_session
from tests.analysis.factories import make_photo

HAPPY = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)
NOT_THEIRS = {
    "account.EmailConfirmation",
    "admin.LogEntry",
    "analysis.LiveConnection",
    "analysis.ServingProcess",
    "knox.AuthToken",
    "training.RunEpoch",
}
"""Keys sent by mail, the admin's own notes, connections while they are open, processes, a table that the token library
makes and nobody uses, trainings' curves."""


@pytest.fixture
def filled(user, other_user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    make_photo(user), make_photo(other_user)
    session = start_session(owner=user, name="=Morning")
    record_samples(samples=[NewSample(session.pk, second, 1, 5, "residual-1", HAPPY) for second in range(1500)])
    ApiToken.objects.create(user, name="laptop")
    return user


def archive_of(user):
    return zipfile.ZipFile(io.BytesIO(b"".join(write_takeout(user))))


def rows(archive, name):
    return json.loads(archive.read(f"data/{name}.json"))


def test_it_holds_only_the_users_rows(filled):
    archive = archive_of(filled)
    assert archive.testzip() is None
    assert [row["email"] for row in rows(archive, "profile")] == [filled.email]
    assert [row["owner_id"] for row in rows(archive, "photos")] == [filled.pk]
    assert len(rows(archive, "samples")) == 1500
    assert {row["purpose"] for row in rows(archive, "consents")} == {"photos", "training"}
    assert rows(archive, "reanalyses") == []


def test_csv_holds_the_same_rows(filled):
    archive = archive_of(filled)
    for table in TABLES:
        found = list(csv.DictReader(io.StringIO(archive.read(f"data/{table.name}.csv").decode())))
        assert len(found) == len(rows(archive, table.name)), table.name


def test_a_name_cannot_become_a_formula(filled):
    (line,) = csv.DictReader(io.StringIO(archive_of(filled).read("data/sessions.csv").decode()))
    assert line["name"] == "'=Morning"


def test_it_holds_no_secrets(filled):
    archive = archive_of(filled)
    token, digest = ApiToken.objects.get(), ApiToken.objects.get().digest
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert token.name in everything
    for secret in (digest, filled.password):
        assert secret not in everything


def test_it_holds_the_photos_files(user, hopper):
    from analysis.photos.services import create_photo

    photo = create_photo(owner=user, name="Grace/../Hopper.jpg", data=hopper).photo
    archive = archive_of(user)
    (name,) = [name for name in archive.namelist() if name.startswith("photos/")]
    assert ".." not in name
    assert archive.read(name) == photo.picture.read()
    photo.picture.close()


def test_a_photo_with_only_scores_has_no_file_in_it(user, hopper):
    from analysis.photos.models import Photo
    from analysis.photos.services import create_photo, delete_photo_files

    create_photo(owner=user, name="hopper.jpg", data=hopper)
    delete_photo_files(photos=Photo.objects.owned_by(user))
    archive = archive_of(user)
    assert [row["picture"] for row in rows(archive, "photos")] == [""]
    assert not [name for name in archive.namelist() if name.startswith("photos/")]


def test_every_model_that_belongs_to_somebody_is_in_it(user):
    """A new kind of rows fails here until it has a table."""
    covered = {table.rows(user).model for table in TABLES}
    for model in set(apps.get_models()) - covered:
        owners = {field.related_model for field in model._meta.concrete_fields}
        is_theirs = bool(owners & covered) and not model._meta.auto_created
        assert not is_theirs or model._meta.label in NOT_THEIRS, model._meta.label


def test_the_page_sends_it_after_reauthentication(filled, client, password):
    client.force_login(filled)
    page = reverse("accounts:takeout")
    asked = client.get(page)
    assert "reauthenticate" in asked.url
    client.post(asked.url, {"password": password})
    response = client.post(page)
    assert response["Content-Type"] == "application/zip"

    async def content():
        return b"".join([piece async for piece in response.streaming_content])

    archive = zipfile.ZipFile(io.BytesIO(asyncio.run(content())))
    assert "README.txt" in archive.namelist()
    assert AuditEntry.objects.get().action == AuditEntry.EXPORTED
