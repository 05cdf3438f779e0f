import pytest
from django.urls import reverse

from analysis.consents import services as consents
from analysis.consents.models import Consent

LIVE = reverse("analysis:live")
ADDRESS = reverse("analysis:consent", args=["camera"])
CAMERA = Consent.Purpose.CAMERA
NOTICE = consents.NOTICES[CAMERA]


@pytest.fixture
def consenting(signed_in, user):
    consents.give_consent(user=user, purpose=CAMERA, notice_version=NOTICE)
    return signed_in


def test_a_visitor_is_asked_to_sign_in(client, db):
    for response in (client.get(LIVE), client.post(ADDRESS, {"answer": "agree"})):
        assert response["Location"].startswith(reverse("account_login"))


def test_the_notice_is_shown_before_the_camera(signed_in):
    page = signed_in.get(LIVE).content
    assert b"Before you turn on your camera" in page
    assert b"js/live/page.js" not in page


def test_consent_leads_to_the_camera(signed_in, user):
    response = signed_in.post(ADDRESS, {"answer": "agree", "notice": NOTICE, "next": "live"}, follow=True)
    assert response.redirect_chain == [(LIVE, 302)]
    assert b"js/live/page.js" in response.content
    assert consents.active_consent(user=user, purpose=CAMERA).notice_version == NOTICE


def test_withdrawing_shows_the_notice_again(consenting, user):
    response = consenting.post(ADDRESS, {"answer": "withdraw"}, follow=True)
    assert b"Withdrawn" in response.content
    assert b"Before you turn on your camera" in consenting.get(LIVE).content
    assert consents.active_consent(user=user, purpose=CAMERA) is None


def test_consent_to_another_notice_is_invalid(signed_in, user):
    response = signed_in.post(ADDRESS, {"answer": "agree", "notice": "2001-01"}, follow=True)
    assert b"This notice has changed" in response.content
    assert consents.active_consent(user=user, purpose=CAMERA) is None


def test_camera_and_training_have_separate_consents(consenting, user):
    assert consents.active_consent(user=user, purpose=Consent.Purpose.TRAINING) is None


def test_the_policy_names_this_sites_own_sockets_and_no_others(consenting):
    policy = consenting.get(LIVE)["Content-Security-Policy"]
    (connect,) = [part for part in policy.split("; ") if part.startswith("connect-src ")]
    assert connect == "connect-src 'self' ws://testserver wss://testserver"


def test_the_page_is_not_cached(consenting):
    """Going back after withdrawing must not bring the camera back."""
    assert "no-store" in consenting.get(LIVE)["Cache-Control"]
