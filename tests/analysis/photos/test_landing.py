from django.urls import reverse

from analysis.photos.models import Photo


def test_it_describes_the_site(client, db):
    content = client.get(reverse("analysis:landing")).content.decode()
    assert reverse("account_login") in content
    assert "never what somebody feels" in content


def test_its_example_is_the_models_result(model, client, db):
    response = client.get(reverse("analysis:landing"))
    assert len(response.context["sample"].faces) == 1
    assert b'id="overlay-data"' in response.content


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
