import uuid

import pytest
from django.urls import reverse

from analysis import engine
from analysis.photos import services
from analysis.photos.models import ReanalysisJob
from tests.analysis.factories import make_face, make_photo, make_recognition

HISTORY = reverse("analysis:history")


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch):
    class FakeEngine:
        name = "test-2"

    monkeypatch.setattr(engine, "active_model", FakeEngine)
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, job_id: None)


def _page(client, address=HISTORY):
    return client.get(address).content.decode()


def _job(owner, **fields):
    return ReanalysisJob.objects.create(**{"owner": owner, "model": "test-2", "total": 8, **fields})


def test_it_offers_to_analyse_outdated_photos(signed_in, user):
    make_photo(user)
    page = _page(signed_in)
    assert "1 photo was analysed by another version or detector." in page
    assert f'action="{reverse("analysis:reanalysis-start")}"' in page


def test_it_offers_nothing_without_outdated_photos(signed_in, user):
    services.record_analysis(photo=make_photo(user), recognition=make_recognition([], model="test-2"))
    assert reverse("analysis:reanalysis-start") not in _page(signed_in)


def test_start_redirects_to_the_history(signed_in, user):
    make_photo(user)
    page = signed_in.post(reverse("analysis:reanalysis-start"), follow=True).content.decode()
    assert "Waiting to analyse your photos again" in page


def test_start_without_outdated_photos_shows_a_message(signed_in, user):
    page = signed_in.post(reverse("analysis:reanalysis-start"), follow=True).content.decode()
    assert "already been analysed with test-2" in page


def test_it_shows_the_progress_and_a_cancel_button(signed_in, user):
    job = _job(user, status="running", done=3)
    page = _page(signed_in)
    assert '<progress class="again-progress" value="3" max="8"' in page
    assert "3 of 8" in page
    assert reverse("analysis:reanalysis-cancel", args=[job.pk]) in page


def test_the_script_gets_the_progress(signed_in, user):
    _job(user, status="running", done=3)
    piece = _page(signed_in, reverse("analysis:reanalysis"))
    assert "3 of 8" in piece
    assert "<html" not in piece


def test_cancel(signed_in, user):
    job = _job(user, status="running", done=3)
    page = signed_in.post(reverse("analysis:reanalysis-cancel", args=[job.pk]), follow=True).content.decode()
    assert "Cancelled after 3 of 8 photos." in page


def test_an_ended_job_is_shown_until_dismissed(signed_in, user):
    job = _job(user, status="finished", done=8, failed=1)
    page = _page(signed_in)
    assert "7 photos were analysed again" in page
    assert "1 photo could not be read" in page
    page = signed_in.post(reverse("analysis:reanalysis-dismiss", args=[job.pk]), follow=True).content.decode()
    assert "analysed again" not in page


def test_a_failed_job_shows_its_message(signed_in, user):
    _job(user, status="failed", done=2, message="model.tflite is not as pinned.")
    assert "model.tflite is not as pinned." in _page(signed_in)


def test_an_open_job_cannot_be_dismissed(signed_in, user):
    job = _job(user)
    signed_in.post(reverse("analysis:reanalysis-dismiss", args=[job.pk]))
    assert ReanalysisJob.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("name", ["reanalysis-cancel", "reanalysis-dismiss"])
def test_jobs_of_other_users_are_404(signed_in, other_user, name):
    job = _job(other_user, status="running")
    assert signed_in.post(reverse(f"analysis:{name}", args=[job.pk])).status_code == 404
    assert signed_in.post(reverse(f"analysis:{name}", args=[uuid.uuid4()])).status_code == 404
    job.refresh_from_db()
    assert job.status == "running"


def test_progress_of_other_users_is_not_shown(signed_in, other_user):
    _job(other_user, status="running", done=3)
    assert "3 of 8" not in _page(signed_in)


def test_scripts_of_visitors_get_401(client, db):
    response = client.get(reverse("analysis:reanalysis"), HTTP_ACCEPT="application/json")
    assert response.status_code == 401


def test_the_result_page_names_both_versions(signed_in, user):
    photo = make_photo(user, emotions=["happy"])
    services.record_analysis(photo=photo, recognition=make_recognition([make_face("sad", 0.8)], model="test-2"))
    page = _page(signed_in, reverse("analysis:detail", args=[photo.pk]))
    assert "Results of earlier versions" in page
    assert page.index("test-2</a>") < page.index('<th scope="row">test-1')
    assert "happy 90%" in page
