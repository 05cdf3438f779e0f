"""The API of videos."""

import asyncio

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from analysis.videos.models import Video

LIST = "/api/v1/videos/"
WEBM = b"\x1aE\xdf\xa3" + bytes(96)


@pytest.fixture
def video(api):
    return api.post(LIST, {"name": "walk.webm", "bytes": 100}, format="json").json()


@pytest.fixture
def send(api, video):
    def send(offset, data, client=api):
        path = f"{LIST}{video['id']}/part/?offset={offset}"
        return client.generic("PUT", path, data, content_type="application/octet-stream")

    return send


def test_the_last_part_queues_the_analysis(api, video, send):
    assert (video["status"], video["received"]) == ("uploading", 0)
    assert send(0, WEBM[:60]).json()["received"] == 60
    done = send(60, WEBM[60:]).json()
    assert (done["status"], done["received"]) == ("queued", 100)
    assert api.get(f"{LIST}{video['id']}/").json()["status"] == "queued"


def test_a_part_out_of_place_is_refused_and_nothing_lost(api, video, send):
    send(0, WEBM[:60])
    response = send(40, WEBM[40:])
    assert (response.status_code, response.json()["code"]) == (409, "wrong_offset")
    assert api.get(f"{LIST}{video['id']}/").json()["received"] == 60


def test_a_text_is_refused(send):
    response = send(0, b"text" * 25)
    assert (response.status_code, response.json()["code"]) == (415, "not_a_video")


@pytest.mark.parametrize("query", ["", "?offset=-1", "?offset=x"])
def test_an_invalid_offset_is_a_400(api, video, query):
    path = f"{LIST}{video['id']}/part/{query}"
    response = api.generic("PUT", path, WEBM, content_type="application/octet-stream")
    assert response.status_code == 400
    assert "offset" in response.json()["errors"]


def test_too_large_a_video_is_refused_before_it_is_sent(api, settings):
    settings.VIDEO_MAX_BYTES = 99
    response = api.post(LIST, {"name": "walk.webm", "bytes": 100}, format="json")
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_retry_with_its_key_begins_one_upload(api):
    body = {"name": "walk.webm", "bytes": 100}
    first, second = (api.post(LIST, body, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == second.json()
    assert Video.objects.count() == 1


def test_cancelling_deletes_an_upload(api, video):
    assert api.post(f"{LIST}{video['id']}/cancel/").status_code == 204
    assert api.get(f"{LIST}{video['id']}/").status_code == 404


def test_one_that_did_not_fail_cannot_be_retried(api, video):
    response = api.post(f"{LIST}{video['id']}/retry/")
    assert (response.status_code, response.json()["code"]) == (409, "cannot_retry")


def test_lists_are_filtered_by_status(api, video):
    assert len(api.get(LIST, {"status": "uploading"}).json()["results"]) == 1
    assert api.get(LIST, {"status": "finished"}).json()["results"] == []


def test_other_users_videos_are_404(others_api, video, send):
    assert others_api.get(LIST).json()["results"] == []
    assert others_api.get(f"{LIST}{video['id']}/").status_code == 404
    assert send(0, WEBM, client=others_api).status_code == 404
    assert others_api.delete(f"{LIST}{video['id']}/").status_code == 404
    assert others_api.post(f"{LIST}{video['id']}/cancel/").status_code == 404
    assert Video.objects.get().received == 0


def content(response):
    async def read():
        return b"".join([chunk async for chunk in response.streaming_content])

    return asyncio.run(read())


def test_the_annotated_video_is_there_once_finished(api, others_api, video):
    path = f"{LIST}{video['id']}/annotated/"
    assert api.get(path).status_code == 404
    name = default_storage.save("videos/ab/annotated.webm", ContentFile(b"0123456789"))
    Video.objects.update(annotated=name, status=Video.Status.FINISHED)
    assert content(api.get(path)) == b"0123456789"
    part = api.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, content(part)) == (206, b"234")
    assert others_api.get(path).status_code == 404
