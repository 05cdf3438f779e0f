"""Withdrawing the consent to the analysis of photos cancels re-analyses."""

import pytest
from django.urls import reverse

from analysis import engine
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import ReanalysisError
from analysis.photos import reanalysis
from analysis.photos.models import Analysis, ReanalysisJob
from tests.analysis.factories import make_face, make_photo, make_recognition


class FakeEngine:
    """Replaces the engine; the version "test-2" finds a sad face in every picture."""

    name = "test-2"

    def __init__(self):
        self.seen = 0
        self.before = lambda: None

    def recognize(self, data, **kwargs):
        self.seen += 1
        self.before()
        return make_recognition([make_face("sad")], model=self.name)


@pytest.fixture
def fake_engine(monkeypatch):
    fake_engine = FakeEngine()
    monkeypatch.setattr(engine, "active_model", lambda: fake_engine)
    monkeypatch.setattr(engine, "recognize", fake_engine.recognize)
    return fake_engine


def withdraw(user):
    consents.withdraw_consent(user=user, purpose="photos")


def run(job):
    reanalysis.run_reanalysis(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_history_cannot_be_analysed_again(user, fake_engine):
    make_photo(user)
    withdraw(user)
    with pytest.raises(ReanalysisError, match="You have not agreed") as refused:
        reanalysis.start_reanalysis(owner=user)
    assert refused.value.code == "consent_needed"
    assert not ReanalysisJob.objects.exists()


def test_the_history_page_shows_the_error(user, signed_in, fake_engine):
    make_photo(user)
    withdraw(user)
    answered = signed_in.post(reverse("analysis:reanalysis-start"), follow=True)
    assert b"You have not agreed that your photos and videos are analysed" in answered.content


def test_a_queued_job_is_cancelled(user, other_user, fake_engine):
    make_photo(user), make_photo(other_user)
    job, others = (reanalysis.start_reanalysis(owner=owner) for owner in (user, other_user))
    withdraw(user)
    assert run(job).status == "cancelled"
    assert fake_engine.seen == 0
    assert run(others).status == "finished"


def test_another_purpose_does_not_cancel_it(user, fake_engine):
    make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    consents.withdraw_consent(user=user, purpose="training")
    assert run(job).status == "finished"


def test_a_running_job_saves_nothing_more(user, fake_engine):
    for _ in range(3):
        make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    fake_engine.before = lambda: withdraw(user) if fake_engine.seen == 2 else None
    assert run(job).status == "cancelled"
    assert fake_engine.seen == 2
    assert Analysis.objects.filter(model="test-2").count() == 1


def test_a_job_started_meanwhile_analyses_nothing(user, fake_engine):
    make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    # As when it was taken back between the question and the job's row.
    Consent.objects.all().delete()
    assert (run(job).status, fake_engine.seen) == ("failed", 0)
    assert job.message.startswith("You have not agreed")
