"""When photos were taken: kept with the owner's consent alone, and erased with it."""

import datetime as dt

import pytest
from django.urls import reverse

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.management.verify_history import verify_history
from analysis.photos.capture_times import capture_time
from analysis.photos.models import Photo
from analysis.photos.services import create_photo
from tests.analysis.factories import make_photo
from tests.analysis.recognition.test_capture_time import photo_taken

TAKEN = dt.datetime(2024, 5, 3, 12, 12, 5, tzinfo=dt.UTC)
OLD = photo_taken("2024:05:03 14:12:05", "+02:00", Make="Camera", Model="One")


def agree(user) -> None:
    consents.give_consent(user=user, purpose="taken", notice_version=consents.NOTICES["taken"])


@pytest.fixture
def agreed(user):
    agree(user)


def make_taken(user, taken_at: dt.datetime | None, **options) -> Photo:
    photo = make_photo(user, emotions=[], **options)
    Photo.objects.filter(pk=photo.pk).update(taken_at=taken_at)
    return photo


def test_without_consent_nothing_is_kept(user):
    assert create_photo(owner=user, name="a.jpg", data=OLD).photo.taken_at is None


def test_with_consent_the_time_is_kept_and_nothing_else(user, agreed):
    photo = create_photo(owner=user, name="a.jpg", data=OLD).photo
    photo.refresh_from_db()
    assert (photo.taken_at, photo.dated_at) == (TAKEN, TAKEN)
    with photo.picture.open() as file:
        assert b"Camera" not in file.read()


@pytest.mark.parametrize(
    ("taken", "zone", "expected"),
    [
        (None, dt.UTC, None),
        ("2024-05-03T14:12:05", dt.timezone(dt.timedelta(hours=2)), TAKEN),
        ("2024-05-03T14:12:05+02:00", dt.UTC, TAKEN),
    ],
)
def test_a_time_without_an_offset_is_the_owners(taken, zone, expected):
    assert capture_time(taken, zone=zone) == expected


def test_a_photo_that_tells_no_time_is_dated_by_when_it_was_added(user, agreed):
    photo = create_photo(owner=user, name="a.jpg", data=photo_taken("0000:00:00 00:00:00")).photo
    photo.refresh_from_db()
    assert (photo.taken_at, photo.dated_at) == (None, photo.created_at)


def test_withdrawing_erases_the_times_and_no_others(user, other_user, agreed):
    mine, others = make_taken(user, TAKEN), make_taken(other_user, TAKEN)
    consents.withdraw_consent(user=user, purpose="photos")
    mine.refresh_from_db()
    assert mine.taken_at == TAKEN
    consents.withdraw_consent(user=user, purpose="taken")
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.taken_at, mine.dated_at, others.taken_at) == (None, mine.created_at, TAKEN)
    assert verify_history(owner=user) == []


def test_a_consent_withdrawn_during_the_analysis_counts(user, agreed, monkeypatch):
    from analysis import engine

    run = engine.run

    def withdraw_and_run(*args, **kwargs):
        found = run(*args, **kwargs)
        consents.withdraw_consent(user=user, purpose="taken")
        return found

    monkeypatch.setattr(engine, "run", withdraw_and_run)
    assert create_photo(owner=user, name="a.jpg", data=OLD).photo.taken_at is None
    assert not Photo.objects.exclude(taken_at=None).exists()


def test_a_consent_is_given_on_its_page_and_off_by_default(signed_in, user):
    content = signed_in.get(reverse("analysis:consents")).content.decode()
    assert "When photos were taken" in content
    assert not Consent.objects.filter(user=user, purpose="taken").exists()
    answer = {"answer": "agree", "notice": consents.NOTICES["taken"]}
    signed_in.post(reverse("analysis:consent", args=["taken"]), answer)
    assert consents.active_consent(user=user, purpose="taken")


def make_three(user) -> None:
    """Make photos that were added a, b, c, and taken b, a, c: c tells no time."""
    for hour, name, taken_at in ((1, "a", TAKEN), (2, "b", TAKEN - dt.timedelta(days=2)), (3, "c", None)):
        make_taken(user, taken_at, name=name, created_at=dt.datetime(2026, 3, 10, hour, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "cba"),
        ({"dates": "taken"}, "cab"),
        ({"dates": "taken", "order": "oldest"}, "bac"),
        ({"dates": "taken", "since": "2024-05-02", "until": "2024-05-03"}, "a"),
        ({"since": "2024-05-02", "until": "2024-05-03"}, ""),
        ({"dates": "never"}, "cba"),
    ],
)
def test_the_list_is_sorted_and_filtered_by_either_time(signed_in, user, query, names):
    make_three(user)
    page = signed_in.get(reverse("analysis:history"), query).context["page"]
    assert "".join(photo.name for photo in page.rows) == names


def test_pages_of_the_list_by_taken_follow_each_other(signed_in, user, monkeypatch):
    make_three(user)
    monkeypatch.setattr("analysis.photos.views.PAGE_SIZE", 1)
    names, query = "", {"dates": "taken"}
    while True:
        page = signed_in.get(reverse("analysis:history"), query).context["page"]
        names += page.rows[0].name
        if page.older is None:
            break
        query["page"] = page.older
    assert names == "cab"


def test_days_are_those_of_the_time_shown(signed_in, user):
    make_three(user)
    content = signed_in.get(reverse("analysis:history"), {"dates": "taken"}).content.decode()
    assert "Friday, 3 May 2024" in content
    assert "Friday, 3 May 2024" not in signed_in.get(reverse("analysis:history")).content.decode()


def test_it_is_offered_where_it_helps(signed_in, user):
    make_photo(user)
    upload, history = reverse("analysis:upload"), reverse("analysis:history")
    for page in (upload, history):
        assert "consents/#taken" in signed_in.get(page).content.decode()
    assert 'name="dates"' not in signed_in.get(history).content.decode()
    agree(user)
    for page in (upload, history):
        assert "consents/#taken" not in signed_in.get(page).content.decode()
    assert 'name="dates"' in signed_in.get(history).content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"dates": "taken"}, "cab"),
        ({"dates": "taken", "order": "oldest"}, "bac"),
        ({"dates": "taken", "created_before": "2024-05-03T00:00Z"}, "b"),
        ({}, "cba"),
    ],
)
def test_the_api_sorts_by_either_time(api, user, query, names):
    make_three(user)
    rows = api.get("/api/v1/analyses/", query).json()["results"]
    assert "".join(row["name"] for row in rows) == names
    assert {row["name"]: row["taken_at"] is None for row in rows}.get("c", True)
