"""A correction made without the consent to training stays private, whatever its owner agrees to later."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.errors import CorrectionError
from tests.analysis.factories import make_photo

LIST = reverse("admin:analysis_correction_changelist")
NOTICE = consents.NOTICES["training"]
NOW = timezone.now()


def _face(owner):
    return make_photo(owner, emotions=["happy"]).result.faces.first()


def _correct(owner, emotion="sad"):
    return corrections.correct_face(face=_face(owner), by=owner, emotion=emotion)


def _agree_with_a_later_correction(client, user):
    data = {"emotion": "fear", "learn": "1", "notice": NOTICE}
    client.post(reverse("analysis:face-correct", args=[_face(user).pk]), data)


def _agree_on_the_page(client, user):
    client.post(reverse("analysis:consent", args=["training"]), {"answer": "agree", "notice": NOTICE})


def _withdraw_and_agree_again(client, user):
    consents.withdraw_consent(user=user)
    consents.give_consent(user=user, notice_version=NOTICE)


@pytest.mark.parametrize("agree", [_agree_with_a_later_correction, _agree_on_the_page])
def test_a_later_consent_does_not_publish_it(signed_in, user, administrator, client, agree):
    private = _correct(user)
    agree(signed_in, user)
    client.force_login(administrator)
    assert "sad, not happy" not in client.get(LIST).content.decode()
    assert client.get(reverse("analysis:correction-face", args=[private.pk])).status_code == 404
    with pytest.raises(CorrectionError):
        corrections.review_correction(correction=private, by=administrator, approve=True)
    page = signed_in.get(reverse("analysis:detail", args=[private.face.analysis.photo_id])).content.decode()
    assert "Saved with this result only" in page


def test_withdrawing_and_agreeing_again_does_not_publish_it(signed_in, user, administrator):
    consents.give_consent(user=user, notice_version=NOTICE)
    correction = _correct(user)
    corrections.review_correction(correction=correction, by=administrator, approve=True)
    _withdraw_and_agree_again(signed_in, user)
    assert not Correction.objects.training_pool().exists()


def test_the_correction_that_agrees_is_for_training(signed_in, user):
    _agree_with_a_later_correction(signed_in, user)
    assert Correction.objects.consented().get().emotion == "fear"


def test_the_api_says_which_are_for_training(api, user):
    face = _face(user)
    path = f"/api/v1/faces/{face.pk}/"
    assert api.put(f"{path}correction/", {"emotion": "sad"}, format="json").json()["is_for_training"] is False
    consents.give_consent(user=user, notice_version=NOTICE)
    assert api.get(path).json()["correction"]["is_for_training"] is False
    assert api.put(f"{path}correction/", {"emotion": "fear"}, format="json").json()["is_for_training"] is True


@pytest.mark.parametrize(
    ("given", "withdrawn", "is_for_training"),
    [
        (-60, None, True),
        (-60, 60, True),
        (60, None, False),
        (-120, -60, False),
        (0.01, None, True),  # by the form that gave the consent, which saved the correction first
        (None, None, False),
    ],
)
def test_the_upgrade_takes_back_what_was_published(user, administrator, given, withdrawn, is_for_training):
    correction = _correct(user)
    Correction.objects.update(
        created_at=NOW, consent=None, status="approved", reviewed_by=administrator, reviewed_at=NOW
    )
    if given is not None:
        end = None if withdrawn is None else NOW + dt.timedelta(seconds=withdrawn)
        Consent.objects.create(
            user=user, purpose="training", given_at=NOW + dt.timedelta(seconds=given), withdrawn_at=end
        )
    import_module("analysis.migrations.0021_link_corrections_to_consents").link_consents(apps, None)
    correction.refresh_from_db()
    assert (correction.consent is not None) == is_for_training
    review = ("approved", administrator) if is_for_training else ("pending", None)
    assert (correction.status, correction.reviewed_by) == review


def test_the_upgrade_publishes_one_correction_of_the_moment_before_a_consent(user):
    earlier, last = _correct(user), _correct(user)
    Correction.objects.filter(pk=earlier.pk).update(created_at=NOW - dt.timedelta(seconds=0.5))
    Correction.objects.filter(pk=last.pk).update(created_at=NOW - dt.timedelta(seconds=0.1))
    Consent.objects.create(user=user, purpose="training", given_at=NOW)
    import_module("analysis.migrations.0021_link_corrections_to_consents").link_consents(apps, None)
    assert [c.pk for c in Correction.objects.consented()] == [last.pk]
