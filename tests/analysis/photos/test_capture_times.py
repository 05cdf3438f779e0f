"""Time photos were taken: kept with the owner's consent alone, and erased with it."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from PIL import ExifTags, Image

from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.history.series import first_and_last_face, first_face, history_series, last_face
from analysis.history.sums import add_to_history, face_entries, remove_from_history
from analysis.history.time_buckets import Interval
from analysis.management.verify_history import verify_history
from analysis.photos.capture_times import capture_time
from analysis.photos.models import Face, Photo
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
    photo = make_photo(user, **options)
    if taken_at:
        faces = Face.objects.filter(analysis__photo=photo)
        remove_from_history(face_entries(faces))
        Photo.objects.filter(pk=photo.pk).update(taken_at=taken_at)
        add_to_history(face_entries(faces))
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
    assert counts(user, by_taken=True) == counts(user, by_taken=False) == {mine.created_at.date(): 1}


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
    assert "Time photos were taken" in content
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


def counts(user, *, by_taken: bool) -> dict[dt.date, int]:
    """Return the days with faces and their numbers, since 2024."""
    start, end = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 12, 31, tzinfo=dt.UTC)
    found = history_series(
        owner=user,
        start=start,
        end=end,
        interval=Interval.DAY,
        zone=dt.UTC,
        source="photo",
        by_taken=by_taken,
        max_buckets=2000,
    )
    return {bucket.span.start.date(): bucket.faces.n for bucket in found.filled}


ADDED_DAY, TAKEN_DAYS = dt.date(2026, 3, 10), {dt.date(2024, 5, 1): 1, dt.date(2024, 5, 3): 1}


def test_sums_are_by_either_time(user):
    make_three(user)
    assert counts(user, by_taken=False) == {ADDED_DAY: 3}
    assert counts(user, by_taken=True) == {**TAKEN_DAYS, ADDED_DAY: 1}
    assert verify_history(owner=user) == []
    for by_taken, first in ((False, ADDED_DAY), (True, dt.date(2024, 5, 1))):
        assert first_face(owner=user, source="photo", by_taken=by_taken).date() == first
        assert last_face(owner=user, source="photo", by_taken=by_taken).date() == ADDED_DAY
        span = {"start": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "end": dt.datetime(2027, 1, 1, tzinfo=dt.UTC)}
        assert first_and_last_face(owner=user, **span, source="photo", by_taken=by_taken)[0].date() == first


def test_an_uploaded_photo_is_in_the_sums_by_both_times(user, agreed, hopper):
    with Image.open(io.BytesIO(hopper)) as picture:
        exif = Image.Exif()
        exif[ExifTags.IFD.Exif] = {int(ExifTags.Base.DateTimeOriginal): "2024:05:03 12:12:05"}
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=95, exif=exif)
    photo = create_photo(owner=user, name="a.jpg", data=buffer.getvalue()).photo
    assert counts(user, by_taken=True) == {TAKEN.date(): 1}
    assert counts(user, by_taken=False) == {photo.created_at.date(): 1}
    photo.delete()
    assert counts(user, by_taken=True) == counts(user, by_taken=False) == {}


def test_charts_and_the_api_are_by_either_time(signed_in, api, user):
    make_three(user)
    may = {"from": "2024-05-01", "to": "2024-05-31", "dates": "taken"}
    found = signed_in.get(reverse("analysis:series"), may).json()
    assert found["n"] == 2
    assert found["buckets"][0]["behind"] == "/history/?dates=taken&since=2024-05-01&until=2024-05-01"
    assert signed_in.get(reverse("analysis:series"), {**may, "dates": "added"}).json()["n"] == 0
    for page in ("", "summary/"):
        assert api.get(f"/api/v1/history/{page}", may).json()["n"] == 2
    refused = signed_in.get(
        reverse("analysis:series"), {**may, "dates": "never"}, headers={"Accept": "application/json"}
    )
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["dates"])


def test_the_dashboard_offers_it_where_it_is_kept(signed_in, user):
    make_three(user)
    dashboard = reverse("analysis:dashboard")
    assert "consents/#taken" in signed_in.get(dashboard).content.decode()
    agree(user)
    content = signed_in.get(dashboard, {"dates": "taken"}).content.decode()
    assert 'name="dates"' in content
    assert "consents/#taken" not in content
