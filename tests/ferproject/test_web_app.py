"""What makes the site an app that can be installed."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from PIL import Image

from accounts.models import User
from analysis.photos.models import Photo
from ferproject.web_app import OFFLINE_FILES


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_manifest_names_icons_and_pages_that_are_there(client, db):
    response = client.get("/manifest.webmanifest")
    manifest = response.json()

    assert response["Content-Type"] == "application/manifest+json"
    for icon in manifest["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix("/static/"))) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]
    for address in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        assert resolve(address)
    assert manifest["share_target"]["action"] == "/photos/shared/"


def test_the_service_worker_stores_the_offline_page_and_its_files_alone(client, db):
    response = client.get("/service-worker.js")
    files = re.findall(r'"([^"]+)", ', re.search(r"const FILES = \[(.*)\]", response.content.decode())[1])

    assert response["Content-Type"].startswith("text/javascript")
    assert files == ["/offline/", *(f"/static/{name}" for name in OFFLINE_FILES)]


def test_the_offline_page_needs_no_other_file_and_says_nothing_about_anybody(signed_in, user):
    page = signed_in.get("/offline/").content.decode()

    assert user.email not in page
    assert "csrf" not in page
    assert set(re.findall(r'rel="(?:stylesheet|icon)" href="/static/([^"]+)"', page)) == set(OFFLINE_FILES)


def test_a_browser_finds_the_icon_where_it_looks_unasked(client, db):
    assert client.get("/favicon.ico")["Location"] == "/static/favicon.svg"


def test_what_is_shared_without_the_service_worker_is_not_read(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "PNG")

    response = client.post("/photos/shared/", {"photo": SimpleUploadedFile("a.png", picture.getvalue())})

    assert (response.status_code, response["Location"]) == (302, "/photos/new/")
    assert not Photo.objects.exists()


def test_signing_out_clears_what_the_browser_stored(signed_in):
    assert signed_in.post("/accounts/logout/")["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in signed_in.get("/accounts/login/").headers
