import pytest
from django.urls import reverse
from PIL import Image

from analysis import engine
from analysis.errors import PhotoError
from analysis.photos.models import Photo
from analysis.recognition.errors import RecognitionError
from tests.analysis.factories import encode, kept_files, landscape

TRUNCATED = encode(Image.effect_noise((400, 300), 60))[:4000]
HUGE = encode(Image.new("1", (8000, 6400)), "PNG", compress_level=1)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"Dear diary, today", 415, "not_an_image"),
        (TRUNCATED, 400, "damaged_image"),
        (HUGE, 413, "too_many_pixels"),
    ],
)
def test_invalid_files(model, send, data, status, code):
    response = send(data)
    answer = response.json()
    assert (response.status_code, answer["code"]) == (status, code)
    assert answer["message"].endswith(".")
    assert answer["errors"] == {}
    assert not Photo.objects.exists()
    assert kept_files() == []


def test_a_file_over_the_size_limit(send, settings):
    settings.PHOTO_MAX_BYTES = 100
    response = send(landscape())
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_a_missing_file(signed_in):
    response = signed_in.post(reverse("analysis:photo-create"), HTTP_ACCEPT="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "no_file")


def test_a_plain_form_gets_the_upload_page_with_the_error(model, send):
    response = send(b"Dear diary", accept="text/html")
    assert response.status_code == 415
    assert b"not a photo" in response.content
    assert b"data-upload" in response.content


def test_a_busy_engine_sends_retry_after(send, monkeypatch):
    def busy(work, **options):
        raise RecognitionError("busy", "Many photos are being analysed just now; try again shortly.", retryable=True)

    monkeypatch.setattr(engine, "run", busy)
    response = send(landscape())
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response.json()["retryable"] is True


def test_a_refused_file_does_not_affect_earlier_photos(model, send):
    send(landscape())
    send(b"Dear diary")
    assert Photo.objects.count() == 1


def test_an_unknown_error_code_is_503(send, monkeypatch):
    def broken(work, **options):
        raise PhotoError("something_new", "Something new.")

    monkeypatch.setattr(engine, "run", broken)
    assert send(landscape()).status_code == 503
