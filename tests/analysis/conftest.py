"""Fixtures of this app's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analysis import engine


@pytest.fixture
def model() -> None:
    """The real engine on the shipped model, without which these tests fail."""
    engine.active_model()


@pytest.fixture
def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def send(signed_in: Client) -> Callable[..., Any]:
    """Send one file as the upload page's script does; return the response."""

    def send(data: bytes, name: str = "photo.jpg", *, client: Client = signed_in, accept: str = "application/json"):
        return client.post(
            reverse("analysis:photo-create"),
            {"photo": SimpleUploadedFile(name, data), "people_agreed": "on"},
            HTTP_ACCEPT=accept,
        )

    return send
