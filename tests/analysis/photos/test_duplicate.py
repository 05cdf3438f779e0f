import threading

import pytest
from django.db import connection

from analysis.photos import services
from analysis.photos.models import Photo
from tests.analysis.factories import kept_files, landscape


def test_the_same_file_is_saved_once(model, send):
    first, second = send(landscape(1)), send(landscape(1), "another name.jpg")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["is_new"] is False
    assert second.json()["id"] == first.json()["id"]
    assert len(kept_files()) == 2


def test_a_plain_form_shows_a_message(model, send, signed_in):
    send(landscape(1))
    response = send(landscape(1), "another name.jpg", accept="text/html")
    assert "already uploaded this photo as “photo.jpg”".encode() in signed_in.get(response["Location"]).content


def test_two_users_can_save_the_same_file(model, user, other_user):
    for owner in (user, other_user):
        assert services.create_photo(owner=owner, name="a.jpg", data=landscape(1)).is_new
    assert Photo.objects.count() == 2


def test_a_deleted_photo_can_be_uploaded_again(model, user):
    services.create_photo(owner=user, name="a.jpg", data=landscape(1)).photo.delete()
    assert services.create_photo(owner=user, name="a.jpg", data=landscape(1)).is_new


@pytest.mark.django_db(transaction=True)
def test_simultaneous_uploads_save_one_photo(model, user):
    together = threading.Barrier(4)
    answers = []

    def upload():
        together.wait()
        try:
            answers.append(services.create_photo(owner=user, name="a.jpg", data=landscape(1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.is_new for answer in answers].count(True) == 1
    assert len({answer.photo.pk for answer in answers}) == 1
    assert len(kept_files()) == 2


def test_the_second_of_two_simultaneous_uploads_deletes_its_files(model, user, monkeypatch):
    analyze = services.recognize_upload

    def analyze_while_another_wins(recognizer, data, render, **marks):
        monkeypatch.setattr(services, "recognize_upload", analyze)
        services.create_photo(owner=user, name="winner.jpg", data=data)
        return analyze(recognizer, data, render, **marks)

    monkeypatch.setattr(services.engine, "run", lambda work, **kwargs: work(_recognizer()))
    monkeypatch.setattr(services, "recognize_upload", analyze_while_another_wins)
    added = services.create_photo(owner=user, name="loser.jpg", data=landscape(1))
    assert (added.is_new, added.photo.name) == (False, "winner.jpg")
    assert len(kept_files()) == 2


def _recognizer():
    return services.engine.get_engine()._recognizer()
