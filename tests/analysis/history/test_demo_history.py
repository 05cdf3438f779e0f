"""Demo data is what the services could have written."""

import pytest
from django.urls import reverse

from analysis.corrections.models import Correction
from analysis.management.verify_history import verify_history
from analysis.photos.list_queries import result_columns
from analysis.photos.models import Analysis, Face, Photo
from analysis.searched_names import fold_name
from analysis.sessions.models import Sample
from tests.analysis.factories import make_photo
from tests.support.demo_history import fill_history

pytestmark = pytest.mark.django_db


def test_as_many_faces_as_asked_for_and_a_fifth_as_many_seconds(user):
    fill_history(owner=user, faces=5000, days=30)
    assert Face.objects.owned_by(user).count() == 5000
    assert Sample.objects.owned_by(user).count() == 1000
    days = [photo.created_at.date() for photo in Photo.objects.only("created_at")]
    assert 29 <= (max(days) - min(days)).days <= 30
    assert Photo.objects.values("model").distinct().count() == 3


def test_its_sums_and_its_photos_columns_are_right(user):
    fill_history(owner=user, faces=600)
    assert verify_history(owner=user) == []
    for photo in Photo.objects.with_result():
        faces = [face.listed for face in photo.result.faces.all()]
        is_corrected = any(hasattr(face, "correction") for face in photo.result.faces.all())
        assert {name: getattr(photo, name) for name in result_columns("", "", ())} == result_columns(
            photo.result.model, photo.result.detector, faces, is_corrected=is_corrected
        )
        assert photo.search_name == fold_name(photo.name)
    assert Correction.objects.exists()


def test_the_same_seed_writes_the_same_history(user, other_user):
    for owner in (user, other_user):
        fill_history(owner=owner, faces=50, seed=3)
    first, second = (
        list(Face.objects.owned_by(owner).order_by("pk").values_list("p_happy", flat=True))
        for owner in (user, other_user)
    )
    assert first == second


def test_what_is_written_later_finds_its_own_ids(user):
    fill_history(owner=user, faces=10)
    photo = make_photo(user)
    assert photo.result.pk == max(Analysis.objects.values_list("pk", flat=True))


def test_pages_show_it_without_pictures(user, signed_in):
    fill_history(owner=user, faces=40)
    photo = Photo.objects.newest_first().first()
    assert photo.name.encode() in signed_in.get(reverse("analysis:history")).content
    assert signed_in.get(reverse("analysis:detail", args=[photo.pk])).status_code == 200
    for name in ("image", "thumbnail", "annotated"):
        assert signed_in.get(reverse(f"analysis:{name}", args=[photo.pk])).status_code == 404
