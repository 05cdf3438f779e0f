"""Whole texts are sent compressed; streams, parts of files and pictures are left as they are."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse

from ferproject.compression import compression_middleware

TEXT = b"the same again and again, " * 100


def send(response: HttpResponse) -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip, br"})
    return compression_middleware(lambda request: response)(request)


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json", "application/manifest+json"])
def test_a_whole_text_is_compressed(content_type: str):
    response = send(HttpResponse(TEXT, content_type=content_type))

    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert gzip.decompress(response.content) == TEXT
    assert len(response.content) == int(response["Content-Length"]) < len(TEXT) / 2


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"short", content_type="text/html"),
        HttpResponse(TEXT, content_type="image/jpeg"),
        HttpResponse(TEXT, content_type="application/zip"),
        HttpResponse(TEXT, content_type="text/csv", status=206),
        HttpResponse(TEXT, content_type="text/csv", headers={"Accept-Ranges": "bytes"}),
        HttpResponse(TEXT, content_type="text/html", headers={"Content-Encoding": "br"}),
        StreamingHttpResponse(iter([TEXT]), content_type="text/csv"),
    ],
    ids=["short", "picture", "zip", "part", "ranges", "compressed", "stream"],
)
def test_anything_else_is_left_as_it_is(response: HttpResponse):
    encoding = response.headers.get("Content-Encoding")

    sent = send(response)

    assert sent.headers.get("Content-Encoding") == encoding
    assert b"".join(sent) in (b"short", TEXT)


def test_the_same_page_has_another_length_each_time():
    """Lengths tell nobody what a page holds: Django's answer to BREACH."""
    lengths = {len(send(HttpResponse(TEXT, content_type="text/html")).content) for _ in range(20)}

    assert len(lengths) > 1


def test_pages_are_compressed_for_who_accepts_it(client, db):
    address = reverse("account_login")

    assert client.get(address, headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get(address).headers
