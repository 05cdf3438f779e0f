from django.test import Client
from django.urls import reverse

from analysis.photos.models import Photo
from tests.analysis.factories import kept_files, landscape


def test_a_script_gets_the_faces(model, send, hopper):
    response = send(hopper)
    assert response.status_code == 201
    answer = response.json()
    assert answer["is_new"] is True
    assert len(answer["faces"]) == 1
    assert 0 < answer["faces"][0]["confidence"] <= 1
    assert answer["url"] in answer["html"]


def test_a_plain_form_is_redirected_to_the_result(model, send, hopper):
    response = send(hopper, accept="text/html")
    assert response.status_code == 302
    assert response["Location"] == reverse("analysis:detail", args=[Photo.objects.get().pk])


def test_it_saves_the_photo_with_its_result(model, send, hopper, user):
    send(hopper, "Grace.jpg")
    photo = Photo.objects.get()
    face = photo.result.faces.get()
    assert (photo.owner, photo.name, photo.width, photo.height) == (user, "Grace.jpg", 512, 600)
    assert abs(sum(face.probabilities) - 1) < 1e-3
    assert face.confidence == max(face.probabilities)
    assert 0 <= face.x < face.x + face.width <= 512
    assert photo.result.milliseconds > 0


def test_files_have_random_names(model, send):
    send(landscape(), "holiday.jpg")
    files = kept_files()
    assert len(files) == 2
    assert not any("holiday" in name for name in files)
    assert Photo.objects.get().bytes > 0


def test_a_photo_without_a_face_is_saved(model, send, signed_in):
    answer = send(landscape()).json()
    assert answer["faces"] == []
    assert b"No face was found in this photo" in signed_in.get(answer["url"]).content


def test_thirty_photos_are_saved(model, send):
    assert {send(landscape(number)).status_code for number in range(30)} == {201}
    assert Photo.objects.count() == 30
    assert len(kept_files()) == 60


def test_a_script_of_a_visitor_gets_401(db, send):
    response = send(landscape(), client=Client())
    assert response.status_code == 401
    assert response.json()["code"] == "not_signed_in"


def test_a_visitor_is_redirected_to_sign_in(db, send):
    response = send(landscape(), client=Client(), accept="text/html")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_it_requires_a_csrf_token(user, send):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    response = send(landscape(), client=client, accept="text/html")
    assert response.status_code == 403
    assert b"This page has expired" in response.content
    assert not Photo.objects.exists()
