"""Whoever takes back that their photos are analysed has nothing more analysed."""

import pytest
from django.urls import reverse

from analysis import engine
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.errors import ReanalysisError
from analysis.photos import reanalysis
from analysis.photos.models import Analysis, ReanalysisJob
from tests.analysis.factories import make_face, make_photo, make_recognition


class Serving:
    """Stands for the engine: the version "test-2" finds a sad face in every picture."""

    name = "test-2"

    def __init__(self):
        self.seen = 0
        self.before = lambda: None

    def recognize(self, data):
        self.seen += 1
        self.before()
        return make_recognition([make_face("sad")], model=self.name)


@pytest.fixture
def serving(monkeypatch):
    serving = Serving()
    monkeypatch.setattr(engine, "active_model", lambda: serving)
    monkeypatch.setattr(engine, "recognize", serving.recognize)
    return serving


def withdraw(user):
    consents.withdraw_consent(user=user, purpose="photos")


def run(job):
    reanalysis.run_reanalysis(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_history_is_not_analysed_again(user, serving):
    make_photo(user)
    withdraw(user)
    with pytest.raises(ReanalysisError, match="You have not agreed") as refused:
        reanalysis.start_reanalysis(owner=user)
    assert refused.value.code == "consent_needed"
    assert not ReanalysisJob.objects.exists()


def test_the_history_page_says_why(user, signed_in, serving):
    make_photo(user)
    withdraw(user)
    answered = signed_in.post(reverse("analysis:reanalysis-start"), follow=True)
    assert b"You have not agreed that your photos and videos are analysed" in answered.content


def test_a_job_that_waits_is_cancelled(user, other_user, serving):
    make_photo(user), make_photo(other_user)
    job, others = (reanalysis.start_reanalysis(owner=owner) for owner in (user, other_user))
    withdraw(user)
    assert run(job).status == "cancelled"
    assert serving.seen == 0
    assert run(others).status == "finished"


def test_another_purpose_lets_it_go_on(user, serving):
    make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    consents.withdraw_consent(user=user, purpose="training")
    assert run(job).status == "finished"


def test_a_job_that_runs_keeps_nothing_more(user, serving):
    for _ in range(3):
        make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    serving.before = lambda: withdraw(user) if serving.seen == 2 else None
    assert run(job).status == "cancelled"
    assert serving.seen == 2
    assert Analysis.objects.filter(model="test-2").count() == 1


def test_a_job_that_slipped_in_beside_it_looks_at_nothing(user, serving):
    make_photo(user)
    job = reanalysis.start_reanalysis(owner=user)
    # As when it was taken back between the question and the job's row.
    Consent.objects.all().delete()
    assert (run(job).status, serving.seen) == ("failed", 0)
    assert job.message.startswith("You have not agreed")
