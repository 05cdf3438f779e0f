"""A photo made to take minutes is refused, and other people's photos do not wait for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from django.conf import settings

from analysis import engine
from analysis.recognition.errors import RecognitionError
from analysis.recognition.renditions import recognize_upload
from ferproject.errors import http_status
from tests.support.hostile_pictures import jpeg_of_scans


def _recognize(data: bytes):
    return engine.run(lambda recognizer: recognize_upload(recognizer, data, engine.render_photo), owner=hash(data))


def test_other_photos_are_analysed_beside_jpegs_of_thousands_of_scans(hopper: bytes):
    hostile = jpeg_of_scans(20_000, side=5000)
    with ThreadPoolExecutor() as people:
        refused = [people.submit(_recognize, hostile) for _ in range(settings.RECOGNITION_THREADS)]
        recognition, _ = people.submit(_recognize, hopper).result()
    assert len(recognition.faces) == 1
    for each in refused:
        error = each.exception()
        assert isinstance(error, RecognitionError)
        assert http_status(error) == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "has 20,000 scans, and can have up to 100" in error.message
