"""Where webhooks may lead."""

from __future__ import annotations

import socket

import pytest

from analysis.errors import WebhookError
from analysis.webhooks.addresses import is_public, parse_url, resolve


def names(monkeypatch: pytest.MonkeyPatch, **addresses: list[str]) -> None:
    """Have names of `.test` mean these addresses; the others mean what they mean."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args, **kwargs):
        found = addresses.get(host.removesuffix(".test"))
        if found is None:
            return real(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://example.org/",
        "http://127.0.0.1/",
        "https://",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://ada@example.org/",
        "https://ada:secret@example.org/",
        "https://example.org/#top",
        "https://example.org/a b",
        "https://example.org/\r\nX-Header: 1",
        "https://bücher.example/",
        "https://example.org/" + "a" * 500,
    ],
)
def test_a_bad_url_is_refused(url: str):
    with pytest.raises(WebhookError) as caught:
        parse_url(url)
    assert caught.value.code == "bad_webhook_url"


@pytest.mark.parametrize(
    ("url", "host_header", "path"),
    [
        ("https://example.org", "example.org", "/"),
        ("https://EXAMPLE.org:8443/a?b=c", "example.org:8443", "/a?b=c"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
    ],
)
def test_a_url_is_parsed(url: str, host_header: str, path: str):
    target = parse_url(url)
    assert (target.host_header, target.path, target.is_tls) == (host_header, path, True)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.1.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "metadata.test",
        "mixed.test",
    ],
)
def test_a_private_address_is_refused_once_it_is_resolved(host: str, monkeypatch, settings):
    names(monkeypatch, metadata=["169.254.169.254"], mixed=["1.1.1.1", "10.0.0.1"])
    with pytest.raises(WebhookError) as caught:
        resolve(parse_url(f"https://{host}/"))
    assert caught.value.code == "private_address"
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert resolve(parse_url(f"https://{host}/"))


def test_public_addresses_are_allowed(monkeypatch):
    names(monkeypatch, public=["1.1.1.1", "8.8.8.8"])
    assert resolve(parse_url("https://public.test/")) == ["1.1.1.1", "8.8.8.8"]
    assert is_public("2606:4700:4700::1111")


def test_an_unknown_name_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: (_ for _ in ()).throw(socket.gaierror(-2)))
    with pytest.raises(WebhookError) as caught:
        resolve(parse_url("https://nowhere.invalid/"))
    assert caught.value.code == "webhook_unresolved"
