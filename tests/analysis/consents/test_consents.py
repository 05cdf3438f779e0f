import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import ConsentError, VideoError
from analysis.photos.models import Photo
from analysis.videos.models import Video
from analysis.videos.services import create_video

PAGE = reverse("analysis:consents")
TICKED = "data-people-agreed checked"


def test_without_a_consent(user):
    assert consents.active_consent(user=user) is None


def test_it_saves_the_purpose_the_notice_and_the_time(user):
    consent = consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    assert (consent.purpose, consent.notice_version) == ("training", consents.NOTICES["training"])
    assert consent.given_at is not None
    assert consents.active_consent(user=user) == consent


def test_giving_it_twice_saves_one_consent(user):
    first = consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    assert consents.give_consent(user=user, notice_version=consents.NOTICES["training"]) == first


def test_one_active_consent_per_purpose(user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(user=user, purpose="training", notice_version="2026-11")


def test_an_outdated_notice_is_refused(user):
    with pytest.raises(ConsentError) as raised:
        consents.give_consent(user=user, notice_version="2001-01")
    assert raised.value.code == "notice_changed"


def test_withdrawing_keeps_the_row(user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    assert consents.withdraw_consent(user=user)
    assert consents.active_consent(user=user) is None
    assert Consent.objects.filter(user=user, purpose="training").get().withdrawn_at is not None


def test_withdrawing_without_a_consent(user):
    assert not consents.withdraw_consent(user=user)


def test_giving_it_again_saves_a_new_row(user):
    for _ in range(2):
        consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
        consents.withdraw_consent(user=user)
    assert Consent.objects.filter(user=user, purpose="training").count() == 2


def test_consents_belong_to_one_user(user, other_user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    assert consents.active_consent(user=other_user) is None
    assert not consents.withdraw_consent(user=other_user)


def answer(client, purpose, answer, **more):
    notice = consents.NOTICES.get(purpose, "")
    return client.post(reverse("analysis:consent", args=[purpose]), {"answer": answer, "notice": notice, **more})


@pytest.mark.parametrize("purpose", Consent.Purpose.values)
def test_the_page_gives_and_withdraws_each_consent(client, db, purpose):
    user = User.objects.create_user("new@example.org", "x")
    client.force_login(user)
    assert client.get(PAGE).content.count(b"You have not agreed") == len(Consent.Purpose)
    answer(client, purpose, "agree")
    page = client.get(PAGE).content
    assert (page.count(b"You agreed on"), page.count(b"You have not agreed")) == (1, len(Consent.Purpose) - 1)
    assert consents.active_consent(user=user, purpose=purpose)
    answer(client, purpose, "withdraw")
    page = client.get(PAGE).content
    assert page.count(b"You have not agreed") == len(Consent.Purpose)
    assert b"Withdrawn consents" in page


def test_the_page_refuses_an_outdated_notice(signed_in, user):
    response = signed_in.post(
        reverse("analysis:consent", args=["training"]), {"answer": "agree", "notice": "2001-01"}, follow=True
    )
    assert b"Read it again before you agree" in response.content
    assert consents.active_consent(user=user) is None


def test_an_unknown_purpose_is_404(signed_in):
    assert answer(signed_in, "advertising", "agree").status_code == 404


@pytest.mark.parametrize(
    ("next", "expected"),
    [("upload", "/photos/new/"), ("live", "/live/"), ("//evil.example", "/account/consents/#photos")],
)
def test_it_redirects_to_known_pages_only(signed_in, next, expected):
    assert answer(signed_in, "photos", "agree", next=next)["Location"] == expected


def test_it_requires_sign_in(client, db):
    for response in (client.get(PAGE), answer(client, "photos", "agree")):
        assert response["Location"].startswith(reverse("account_login"))


def test_the_profile_lists_active_consents(signed_in, user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    page = signed_in.get(reverse("accounts:profile")).content.decode()
    assert "Photos and videos, Training with your corrections" in page


@pytest.fixture
def refusing(signed_in, user):
    """A client whose user has withdrawn the consent to the analysis of photos."""
    consents.withdraw_consent(user=user, purpose="photos")
    return signed_in


def test_a_photo_without_consent_is_refused(refusing, send, user, hopper):
    response = send(hopper)
    assert (response.status_code, response.json()["code"]) == (403, "consent_needed")
    assert not Photo.objects.exists()


def test_a_video_without_consent_is_refused(refusing, user):
    with pytest.raises(VideoError) as refused:
        create_video(owner=user, name="a.webm", size=10)
    assert refused.value.code == "consent_needed"


def test_an_api_upload_without_consent_is_refused(refusing, user, hopper):
    api = APIClient()
    api.force_authenticate(user)
    response = api.post("/api/v1/analyses/", {"photo": SimpleUploadedFile("a.jpg", hopper)}, format="multipart")
    assert (response.status_code, response.json()["code"]) == (403, "consent_needed")


def test_the_upload_page_has_the_consent_form(refusing):
    page = refusing.get(reverse("analysis:upload")).content.decode()
    assert "Before your first photo or video" in page
    assert "data-dropzone" not in page
    answer(refusing, "photos", "agree", next="upload")
    assert "data-dropzone" in refusing.get(reverse("analysis:upload")).content.decode()


def test_withdrawing_keeps_photos(signed_in, send, user, hopper):
    send(hopper)
    answer(signed_in, "photos", "withdraw")
    assert Photo.objects.count() == 1


def test_a_photo_requires_the_declaration(signed_in, hopper):
    def post(**more):
        files = {"photo": SimpleUploadedFile("a.jpg", hopper), **more}
        return signed_in.post(reverse("analysis:photo-create"), files, headers={"Accept": "application/json"})

    assert (post().status_code, post().json()["code"]) == (400, "people_not_asked")
    before = timezone.now()
    assert post(people_agreed="on").status_code == 201
    assert before <= Photo.objects.get().people_agreed_at <= timezone.now()


def test_each_photo_requires_its_own_declaration(signed_in, send, hopper):
    assert send(hopper).status_code == 201
    files = {"photo": SimpleUploadedFile("b.jpg", hopper + b"b")}
    later = signed_in.post(reverse("analysis:photo-create"), files, headers={"Accept": "application/json"})
    assert (later.status_code, later.json()["code"]) == (400, "people_not_asked")


@pytest.mark.parametrize("page", ["analysis:upload", "analysis:videos"])
@pytest.mark.parametrize(("later", "is_ticked"), [(dt.timedelta(hours=1), True), (dt.timedelta(days=1), False)])
def test_the_checkbox_stays_ticked_for_the_day_of_an_upload(
    signed_in, send, hopper, monkeypatch, page, later, is_ticked
):
    morning = timezone.now().replace(hour=8)
    monkeypatch.setattr(timezone, "now", lambda: morning)
    assert TICKED not in signed_in.get(reverse(page)).content.decode()
    assert send(hopper).status_code == 201
    monkeypatch.setattr(timezone, "now", lambda: morning + later)
    assert (TICKED in signed_in.get(reverse(page)).content.decode()) is is_ticked


@pytest.mark.parametrize(("said", "shown"), [({"people_agreed": "on"}, True), ({}, False)])
def test_a_refused_form_keeps_its_checkbox(signed_in, said, shown):
    refused = signed_in.post(reverse("analysis:photo-create"), said)
    assert refused.status_code == 400
    assert (TICKED in refused.content.decode()) is shown


def test_a_video_requires_the_declaration(signed_in, user):
    response = signed_in.post(
        reverse("analysis:videos"), {"name": "a.webm", "size": 10}, headers={"Accept": "application/json"}
    )
    assert (response.status_code, response.json()["code"]) == (400, "people_not_asked")
    form = {"name": "a.webm", "size": 10, "people_agreed": "on"}
    before = timezone.now()
    assert signed_in.post(reverse("analysis:videos"), form, headers={"Accept": "application/json"}).status_code == 201
    assert before <= Video.objects.get().people_agreed_at <= timezone.now()


@pytest.mark.parametrize(("said", "kept"), [({}, False), ({"people_agreed": "true"}, True)])
def test_the_declaration_is_optional_for_api_photos(user, hopper, said, kept):
    api = APIClient()
    api.force_authenticate(user)
    files = {"photo": SimpleUploadedFile("a.jpg", hopper), **said}
    assert api.post("/api/v1/analyses/", files, format="multipart").status_code == 201
    assert (Photo.objects.get().people_agreed_at is not None) is kept


def test_the_declaration_of_a_batch(user, hopper):
    api = APIClient()
    api.force_authenticate(user)
    photos = [SimpleUploadedFile(f"{number}.jpg", hopper + bytes([number])) for number in range(2)]
    form = {"photos": photos, "people_agreed": "true"}
    assert api.post("/api/v1/analyses/batch/", form, format="multipart").status_code == 200
    assert Photo.objects.exclude(people_agreed_at=None).count() == 2


@pytest.mark.parametrize(("said", "kept"), [({}, False), ({"people_agreed": True}, True)])
def test_the_declaration_is_optional_for_api_videos(user, said, kept):
    api = APIClient()
    api.force_authenticate(user)
    assert api.post("/api/v1/videos/", {"name": "a.mp4", "bytes": 10, **said}, format="json").status_code == 201
    assert (Video.objects.get().people_agreed_at is not None) is kept
