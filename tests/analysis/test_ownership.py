import uuid

import pytest
from django.urls import reverse

from analysis.photos.models import Photo
from tests.analysis.factories import make_photo

OF_ONE_PHOTO = ["detail", "image", "thumbnail", "annotated", "delete"]


@pytest.mark.parametrize("name", OF_ONE_PHOTO)
def test_its_owner_gets_it(signed_in, user, name):
    photo = make_photo(user)
    response = signed_in.get(reverse(f"analysis:{name}", args=[photo.pk]))
    response.close()
    assert response.status_code == 200


@pytest.mark.parametrize("name", OF_ONE_PHOTO)
def test_anothers_photo_is_not_there(signed_in, other_user, name):
    photo = make_photo(other_user)
    assert signed_in.get(reverse(f"analysis:{name}", args=[photo.pk])).status_code == 404


@pytest.mark.parametrize("name", OF_ONE_PHOTO)
def test_staff_see_no_more_than_others(client, administrator, user, name):
    client.force_login(administrator)
    photo = make_photo(user)
    assert client.get(reverse(f"analysis:{name}", args=[photo.pk])).status_code == 404


@pytest.mark.parametrize("name", OF_ONE_PHOTO)
def test_a_visitor_is_asked_to_sign_in(client, user, name):
    response = client.get(reverse(f"analysis:{name}", args=[make_photo(user).pk]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_an_id_that_never_was_looks_the_same_as_anothers(signed_in):
    assert signed_in.get(reverse("analysis:detail", args=[uuid.uuid4()])).status_code == 404


def test_anothers_photo_cannot_be_deleted(signed_in, other_user):
    photo = make_photo(other_user)
    assert signed_in.post(reverse("analysis:delete", args=[photo.pk])).status_code == 404
    signed_in.post(reverse("analysis:photos-delete"), {"item": str(photo.pk), "confirmed": "1"})
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_the_history_holds_only_ones_own(signed_in, user, other_user):
    make_photo(user, name="mine.jpg")
    make_photo(other_user, name="theirs.jpg")
    content = signed_in.get(reverse("analysis:history")).content
    assert b"mine.jpg" in content
    assert b"theirs.jpg" not in content


def test_neighbours_are_ones_own(signed_in, user, other_user):
    make_photo(other_user)
    mine = make_photo(user)
    make_photo(other_user)
    response = signed_in.get(reverse("analysis:detail", args=[mine.pk]))
    assert (response.context["newer"], response.context["older"]) == (None, None)
