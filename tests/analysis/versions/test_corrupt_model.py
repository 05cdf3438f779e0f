import shutil

import pytest
from django.urls import reverse

from analysis import engine
from tests.analysis.factories import landscape, make_photo


@pytest.fixture
def changed_byte(model, settings, tmp_path, monkeypatch):
    """An engine on a store in which one byte of the serving model differs from what was pinned."""
    store = tmp_path / "store"
    shutil.copytree(settings.MODELS_STORE, store, ignore=shutil.ignore_patterns("*.weights.h5.tmp"))
    path = store / engine.active_model().name / "model.tflite"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    broken = engine.Engine(store=store, detector="centerface", threads=1, queue=1, max_pixels=10**6)
    monkeypatch.setattr(engine, "get_engine", lambda: broken)


def test_an_upload_is_refused_naming_the_file_and_what_to_do(changed_byte, send):
    response = send(landscape())
    assert (response.status_code, response.json()["code"]) == (503, "model_corrupt")
    assert "model.tflite" in response.json()["message"]
    assert "git checkout" in response.json()["message"]


def test_the_page_about_the_model_says_so(changed_byte, client, db):
    response = client.get(reverse("analysis:about-model"))
    assert response.status_code == 503
    assert b"model.tflite" in response.content


def test_the_history_still_opens(changed_byte, signed_in, user):
    photo = make_photo(user)
    for page in (reverse("analysis:history"), reverse("analysis:detail", args=[photo.pk])):
        assert signed_in.get(page).status_code == 200


def test_the_landing_page_still_opens(changed_byte, client, db):
    assert client.get(reverse("analysis:landing")).status_code == 200
