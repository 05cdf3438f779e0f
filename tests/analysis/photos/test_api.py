"""API of photos: upload, list, filters, retrieval and deletion."""

import datetime as dt

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysis.consents.models import Consent
from analysis.photos import services
from analysis.photos.models import Photo
from analysis.recognition.errors import RecognitionError

LIST = "/api/v1/analyses/"


def variant(hopper: bytes, number: int) -> bytes:
    """Return the portrait as another file."""
    return hopper + bytes([number])


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


@pytest.fixture
def three(upload, hopper):
    """Three photos of three days; the last shows nobody."""
    blank = cv2.imencode(".png", np.full((80, 80, 3), 200, np.uint8))[1].tobytes()
    ids = [upload(variant(hopper, 1), "one.jpg"), upload(variant(hopper, 2), "Two.JPG"), upload(blank, "nobody.png")]
    now = timezone.now()
    for age, response in zip((3, 2, 1), ids, strict=True):
        Photo.objects.filter(pk=response.json()["id"]).update(created_at=now - dt.timedelta(days=age))
    return [response.json()["id"] for response in ids]


def test_an_upload_returns_its_result(upload, user):
    response = upload()
    assert response.status_code == 201
    body = response.json()
    (face,) = body["faces"]
    assert face["emotion"] == max(face["probabilities"], key=face["probabilities"].get)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert (body["width"], body["height"], body["source"]) == (512, 600, "api")
    result = Photo.objects.owned_by(user).get().result
    assert (body["detector"], body["model"]) == (result.detector, result.model)


def test_the_same_file_is_not_saved_twice(upload):
    first, second = upload(), upload()
    assert second.status_code == 200
    assert second.json() == first.json()


def test_a_retry_with_its_key_gets_the_first_response(upload):
    first, second = (upload(**{"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"text", 415, "not_an_image"), (b"\xff\xd8\xff\xe0cut", 400, "damaged_image")],
)
def test_an_invalid_file_is_refused(upload, content, status, code):
    response = upload(content)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(response.json()) >= {"code", "message", "errors"}
    assert Photo.objects.count() == 0


def test_a_missing_file_names_the_field(api):
    response = api.post(LIST, {}, format="multipart")
    assert response.status_code == 400
    assert "photo" in response.json()["errors"]


def test_each_file_of_a_batch_has_its_own_result(api, hopper):
    files = [SimpleUploadedFile("good.jpg", hopper), SimpleUploadedFile("bad.jpg", b"text")]
    response = api.post(f"{LIST}batch/", {"photos": files}, format="multipart")
    good, bad = response.json()["results"]
    assert (good["name"], good["is_new"], good["error"]) == ("good.jpg", True, None)
    assert len(good["analysis"]["faces"]) == 1
    assert (bad["analysis"], bad["error"]["code"]) == (None, "not_an_image")


def _batch(api, *contents, key="k1"):
    files = [SimpleUploadedFile(f"{number}.jpg", content) for number, content in enumerate(contents)]
    return api.post(f"{LIST}batch/", {"photos": files}, format="multipart", headers={"Idempotency-Key": key})


def test_a_batch_with_a_refused_file_can_be_retried(api, hopper, monkeypatch):
    real, failures = services.engine.run, [RecognitionError("busy", "Come back.", retryable=True)]

    def run(work, **kwargs):
        if failures:
            raise failures.pop()
        return real(work, **kwargs)

    monkeypatch.setattr("analysis.photos.services.engine.run", run)
    first, second, third = (_batch(api, variant(hopper, 1), variant(hopper, 2)) for _ in range(3))
    assert [result["error"] and result["error"]["code"] for result in first.json()["results"]] == ["busy", None]
    assert "Idempotency-Replayed" not in second.headers
    assert [result["error"] for result in second.json()["results"]] == [None, None]
    assert third.headers["Idempotency-Replayed"] == "true"
    assert third.json() == second.json()
    assert Photo.objects.count() == 2


def test_a_batch_without_consent_is_refused(api, user, hopper):
    Consent.objects.filter(user=user).delete()
    answer = _batch(api, hopper)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_needed")


def test_order(api, three):
    assert names(api.get(LIST)) == ["nobody.png", "Two.JPG", "one.jpg"]
    assert names(api.get(LIST, {"order": "oldest"})) == ["one.jpg", "Two.JPG", "nobody.png"]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_are_linked_by_cursors(api, three, order):
    first = api.get(LIST, {"page_size": 2, "order": order})
    second = api.get(first.json()["next"])
    assert len(names(first)) == 2
    assert len(names(second)) == 1
    assert second.json()["next"] is None
    assert names(api.get(second.json()["previous"])) == names(first)


def test_filters(api, three):
    emotion = api.get(f"{LIST}{three[0]}/").json()["faces"][0]["emotion"]
    other = "disgust" if emotion != "disgust" else "fear"
    both = ["Two.JPG", "one.jpg"]
    assert names(api.get(LIST, {"emotion": emotion})) == both
    assert names(api.get(LIST, {"emotion": other})) == []
    assert names(api.get(LIST, {"min_confidence": 0})) == both
    assert names(api.get(LIST, {"max_confidence": 0})) == []
    assert names(api.get(LIST, {"search": "tWo"})) == ["Two.JPG"]
    assert names(api.get(LIST, {"source": "web"})) == []
    assert names(api.get(LIST, {"model": "another"})) == []
    cut = (timezone.now() - dt.timedelta(days=2, hours=12)).isoformat()
    assert names(api.get(LIST, {"created_after": cut})) == ["nobody.png", "Two.JPG"]
    assert names(api.get(LIST, {"created_before": cut})) == ["one.jpg"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("emotion", "angst"), ("min_confidence", "2"), ("created_after", "yesterday"), ("order", "up"), ("source", "x")],
)
def test_an_invalid_filter_is_named(api, name, value):
    response = api.get(LIST, {name: value})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


def test_a_lists_number_of_queries_is_constant(api, upload, three, hopper, django_assert_num_queries):
    with django_assert_num_queries(4):
        api.get(LIST)
    upload(variant(hopper, 9))
    with django_assert_num_queries(4):
        assert len(names(api.get(LIST))) == 4


def test_the_annotated_picture_is_a_jpeg(api, three):
    response = api.get(f"{LIST}{three[0]}/annotated/")
    assert response.status_code == 200, response.content
    picture = b"".join(response.streaming_content)
    assert response["Content-Type"] == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape == (600, 512, 3)


def test_delete(api, three):
    assert api.delete(f"{LIST}{three[0]}/").status_code == 204
    assert names(api.get(LIST)) == ["nobody.png", "Two.JPG"]
    assert api.get(f"{LIST}{three[0]}/").status_code == 404


def test_photos_of_other_users_are_404(others_api, three):
    assert names(others_api.get(LIST)) == []
    for response in (
        others_api.get(f"{LIST}{three[0]}/"),
        others_api.get(f"{LIST}{three[0]}/annotated/"),
        others_api.delete(f"{LIST}{three[0]}/"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert Photo.objects.count() == 3
