"""A client of the API for each test."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api(user) -> APIClient:
    return client_of(user)


@pytest.fixture
def others_api(other_user) -> APIClient:
    return client_of(other_user)


@pytest.fixture
def upload(api, hopper):
    """Upload a photo; return the response."""

    def upload(content=hopper, name="hopper.jpg", client=api, **headers):
        files = {"photo": SimpleUploadedFile(name, content, "image/jpeg")}
        return client.post("/api/v1/analyses/", files, format="multipart", headers=headers)

    return upload
