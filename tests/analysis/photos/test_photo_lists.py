"""Filters of photo lists, which are answered by indexes."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.photos import services
from analysis.photos.models import Photo
from tests.analysis.factories import make_face, make_photo, make_recognition
from tests.support.site_database import IS_SQLITE

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def _named(photos):
    return sorted(photo.name for photo in photos)


def _make(user, name, *faces, model="test-1"):
    photo = make_photo(user, name=name, emotions=[])
    recognition = make_recognition([make_face(*face) for face in faces], model=model)
    services.record_analysis(photo=photo, recognition=recognition)
    return photo


def test_a_photo_repeats_its_current_result(user):
    photo = _make(user, "Ä b.JPG", ("happy", 0.6), ("sad", 0.8), ("happy", 0.7))
    photo.refresh_from_db()
    assert (photo.face_count, photo.confidence, photo.model, photo.source) == (3, 0.8, "test-1", "web")
    assert (photo.shows_happy, photo.shows_sad, photo.shows_fear) == (True, True, False)
    services.record_analysis(photo=photo, recognition=make_recognition([], model="test-2"))
    photo.refresh_from_db()
    assert (photo.face_count, photo.confidence, photo.model) == (0, None, "test-2")
    assert (photo.shows_happy, photo.shows_sad) == (False, False)


def test_filter_by_the_highest_confidence(user):
    _make(user, "sure", ("happy", 0.4), ("sad", 0.9))
    _make(user, "unsure", ("happy", 0.4))
    _make(user, "nobody")
    photos = Photo.objects.owned_by(user)
    assert _named(photos.matching(min_confidence=0.5)) == ["sure"]
    assert _named(photos.matching(max_confidence=0.5)) == ["unsure"]
    assert _named(photos.matching(min_confidence=0.4, max_confidence=0.9)) == ["sure", "unsure"]
    assert _named(photos.matching()) == ["nobody", "sure", "unsure"]


def test_versions_of_current_results(user, other_user):
    _make(user, "old", model="test-1")
    _make(user, "new", model="test-3")
    _make(other_user, "other", model="test-9")
    photos = Photo.objects.owned_by(user)
    assert Photo.objects.versions_used(user) == ["test-1", "test-3"]
    assert _named(photos.matching(model="test-1")) == ["old"]
    assert _named(photos.exclude(model="test-1")) == ["new"]
    assert _named(photos.exclude(model="test-2")) == ["new", "old"]


def test_no_versions_without_photos(user):
    assert Photo.objects.versions_used(user) == []


def _plan(sql):
    with connection.cursor() as cursor:
        if IS_SQLITE:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}", [])
            return "; ".join(row[3] for row in cursor.fetchall())
        # The few rows of a test are read and sorted quickest without an index.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}", [])
        return "; ".join(row[0] for row in cursor.fetchall())


ASKED = {
    "nothing": {},
    "emotion": {"emotion": "disgust"},
    "certainty": {"sure": 90, "unsure": 95},
    "version": {"model": "test-1"},
    "days": {"since": "2026-03-01", "until": "2026-03-31"},
    "name": {"name": "zebra"},
    "order": {"order": "oldest"},
    "all": {"emotion": "sad", "sure": 50, "model": "test-1", "since": "2026-03-01", "name": "x"},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("cursor", ["", "older-1773144000000000-" + "8" * 32, "newer-1773144000000000-" + "8" * 32])
def test_a_page_is_read_from_an_index_in_order(signed_in, user, asked, cursor):
    make_photo(user, name="x", emotions=["sad"], created_at=NOON)
    with CaptureQueriesContext(connection) as queries:
        assert signed_in.get(reverse("analysis:history"), {**asked, "page": cursor}).status_code == 200
    listed = [query["sql"] for query in queries if 'FROM "analysis_photo"' in query["sql"] and "ORDER" in query["sql"]]
    plans = [_plan(sql) for sql in listed]
    assert plans
    from_index = r"(USING|COVERING) INDEX photo_|Limit [^;]+; *->  Index Only Scan (Backward )?using photo_"
    for plan in plans:
        assert re.search(from_index, plan)
        assert not re.search(r"TEMP B-TREE|SCAN|Seq Scan", plan)


def test_outdated_photos_are_counted_from_an_index(user):
    for number in range(4):
        _make(user, "photo", model=f"test-{number}")
    with CaptureQueriesContext(connection) as queries:
        assert Photo.objects.owned_by(user).count_not_analysed_by("test-1", "centerface") == 3
        assert Photo.objects.owned_by(user).count_not_analysed_by("test-1", "centerface", limit=2) == 2
    plans = [_plan(query["sql"]) for query in queries]
    assert plans
    index, condition = (
        ("COVERING INDEX photo_by_", "(owner_id=? AND model")
        if IS_SQLITE
        else ("using photo_", f"Index Cond: ((owner_id = {user.pk}) AND (")
    )
    assert all(index in plan and condition in plan for plan in plans), plans


def test_the_page_counts_outdated_photos_up_to_a_maximum(signed_in, user, monkeypatch):
    for _ in range(3):
        make_photo(user)
    monkeypatch.setattr("analysis.engine.active_model", lambda: SimpleNamespace(name="test-9"))
    assert b"<strong>3 photos were analysed by another" in signed_in.get(reverse("analysis:history")).content
    monkeypatch.setattr("analysis.photos.views.MAX_OUTDATED_COUNTED", 2)
    assert b"<strong>At least 2 photos were analysed" in signed_in.get(reverse("analysis:history")).content
