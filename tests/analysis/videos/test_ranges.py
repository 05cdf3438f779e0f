"""The annotated video, whole and in ranges."""

import asyncio

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import AsyncClient
from django.urls import reverse

from analysis.videos.models import Video

DATA = bytes(range(256)) * 2000
SIZE = len(DATA)


@pytest.fixture
def ask(user, transactional_db):
    """Ask for the video as a browser does; return the response and its body."""
    name = default_storage.save("videos/ab/x.mp4", ContentFile(DATA))
    video = Video.objects.create(owner=user, name='a "name".mp4', bytes=1, status="finished", annotated=name)

    def ask(method="get", query="", by=user, **headers):
        async def send():
            client = AsyncClient()
            if by is not None:
                await client.aforce_login(by)
            address = reverse("analysis:video-annotated", args=[video.pk]) + query
            response = await getattr(client, method)(address, headers=headers)
            if response.streaming:
                return response, b"".join([piece async for piece in response.streaming_content])
            return response, response.content

        return asyncio.run(send())

    return ask


def test_the_whole_file_announces_ranges(ask):
    response, body = ask()
    assert (response.status_code, body) == (200, DATA)
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(SIZE)
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert response["Content-Disposition"] == 'inline; filename="a \\"name\\" - expressions.mp4"'


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=1000-300999", 1000, 300_999),
        ("bytes=511990-999999999", 511_990, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        (f"bytes=-{SIZE + 5}", 0, SIZE - 1),
    ],
)
def test_a_range_is_a_206(ask, asked, first, last):
    response, body = ask(Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)
    assert body == DATA[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9999999-10000000", "bytes=-0"])
def test_a_range_beyond_the_end_is_a_416(ask, asked):
    response, body = ask(Range=asked)
    assert (response.status_code, body) == (416, b"")
    assert response["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "nonsense"])
def test_an_invalid_range_gets_the_whole_file(ask, asked):
    response, body = ask(Range=asked)
    assert (response.status_code, len(body)) == (200, SIZE)


def test_a_range_of_a_changed_file_gets_the_whole_file(ask):
    etag = ask()[0]["ETag"]
    assert ask(Range="bytes=0-9", **{"If-Range": etag})[0].status_code == 206
    assert ask(Range="bytes=0-9", **{"If-Range": '"another"'})[0].status_code == 200


def test_an_unchanged_file_is_a_304(ask):
    assert ask(**{"If-None-Match": ask()[0]["ETag"]})[0].status_code == 304


def test_head_has_its_size(ask):
    response, body = ask("head")
    assert (response.status_code, response["Content-Length"], body) == (200, str(SIZE), b"")


def test_it_can_be_downloaded(ask):
    assert ask(query="?download")[0]["Content-Disposition"].startswith("attachment")


def test_another_users_video_is_a_404(ask, other_user):
    assert ask(by=other_user, Range="bytes=0-9")[0].status_code == 404
    assert ask(by=None, Range="bytes=0-9")[0].status_code == 302


def test_a_missing_file_is_a_404(ask):
    default_storage.delete("videos/ab/x.mp4")
    assert ask()[0].status_code == 404
