"""What somebody's things take on the disk, and how much they may keep."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts import services
from accounts.models import SiteSettings
from analysis.errors import PhotoError, VideoError
from analysis.models import Photo, Video
from analysis.services import create_photo
from analysis.space import used_space
from analysis.videos import create_video


def test_rows_tell_what_the_files_take(user, hopper):
    photo = create_photo(owner=user, name="a.jpg", data=hopper).photo
    on_disk = default_storage.size(photo.picture.name) + default_storage.size(photo.thumbnail.name)
    assert used_space(user).photos == used_space(user).total == on_disk


def test_a_photo_that_is_too_much_is_refused_and_leaves_nothing(user, hopper, tmp_path, settings):
    services.change_quota(megabytes=1)
    Photo.objects.filter(pk=create_photo(owner=user, name="a.jpg", data=hopper).photo.pk).update(bytes=999_999)
    with pytest.raises(PhotoError, match="of at most 1 MB") as refused:
        create_photo(owner=user, name="b.jpg", data=hopper + b"0")
    assert refused.value.code == "quota_reached"
    assert Photo.objects.count() == 1
    assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 2


def test_a_video_that_is_too_much_is_refused_before_it_is_sent(user):
    services.change_quota(megabytes=1)
    with pytest.raises(VideoError, match="of at most 1 MB"):
        create_video(owner=user, name="a.webm", size=1_000_001)
    assert not Video.objects.exists()


def test_an_upload_on_its_way_counts(user):
    Video.objects.create(owner=user, name="a.webm", bytes=10, received=7, file="videos/ab/x")
    assert used_space(user).uploads == 7


def test_others_do_not_count(user, other_user, hopper):
    create_photo(owner=other_user, name="a.jpg", data=hopper)
    assert used_space(user).total == 0


def test_an_upload_is_told_in_the_one_shape(user, client, hopper_path):
    services.change_quota(megabytes=1)
    Photo.objects.create(owner=user, name="x", sha256="0" * 64, width=1, height=1, picture="x.jpg", bytes=1_000_000)
    client.force_login(user)
    with hopper_path.open("rb") as photo:
        response = client.post(
            reverse("analysis:photo-create"),
            {"photo": photo, "people_agreed": "on"},
            headers={"Accept": "application/json"},
        )
    assert (response.status_code, response.json()["code"]) == (507, "quota_reached")


def test_the_page_shows_kinds_months_and_the_largest(user, client, hopper):
    create_photo(owner=user, name="grace.jpg", data=hopper)
    services.change_quota(megabytes=500)
    client.force_login(user)
    page = client.get(reverse("accounts:space")).content.decode()
    for words in ("grace.jpg", "Annotated videos", "you may keep", "Photos by month"):
        assert words in page
    assert "You keep no photos" not in page


def test_administrators_choose_the_quota(administrator, user, client):
    client.force_login(administrator)
    client.post(reverse("accounts:quota"), {"quota_megabytes": "250"})
    assert SiteSettings.objects.current().quota_megabytes == 250
    assert user.quota == 250_000_000
    refused = client.post(reverse("accounts:quota"), {"quota_megabytes": "0"})
    assert refused.context["quota_form"].errors
    client.post(reverse("accounts:quota"), {"quota_megabytes": ""})
    assert user.quota is None
    client.force_login(user)
    assert client.post(reverse("accounts:quota"), {"quota_megabytes": "1"}).status_code == 403
