import re

from django.urls import reverse

from analysis.photos.models import Photo
from analysis.photos.shown_faces import shown_faces


def test_it_describes_the_site(client, db):
    content = client.get(reverse("analysis:landing")).content.decode()
    assert reverse("account_login") in content
    assert "not what a person feels" in content


def test_the_shipped_version_is_sure_uncertain_and_wrong(model, db):
    """What the page is for; where another version answers otherwise, its words follow."""
    found = [(each.verdict, each.face.emotion) for each in shown_faces()]
    assert [verdict for verdict, _ in found] == ["right", "uncertain", "wrong"]
    assert found[0][1] == "happy"


def test_its_words_are_the_active_versions_answers(model, client, db):
    content = client.get(reverse("analysis:landing")).content.decode()
    said = re.findall(r"<span>(\w+) <span class=\"numeric\">(\d+)%", content)
    assert said == [(each.face.emotion.capitalize(), f"{100 * each.face.confidence:.0f}") for each in shown_faces()]
    for words in ("Confident and right", "verdict-uncertain", "Wrong: people see neutral"):
        assert content.count(words) == 1


def test_it_links_to_sign_up_only_where_it_is_open(client, db):
    assert b"Create an account" not in client.get(reverse("analysis:landing")).content


def test_users_are_redirected_to_the_upload(signed_in):
    assert signed_in.get(reverse("analysis:landing"))["Location"] == reverse("analysis:upload")


def test_the_sample_photo_is_public(client, db):
    response = client.get(reverse("analysis:sample-picture"))
    assert response["Content-Type"] == "image/webp"
    response.close()


def test_the_sample_photo_can_be_analysed(model, signed_in, user):
    response = signed_in.post(reverse("analysis:sample-create"))
    photo = Photo.objects.get(owner=user)
    assert response["Location"] == reverse("analysis:detail", args=[photo.pk])
    assert photo.result.faces.count() == 1
