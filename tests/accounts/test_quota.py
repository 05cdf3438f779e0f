"""What somebody's things take on the disk, and how much they may keep."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts import services
from accounts.models import SiteSettings
from analysis.errors import PhotoError, VideoError
from analysis.files.quota import used_storage
from analysis.photos.models import Photo
from analysis.photos.services import create_photo
from analysis.videos.models import Video
from analysis.videos.services import cancel_video, create_video


def test_rows_tell_what_the_files_take(user, hopper):
    photo = create_photo(owner=user, name="a.jpg", data=hopper).photo
    on_disk = default_storage.size(photo.picture.name) + default_storage.size(photo.thumbnail.name)
    assert used_storage(user).photos == used_storage(user).total == on_disk


def test_a_photo_over_the_quota_is_rejected_and_not_saved(user, hopper, tmp_path, settings):
    services.change_quota(megabytes=1)
    Photo.objects.filter(pk=create_photo(owner=user, name="a.jpg", data=hopper).photo.pk).update(bytes=999_999)
    with pytest.raises(PhotoError, match="of 1 MB") as refused:
        create_photo(owner=user, name="b.jpg", data=hopper + b"0")
    assert refused.value.code == "quota_reached"
    assert Photo.objects.count() == 1
    assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 2


def test_a_video_that_is_too_much_is_refused_before_it_is_sent(user):
    services.change_quota(megabytes=1)
    with pytest.raises(VideoError, match="of 1 MB"):
        create_video(owner=user, name="a.webm", size=1_000_001)
    assert not Video.objects.exists()


def test_an_upload_on_its_way_counts(user):
    Video.objects.create(owner=user, name="a.webm", bytes=10, received=7, file="videos/ab/x")
    assert used_storage(user).uploads == 7


def test_an_unfinished_video_counts_whole(user):
    services.change_quota(megabytes=1)
    create_video(owner=user, name="a.webm", size=600_000)
    with pytest.raises(VideoError, match=r"uploads in progress need 0\.6 MB, and this file needs 0\.6 MB") as refused:
        create_video(owner=user, name="b.webm", size=600_000)
    assert refused.value.code == "quota_reached"
    assert Video.objects.count() == 1
    create_video(owner=user, name="c.webm", size=400_000)


def test_so_it_does_beside_a_photo(user, hopper):
    services.change_quota(megabytes=1)
    create_video(owner=user, name="a.webm", size=1_000_000)
    with pytest.raises(PhotoError, match="uploads in progress need"):
        create_photo(owner=user, name="a.jpg", data=hopper)


def test_a_cancelled_video_does_not_count(user):
    services.change_quota(megabytes=1)
    cancel_video(video=create_video(owner=user, name="a.webm", size=1_000_000))
    create_video(owner=user, name="b.webm", size=1_000_000)


def test_one_person_may_be_allowed_more_or_less_than_the_others(administrator, user, other_user, client):
    services.change_quota(megabytes=100)
    client.force_login(administrator)
    address = reverse("admin:accounts_user_change", args=[user.pk])
    form = client.get(address).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value not in (None, [])}
    values |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "quota_megabytes": "1"}
    assert client.post(address, values).status_code == 302
    user.refresh_from_db()
    assert (user.quota, other_user.quota) == (1_000_000, 100_000_000)
    with pytest.raises(VideoError, match="of 1 MB"):
        create_video(owner=user, name="a.webm", size=1_000_001)
    client.force_login(user)
    assert client.get(reverse("accounts:space")).context["quota"] == 1_000_000


def test_others_do_not_count(user, other_user, hopper):
    create_photo(owner=other_user, name="a.jpg", data=hopper)
    assert used_storage(user).total == 0


def test_an_upload_error_has_the_common_shape(user, client, hopper_path):
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
    for words in ("grace.jpg", "Annotated videos", "used.", "Photos by month"):
        assert words in page
    assert "You have no photos yet" not in page


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
