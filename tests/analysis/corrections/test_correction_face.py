"""Access to the image of a corrected face."""

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from analysis.consents import services as consents
from analysis.corrections import services as corrections
from tests.analysis.factories import make_photo


@pytest.fixture
def correction(user):
    _agree(user)
    return corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")


def _get(client, correction):
    response = client.get(reverse("analysis:correction-face", args=[correction.pk]))
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response, content


def _agree(user):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])


def test_its_owner_gets_the_face(signed_in, correction):
    response, content = _get(signed_in, correction)
    assert response["Content-Type"] == "image/jpeg"
    # The box is 30 x 36 of 96 x 64 pixels; a fifth more on each side is shown.
    width, height = Image.open(io.BytesIO(content)).size
    assert height == 240
    assert width / height == pytest.approx(30 / 36, abs=0.05)


def test_reviewers_get_it_with_the_owners_consent(client, administrator, user, correction):
    client.force_login(administrator)
    assert _get(client, correction)[0].status_code == 200
    consents.withdraw_consent(user=user)
    assert _get(client, correction)[0].status_code == 404


def test_reviewers_need_the_view_permission(client, other_user, correction):
    other_user.user_permissions.add(Permission.objects.get(codename="view_correction"))
    client.force_login(other_user)
    assert _get(client, correction)[0].status_code == 200


def test_other_users_get_404(client, other_user, correction):
    client.force_login(other_user)
    assert _get(client, correction)[0].status_code == 404


def test_it_requires_sign_in(client, correction):
    assert _get(client, correction)[0]["Location"].startswith(reverse("account_login"))


def test_a_missing_file_is_404(signed_in, correction):
    default_storage.delete(correction.face.analysis.photo.picture.name)
    assert _get(signed_in, correction)[0].status_code == 404


def test_caching_is_private(signed_in, correction):
    assert _get(signed_in, correction)[0]["Cache-Control"] == "private, no-cache"
