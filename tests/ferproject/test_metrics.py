"""Prometheus metrics of the real server: on loopback, and only where they are asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from tests.support.live_site import create_tokens
from tests.support.live_sockets import LiveSocket, live_jpeg
from tests.support.metrics import key, read_samples
from tests.support.shipped import DEFAULT
from tests.support.site import RunningSite, free_port


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, metrics_port: int) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path_factory.mktemp("measured"), HOST="0.0.0.0", METRICS_PORT=str(metrics_port))
    site.start()
    site.create_user(site.admin_email, superuser=True)
    yield site
    site.stop()


def test_what_is_done_is_counted(measured: RunningSite, metrics_port: int, hopper: bytes):
    (token,) = create_tokens(measured, ["ada@metrics.example"])
    headers = {"Authorization": f"Token {token}"}
    uploaded = httpx.post(
        f"{measured.url}/api/v1/analyses/", files={"photo": hopper}, headers=headers, timeout=30
    ).json()
    httpx.get(f"{measured.url}/no-such-page/", timeout=10)
    with LiveSocket(measured, token=token) as live:
        live.start()
        for number in range(3):
            assert live.is_answered(live_jpeg(hopper), number)
        samples = read_samples(metrics_port)
    uncertain = str(uploaded["faces"][0]["is_uncertain"]).lower()
    expected = {
        key("fer_http_requests_total", route="api:analysis-list", method="POST", status="201"): 1,
        key("fer_http_request_seconds_count", route="api:analysis-list", method="POST"): 1,
        key("fer_http_requests_total", route="none", method="GET", status="404"): 1,
        key("fer_live_frame_seconds_count"): 3,
        key("fer_live_connections"): 1,
        key("fer_faces_total", source="photo", uncertain=uncertain): 1,
        key("fer_engine_waiting", kind="photos"): 0,
        key("fer_jobs", kind="video", state="queued"): 0,
        key("fer_training_runs", state="training"): 0,
        key("fer_model_info", version=DEFAULT): 1,
    }
    assert {name: samples.get(name) for name in expected} == expected
    live_faces = sum(value for name, value in samples.items() if name[0] == "fer_faces_total") - 1
    assert live_faces == 3


def test_no_label_has_an_address_or_a_person(measured: RunningSite, metrics_port: int):
    httpx.get(f"{measured.url}/photos/6f1d7c1e-3f53-4a57-9a0b-0a55a1d3f0aa/", timeout=10)
    labels = {value for _, labels in read_samples(metrics_port) for _, value in labels}
    assert not any("6f1d7c1e" in value or "@" in value for value in labels)


def test_they_are_served_on_this_machine_only(measured: RunningSite, metrics_port: int):
    own = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in own - {"127.0.0.1", "127.0.1.1"}:
        assert httpx.get(f"http://{address}:{measured.port}/healthz", timeout=5).status_code == 200
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{address}:{metrics_port}/metrics", timeout=5)


def test_a_taken_port_fails_with_a_message(tmp_path: Path, metrics_port: int, measured: RunningSite):
    site = RunningSite(tmp_path, METRICS_PORT=str(metrics_port))
    site.prepare()
    with pytest.raises(RuntimeError, match="set another METRICS_PORT"):
        site.launch()


def test_without_a_port_nothing_is_measured():
    assert settings.METRICS_PORT == 0
    assert not any("metrics" in name for name in settings.MIDDLEWARE)
