"""The views of videos."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analysis.videos.models import Video
from tests.analysis.factories import kept_files

HEAD = b"\x1aE\xdf\xa3" + bytes(96)
JSON = {"HTTP_ACCEPT": "application/json"}
AGREED = {"people_agreed": "on"}
OF_ONE_VIDEO = ["video-detail", "video-progress", "video-delete", "video-annotated"]


def _begin(client, size=300, name="clip.webm"):
    return client.post(reverse("analysis:videos"), {"name": name, "size": size, **AGREED}, **JSON)


def _part(client, pk, offset, data=HEAD, method="put"):
    address = f"{reverse('analysis:video-part', args=[pk])}?offset={offset}"
    return getattr(client, method)(address, data, content_type="application/octet-stream", **JSON)


@pytest.mark.parametrize("method", ["put", "post"])
def test_an_upload_is_created_and_continued(signed_in, method):
    begun = _begin(signed_in)
    assert begun.status_code == 201
    assert begun.json()["status"] == "uploading"
    answered = _part(signed_in, begun.json()["id"], 0, method=method)
    assert (answered.status_code, answered.json()["received"]) == (200, 100)


def test_a_part_above_djangos_upload_limit_is_accepted(signed_in, settings):
    data = HEAD + bytes(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    begun = _begin(signed_in, size=len(data) + 1).json()
    assert _part(signed_in, begun["id"], 0, data).json()["received"] == len(data)


def test_a_wrong_offset_is_a_409_with_the_right_one(signed_in):
    begun = _begin(signed_in).json()
    _part(signed_in, begun["id"], 0)
    answered = _part(signed_in, begun["id"], 0)
    assert answered.status_code == 409
    assert answered.json() == {
        "code": "wrong_offset",
        "message": "Expected the part that begins at byte 100; got one that begins at 0.",
        "errors": {},
        "retryable": False,
        "received": 100,
    }


@pytest.mark.parametrize("size", ["", "many", "-1", "1e9", "٣", "9" * 40])
def test_an_invalid_size_is_refused(signed_in, size):
    answered = _begin(signed_in, size=size)
    assert (answered.status_code, answered.json()["code"]) == (400, "bad_size")


@pytest.mark.parametrize("offset", ["", "x", "-1"])
def test_an_invalid_offset_is_refused(signed_in, offset):
    answered = _part(signed_in, _begin(signed_in).json()["id"], offset)
    assert (answered.status_code, answered.json()["code"]) == (400, "bad_offset")


def test_too_large_a_video_is_a_413(signed_in, settings):
    answered = _begin(signed_in, size=settings.VIDEO_MAX_BYTES + 1)
    assert (answered.status_code, answered.json()["code"]) == (413, "too_large")


def test_another_file_type_is_a_415(signed_in):
    answered = _part(signed_in, _begin(signed_in).json()["id"], 0, b"%PDF-1.7 and so on")
    assert (answered.status_code, answered.json()["code"]) == (415, "not_a_video")


def test_no_file_is_a_400(signed_in):
    answered = signed_in.post(reverse("analysis:videos"), AGREED, **JSON)
    assert (answered.status_code, answered.json()["code"]) == (400, "no_file")


def test_a_part_without_the_csrf_token_is_refused(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    video = Video.objects.create(owner=user, name="a.webm", bytes=300, file="videos/ab/x")
    assert _part(client, video.pk, 0).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_plain_form_uploads_a_small_file(signed_in, sent):
    file = SimpleUploadedFile("clip.webm", HEAD)
    answered = signed_in.post(reverse("analysis:videos"), {"video": file, **AGREED})
    video = Video.objects.get()
    assert answered["Location"] == reverse("analysis:video-detail", args=[video.pk])
    assert (video.status, video.received, sent) == ("queued", 100, [video.pk])


@pytest.mark.django_db(transaction=True)
def test_a_plain_form_with_another_file_type_leaves_nothing(signed_in):
    file = SimpleUploadedFile("a.mp4", b"%PDF-1.7 and so on")
    answered = signed_in.post(reverse("analysis:videos"), {"video": file, **AGREED})
    assert answered.status_code == 415
    assert b"This file is not a video. Choose an MP4, MOV or WebM file." in answered.content
    assert not Video.objects.exists()
    assert kept_files() == []


def test_cancelling_goes_back_to_the_list(signed_in):
    begun = _begin(signed_in).json()
    answered = signed_in.post(reverse("analysis:video-cancel", args=[begun["id"]]))
    assert answered["Location"] == reverse("analysis:videos")
    assert not Video.objects.exists()


def test_the_script_of_a_refused_upload_leaves_no_message(signed_in):
    begun = _begin(signed_in).json()
    address = reverse("analysis:video-cancel", args=[begun["id"]])
    assert signed_in.post(address, headers={"Accept": "application/json"}).status_code == 204
    assert b"was cancelled" not in signed_in.get(reverse("analysis:videos")).content


def test_deleting_asks_first(signed_in):
    address = reverse("analysis:video-delete", args=[_begin(signed_in).json()["id"]])
    assert b"Delete this video?" in signed_in.get(address).content
    assert Video.objects.exists()
    signed_in.post(address)
    assert not Video.objects.exists()


@pytest.mark.parametrize("name", OF_ONE_VIDEO)
def test_another_users_video_is_404(signed_in, other_user, name):
    video = Video.objects.create(owner=other_user, name="a.webm", bytes=1, annotated="videos/ab/x.webm")
    assert signed_in.get(reverse(f"analysis:{name}", args=[video.pk]), **JSON).status_code == 404


@pytest.mark.parametrize("name", ["video-cancel", "video-retry", "video-delete"])
def test_another_users_video_cannot_be_changed(signed_in, other_user, name):
    video = Video.objects.create(owner=other_user, name="a.webm", bytes=1)
    assert signed_in.post(reverse(f"analysis:{name}", args=[video.pk])).status_code == 404
    assert _part(signed_in, video.pk, 0).status_code == 404
    assert Video.objects.get().status == "uploading"


def test_a_visitors_script_gets_a_401(client, user):
    video = Video.objects.create(owner=user, name="a.webm", bytes=300, file="videos/ab/x")
    for answered in (_begin(client), _part(client, video.pk, 0)):
        assert (answered.status_code, answered.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("name", [*OF_ONE_VIDEO, "videos"])
def test_a_visitor_is_asked_to_sign_in(client, user, name):
    video = Video.objects.create(owner=user, name="a.webm", bytes=1, annotated="videos/ab/x.webm")
    answered = client.get(reverse(f"analysis:{name}", args=[] if name == "videos" else [video.pk]))
    assert answered["Location"].startswith(reverse("account_login"))


def test_the_list_has_only_the_users_own_with_their_progress(signed_in, user, other_user):
    Video.objects.create(owner=other_user, name="theirs.webm", bytes=1)
    Video.objects.create(owner=user, name="<b>half.webm", bytes=1_000_000, received=500_000)
    Video.objects.create(owner=user, name="running.webm", bytes=1, status="running", progress=0.4)
    Video.objects.create(owner=user, name="broken.webm", bytes=1, status="failed", message="It is damaged.")
    content = signed_in.get(reverse("analysis:videos")).content.decode()
    assert "theirs.webm" not in content
    assert "&lt;b&gt;half.webm" in content
    for words in ("50% of 1.0 MB uploaded", "40%", "It is damaged.", 'value="0.5"', 'value="0.4"'):
        assert words in content


def test_more_videos_need_no_more_queries(signed_in, user, django_assert_max_num_queries):
    for _ in range(20):
        Video.objects.create(owner=user, name="a.webm", bytes=1)
    with django_assert_max_num_queries(6):
        signed_in.get(reverse("analysis:videos"))
