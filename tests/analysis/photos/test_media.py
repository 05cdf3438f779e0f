import io

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from analysis.files.storage import display_name
from analysis.photos import services
from analysis.photos.models import Photo
from tests.analysis.factories import encode, landscape, make_face, make_photo


def _get(client, name, photo, query=""):
    return client.get(reverse(f"analysis:{name}", args=[photo.pk]) + query)


def _open(response):
    return Image.open(io.BytesIO(b"".join(response.streaming_content)))


@pytest.mark.parametrize(("name", "kind"), [("image", "JPEG"), ("thumbnail", "WEBP"), ("annotated", "JPEG")])
def test_each_file_has_its_content_type(signed_in, user, name, kind):
    response = _get(signed_in, name, make_photo(user))
    assert response["Content-Type"] == f"image/{kind.lower()}"
    assert _open(response).format == kind


@pytest.mark.parametrize("name", ["image", "thumbnail", "annotated"])
def test_caching_is_private_and_sniffing_off(signed_in, user, name):
    response = _get(signed_in, name, make_photo(user))
    response.close()
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["image", "thumbnail"])
def test_a_cached_file_is_not_sent_again(signed_in, client, user, name):
    url = reverse(f"analysis:{name}", args=[make_photo(user).pk])
    first = signed_in.get(url)
    first.close()
    assert signed_in.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 302


@pytest.mark.parametrize("name", ['<script>alert(1)</script>".jpg', "a\r\nSet-Cookie: x=1.jpg", "Ünïcode ☀.jpg"])
def test_a_download_has_the_photos_name(signed_in, user, name):
    photo = make_photo(user, name=display_name(name))
    response = _get(signed_in, "image", photo, "?download")
    response.close()
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in response["Content-Disposition"]
    assert "Set-Cookie" not in response


def test_without_download_it_is_inline(signed_in, user):
    response = _get(signed_in, "image", make_photo(user))
    response.close()
    assert response["Content-Disposition"].startswith("inline")


def test_the_annotated_picture_differs_from_the_stored_one(signed_in, user):
    photo = make_photo(user, faces=[make_face()])
    assert _open(_get(signed_in, "annotated", photo)).tobytes() != _open(_get(signed_in, "image", photo)).tobytes()


def test_metadata_is_removed(model, signed_in, user):
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}
    data = encode(Image.new("RGB", (80, 60), "teal"), exif=exif)
    photo = services.create_photo(owner=user, name="a.jpg", data=data).photo
    for stored in (photo.picture.name, photo.thumbnail.name):
        with default_storage.open(stored) as handle:
            kept = handle.read()
        assert b"SecretCamera" not in kept
        assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_rotated_picture_is_stored_upright(model, user):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(Image.new("RGB", (80, 60), "teal"), exif=exif)
    photo = services.create_photo(owner=user, name="a.jpg", data=data).photo
    with default_storage.open(photo.picture.name) as handle:
        assert Image.open(handle).size == (60, 80) == (photo.width, photo.height)


def test_a_large_picture_is_reduced_and_its_boxes_scaled(model, user, signed_in):
    data = encode(Image.new("RGB", (4000, 500), "teal"))
    photo = services.create_photo(owner=user, name="a.jpg", data=data).photo
    assert (photo.width, photo.height) == (4000, 500)
    assert _open(_get(signed_in, "image", photo)).size == (3072, 384)
    assert _open(_get(signed_in, "thumbnail", photo)).size == (480, 60)


def test_a_missing_file_is_404(signed_in, user):
    photo = make_photo(user)
    default_storage.delete(photo.picture.name)
    assert _get(signed_in, "image", photo).status_code == 404
    assert _get(signed_in, "annotated", photo).status_code == 404


def test_the_media_folder_has_no_url(client, user):
    photo = make_photo(user)
    assert Photo.objects.get().picture.name
    assert client.get(f"/media/{photo.picture.name}").status_code == 404
    assert client.get(f"/{photo.picture.name}").status_code == 404


def test_a_thumbnail_is_small(model, user):
    photo = services.create_photo(owner=user, name="a.jpg", data=landscape()).photo
    assert default_storage.size(photo.thumbnail.name) < 60_000
