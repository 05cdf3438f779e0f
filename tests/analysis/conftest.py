"""Fixtures of this app's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from analysis import engine
from tests.support.live_site import create_tokens
from tests.support.live_sockets import LiveSocket, live_jpeg
from tests.support.site import RunningSite


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


@pytest.fixture(scope="session")
def jpeg(hopper: bytes) -> bytes:
    return live_jpeg(hopper)


@pytest.fixture(scope="session")
def live_tokens(site: RunningSite) -> dict[str, str]:
    """Secrets of people's tokens, by name."""
    names = ["ada", "ben", "neighbour"]
    return dict(zip(names, create_tokens(site, [f"{name}@live.example" for name in names]), strict=True))


@pytest.fixture
def ada(site: RunningSite, live_tokens: dict[str, str]) -> Iterator[LiveSocket]:
    with LiveSocket(site, token=live_tokens["ada"]) as socket:
        yield socket


@pytest.fixture
def others_unaffected(site: RunningSite, live_tokens: dict[str, str], jpeg: bytes) -> Iterator[Callable[[], None]]:
    """Somebody else's session, which goes on being answered; looked at again at the test's end."""
    with LiveSocket(site, token=live_tokens["neighbour"]) as socket:
        socket.start()

        def look() -> None:
            assert socket.is_answered(jpeg)

        look()
        yield look
        look()
