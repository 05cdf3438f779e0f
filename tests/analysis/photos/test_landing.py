from django.urls import reverse

from analysis.photos.models import Photo


def test_it_tells_visitors_what_this_is_and_what_it_is_not(client, db):
    content = client.get(reverse("analysis:landing")).content.decode()
    assert reverse("account_login") in content
    assert "never what somebody feels" in content


def test_its_example_is_the_models_own_answer(model, client, db):
    response = client.get(reverse("analysis:landing"))
    assert len(response.context["sample"].faces) == 1
    assert b'id="overlay-data"' in response.content


def test_it_offers_an_account_only_where_one_can_be_made(client, db):
    assert b"Create an account" not in client.get(reverse("analysis:landing")).content


def test_whoever_is_signed_in_goes_on_to_their_photos(signed_in):
    assert signed_in.get(reverse("analysis:landing"))["Location"] == reverse("analysis:upload")


def test_the_sample_photo_is_shown_to_everybody(client, db):
    response = client.get(reverse("analysis:sample-picture"))
    assert response["Content-Type"] == "image/webp"
    response.close()


def test_one_click_analyses_the_sample_photo(model, signed_in, user):
    response = signed_in.post(reverse("analysis:sample-create"))
    photo = Photo.objects.get(owner=user)
    assert response["Location"] == reverse("analysis:detail", args=[photo.pk])
    assert photo.result.faces.count() == 1
