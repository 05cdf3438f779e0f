"""A list costs the same number of queries however much is in it."""

import pytest
from django.urls import reverse

from tests.analysis.factories import make_photo


def _count(client, url, django_assert_max_num_queries):
    with django_assert_max_num_queries(14) as context:
        assert client.get(url).status_code == 200
    return len(context)


@pytest.mark.parametrize("name", ["history", "upload"])
def test_more_photos_need_no_more_queries(signed_in, user, name, django_assert_max_num_queries):
    make_photo(user, emotions=["happy", "sad"])
    few = _count(signed_in, reverse(f"analysis:{name}"), django_assert_max_num_queries)
    for _ in range(8):
        make_photo(user, emotions=["happy", "sad", "fear"])
    assert _count(signed_in, reverse(f"analysis:{name}"), django_assert_max_num_queries) == few


def test_more_faces_need_no_more_queries(signed_in, user, django_assert_max_num_queries):
    small, large = make_photo(user, emotions=["happy"]), make_photo(user, emotions=["happy"] * 12)
    make_photo(user), make_photo(user)
    counts = {
        _count(signed_in, reverse("analysis:detail", args=[photo.pk]), django_assert_max_num_queries)
        for photo in (small, large)
    }
    assert max(counts) - min(counts) == 0
