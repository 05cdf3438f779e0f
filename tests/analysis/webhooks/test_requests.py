"""The request that sends a delivery."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from analysis.webhooks import requests
from analysis.webhooks.requests import post
from tests.analysis.webhooks.test_addresses import names
from tests.support.webhook_receiver import Receiver, receiving, respond


def test_it_posts_json(receiver: Receiver):
    answer = post(receiver.url, body='{"a": "ü"}', headers={"webhook-id": "1"})
    assert (answer.status, answer.error, answer.is_success) == (200, "", True)
    ((headers, body),) = receiver.received
    assert body == '{"a": "ü"}'.encode()
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "1"
    assert headers["host"] == receiver.url.split("/")[2]


def test_a_redirect_is_not_followed(receiver: Receiver):
    receiver.answer = lambda handler: respond(handler, 302, Location=receiver.url)
    answer = post(receiver.url, body="{}", headers={})
    assert (answer.status, answer.is_success) == (302, False)
    assert "redirects" in answer.error
    assert len(receiver.received) == 1


def test_of_a_long_answer_the_beginning_is_read(receiver: Receiver):
    receiver.answer = lambda handler: respond(handler, 500, b"\x00\x1b" + b"a" * 10_000_000)
    answer = post(receiver.url, body="{}", headers={})
    assert (answer.status, answer.body) == (500, "a" * 998)


def test_a_receiver_that_drips_is_cut_off(receiver: Receiver, monkeypatch):
    monkeypatch.setattr(requests, "MAX_SECONDS", 0.3)
    dropped = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not dropped.wait(0.02):
            handler.wfile.write(b"X")

    receiver.answer = drip
    answer = post(receiver.url, body="{}", headers={})
    dropped.set()
    assert answer.error == "No answer within 10 seconds."


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, b"HTTP/1.1 2x0 \r\n\r\n"]
)
def test_what_is_not_http_is_an_error(raw: bytes, receiver: Receiver):
    def answer(handler):
        handler.wfile.write(raw)
        handler.close_connection = True

    receiver.answer = answer
    found = post(receiver.url, body="{}", headers={})
    assert found.status is None
    assert found.error.startswith("No answer")


def test_it_connects_to_the_address_that_was_checked(receiver: Receiver, monkeypatch, settings):
    """A name that means another address a moment later is not looked up a second time."""
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    connected = []

    def create_connection(address, timeout):
        connected.append(address)
        raise OSError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    post("https://rebinding.test/", body="{}", headers={})
    assert (asked, connected) == (["rebinding.test"], [("127.0.0.1", 443)])


@pytest.mark.parametrize("url", ["https://169.254.169.254/", "https://metadata.test/", "http://127.0.0.1:8000/"])
def test_nothing_is_sent_to_a_private_address(url: str, monkeypatch, settings):
    """Not even where the name meant another one when the webhook was registered."""
    names(monkeypatch, metadata=["169.254.169.254"])
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("connected"))
    answer = post(url, body="{}", headers={})
    assert (answer.status, bool(answer.error)) == (None, True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """Key and certificate of hook.test in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hook.test"
    names_of_it = ["-addext", "subjectAltName=DNS:hook.test", "-keyout", key, "-out", made]
    subprocess.run([*command.split(), *names_of_it], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + made.read_bytes())
    return both


@pytest.mark.parametrize(
    ("host", "is_trusted", "expected"),
    [("hook.test", True, ""), ("hook.test", False, "certificate"), ("other.test", True, "certificate")],
)
def test_certificates_are_checked_for_the_name(
    host: str, is_trusted: bool, expected: str, certificate: Path, private_allowed, monkeypatch
):
    names(monkeypatch, hook=["127.0.0.1"], other=["127.0.0.1"])
    trust = ssl.create_default_context(cafile=str(certificate) if is_trusted else None)
    monkeypatch.setattr(requests, "_tls", lambda: trust)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    with receiving(lambda sock: served.wrap_socket(sock, server_side=True)) as receiver:
        url = receiver.url.replace("http://127.0.0.1", f"https://{host}")
        answer = post(url, body="{}", headers={})
    assert answer.is_success == (not expected)
    assert expected in answer.error
