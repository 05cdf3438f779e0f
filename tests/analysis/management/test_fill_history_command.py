"""Demo data is what the services could have written."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from analysis.management.verify_history import verify_history
from analysis.photos.list_queries import fold_name, result_columns
from analysis.photos.models import Analysis, Face, Photo
from analysis.sessions.models import Sample
from tests.analysis.factories import make_photo

pytestmark = pytest.mark.django_db


def _fill(user, *arguments):
    output = io.StringIO()
    call_command("fill_history", user.email, *arguments, stdout=output)
    return output.getvalue()


def test_as_many_faces_as_asked_for_and_a_fifth_as_many_seconds(user):
    told = _fill(user, "--faces", "5000", "--days", "30")
    assert Face.objects.owned_by(user).count() == 5000
    assert Sample.objects.owned_by(user).count() == 1000
    assert f"{Photo.objects.owned_by(user).count():,} photos with 5,000 faces" in told
    days = [photo.created_at.date() for photo in Photo.objects.only("created_at")]
    assert 29 <= (max(days) - min(days)).days <= 30
    assert Photo.objects.values("model").distinct().count() == 3


def test_its_sums_and_its_photos_columns_are_right(user):
    _fill(user, "--faces", "600")
    assert verify_history(owner=user) == []
    for photo in Photo.objects.with_result():
        faces = [(face.emotion, face.confidence) for face in photo.result.faces.all()]
        assert {name: getattr(photo, name) for name in result_columns("", "", [])} == result_columns(
            photo.result.model, photo.result.detector, faces
        )
        assert photo.search_name == fold_name(photo.name)


def test_the_same_seed_writes_the_same_history(user, other_user):
    for owner in (user, other_user):
        _fill(owner, "--faces", "50", "--seed", "3")
    first, second = (
        list(Face.objects.owned_by(owner).order_by("pk").values_list("p_happy", flat=True))
        for owner in (user, other_user)
    )
    assert first == second


def test_it_does_not_mix_with_an_existing_history(user):
    make_photo(user)
    with pytest.raises(CommandError, match="--force"):
        _fill(user, "--faces", "10")
    _fill(user, "--faces", "10", "--force")
    assert Face.objects.owned_by(user).count() == 11
    assert verify_history(owner=user) == []


def test_what_is_written_later_finds_its_own_ids(user):
    _fill(user, "--faces", "10")
    photo = make_photo(user)
    assert photo.result.pk == max(Analysis.objects.values_list("pk", flat=True))


def test_pages_show_it_without_pictures(user, signed_in):
    _fill(user, "--faces", "40")
    photo = Photo.objects.newest_first().first()
    assert photo.name.encode() in signed_in.get(reverse("analysis:history")).content
    assert signed_in.get(reverse("analysis:detail", args=[photo.pk])).status_code == 200
    for name in ("image", "thumbnail", "annotated"):
        assert signed_in.get(reverse(f"analysis:{name}", args=[photo.pk])).status_code == 404


def test_senseless_numbers_and_strangers_are_refused(user):
    with pytest.raises(CommandError, match="--faces: expected 1 or more; got 0"):
        _fill(user, "--faces", "0")
    with pytest.raises(CommandError, match="nobody here"):
        call_command("fill_history", "eve@example.org")
