import uuid
from dataclasses import replace

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from analysis import engine
from analysis.corrections import services as corrections
from analysis.errors import ReanalysisError
from analysis.photos import reanalysis, services
from analysis.photos.models import Face, Photo, ReanalysisJob
from analysis.photos.renditions import save_renditions
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Box
from analysis.recognition.renditions import render
from tests.analysis.factories import make_photo, make_recognition


def _run(job):
    reanalysis.run_reanalysis(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_it_is_queued_for_photos_of_other_versions(user, other_user, start, sent):
    done, _, _ = make_photo(user), make_photo(user), make_photo(other_user)
    services.record_analysis(photo=done, recognition=make_recognition([], model="test-2"))
    job = start()
    assert (job.status, job.model, job.total) == ("queued", "test-2", 1)
    assert sent == [job.pk]


def test_photos_of_another_detector_are_outdated(user, start):
    done, old = make_photo(user), make_photo(user)
    for photo, detector in ((done, "centerface"), (old, "blazeface")):
        recognition = replace(make_recognition([], model="test-2"), detector=detector)
        services.record_analysis(photo=photo, recognition=recognition)
    assert _run(start()).total == 1
    assert [photo.analyses.get(is_current=True).detector for photo in (done, old)] == ["centerface", "centerface"]
    with pytest.raises(ReanalysisError, match="already been analysed with test-2"):
        start()


def test_the_task_is_sent_after_the_commit(user, fake_engine, sent):
    make_photo(user)
    reanalysis.start_reanalysis(owner=user)
    assert sent == []


def test_earlier_results_are_kept(user, start):
    photo = make_photo(user, emotions=["happy"])
    job = _run(start())
    assert (job.status, job.done, job.failed) == ("finished", 1, 0)
    assert [(a.model, a.is_current, a.faces.get().emotion) for a in photo.analyses.order_by("pk")] == [
        ("test-1", False, "happy"),
        ("test-2", True, "sad"),
    ]


def test_a_correction_moves_to_the_new_result(user, start):
    photo = make_photo(user, emotions=["happy"])
    correction = corrections.correct_face(face=photo.result.faces.get(), by=user, emotion="fear")
    _run(start())
    correction.refresh_from_db()
    assert correction.face.analysis.model == "test-2"


def test_a_face_marked_meanwhile_is_not_lost(user, start, fake_engine):
    photo = make_photo(user)
    fake_engine.before = lambda: Face.objects.current().update(is_marked=True)
    job = _run(start())
    assert (job.status, job.done, job.failed) == ("finished", 1, 0)
    assert [result.model for result in photo.analyses.all()] == ["test-1"]


def test_photos_of_other_users_are_not_analysed(user, other_user, start, fake_engine):
    make_photo(user)
    others = make_photo(other_user)
    _run(start())
    assert fake_engine.seen == 1
    assert others.result.model == "test-1"


def test_boxes_are_in_pixels_of_the_original(user, start):
    files = save_renditions(render(np.zeros((100, 200, 3), np.uint8)))
    photo = Photo.objects.create(owner=user, name="wide.jpg", sha256="0" * 64, width=400, height=200, **files)
    services.record_analysis(photo=photo, recognition=make_recognition([]))
    _run(start())
    assert photo.analyses.get(is_current=True).faces.get().value.box == Box(20, 16, 60, 72)


def test_without_outdated_photos_it_is_refused(user, start):
    with pytest.raises(ReanalysisError) as raised:
        start()
    assert raised.value.code == "nothing_to_do"


def test_a_second_start_returns_the_open_job(user, start, sent):
    make_photo(user)
    assert start() == start()
    assert len(sent) == 1


def test_one_open_job_per_user(user):
    ReanalysisJob.objects.create(owner=user, model="test-2", total=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReanalysisJob.objects.create(owner=user, model="test-2", total=1, status="running")


def test_a_cancelled_job_does_not_run(user, start, fake_engine):
    make_photo(user)
    job = start()
    assert reanalysis.cancel_reanalysis(job=job)
    assert _run(job).status == "cancelled"
    assert fake_engine.seen == 0


def test_cancelling_stops_a_running_job_before_the_next_photo(user, start, fake_engine):
    for _ in range(4):
        make_photo(user)
    job = start()
    fake_engine.before = lambda: fake_engine.seen == 2 and reanalysis.cancel_reanalysis(job=job)
    assert _run(job).status == "cancelled"
    assert fake_engine.seen == 2
    assert Photo.objects.exclude(model="test-2").count() == 3
    assert job.done == 1


def test_an_ended_job_cannot_be_cancelled(user, start):
    make_photo(user)
    assert not reanalysis.cancel_reanalysis(job=_run(start()))


def test_a_job_is_run_by_one_worker(user, start, fake_engine):
    make_photo(user)
    job = start()
    fake_engine.before = lambda: reanalysis.run_reanalysis(job_id=job.pk)
    assert _run(job).done == 1
    assert fake_engine.seen == 1


def test_a_worker_that_lost_its_lease_writes_nothing(user, start, fake_engine):
    make_photo(user), make_photo(user)
    job = start()
    fake_engine.before = lambda: ReanalysisJob.objects.update(token=uuid.uuid4())
    assert _run(job).done == 0
    assert Photo.objects.exclude(model="test-2").count() == 2


def test_an_unreadable_photo_keeps_its_result(user, start, fake_engine, monkeypatch):
    lost, damaged, fine = make_photo(user), make_photo(user), make_photo(user)
    default_storage.delete(lost.picture.name)
    default_storage.delete(damaged.picture.name)
    default_storage.save(damaged.picture.name, ContentFile(b"no picture"))
    recognize = fake_engine.recognize

    def refuse(data, **kwargs):
        if data == b"no picture":
            raise RecognitionError("not_an_image", "This is no picture.")
        return recognize(data, **kwargs)

    monkeypatch.setattr(engine, "recognize", refuse)
    job = _run(start())
    assert (job.status, job.done, job.failed, job.renewed) == ("finished", 3, 2, 1)
    assert (lost.result.model, fine.analyses.get(is_current=True).model) == ("test-1", "test-2")


def test_a_photo_deleted_meanwhile_is_skipped(user, start, fake_engine):
    make_photo(user), make_photo(user)
    newest = Photo.objects.newest_first().first()
    job = start()
    fake_engine.before = lambda: Photo.objects.filter(pk=newest.pk).delete()
    assert _run(job).status == "finished"


def test_a_corrupt_model_fails_the_job_with_its_message(user, start, fake_engine):
    def refuse():
        raise RecognitionError("model_corrupt", "model.tflite is not as pinned.")

    make_photo(user)
    job = start()
    fake_engine.before = refuse
    assert (_run(job).status, job.message) == ("failed", "model.tflite is not as pinned.")


def test_an_unexpected_error_fails_the_job_and_is_raised(user, start, fake_engine):
    def fail():
        raise RuntimeError("unforeseen")

    make_photo(user)
    job = start()
    fake_engine.before = fail
    with pytest.raises(RuntimeError):
        reanalysis.run_reanalysis(job_id=job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert "unforeseen" not in job.message


def test_it_waits_for_a_busy_engine(user, start, fake_engine, monkeypatch):
    def busy_once():
        if fake_engine.seen == 1:
            raise RecognitionError("busy", "Try again.", retryable=True)

    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    make_photo(user)
    job = start()
    fake_engine.before = busy_once
    assert (_run(job).status, job.failed) == ("finished", 0)


def test_a_promotion_restarts_the_job(user, start, fake_engine):
    def promote():
        if fake_engine.seen == 2:
            fake_engine.name = "test-3"

    for _ in range(3):
        make_photo(user)
    job = start()
    fake_engine.before = promote
    assert _run(job).status == "finished"
    assert not Photo.objects.exclude(model="test-3").exists()
    assert job.most == job.done == 4


def test_a_new_job_replaces_an_ended_one(user, start, fake_engine):
    make_photo(user)
    _run(start())
    fake_engine.name = "test-3"
    job = start()
    assert ReanalysisJob.objects.get() == job


@pytest.mark.parametrize(
    ("others_job", "others_video", "seen"),
    [(True, False, 1), (False, True, 1), (False, False, 3)],
    ids=["another's job", "another's video", "nobody"],
)
def test_after_a_turn_a_job_gives_way_to_others_that_wait(
    user, other_user, start, sent, fake_engine, monkeypatch, others_job, others_video, seen
):
    for _ in range(3):
        make_photo(user)
    make_photo(other_user)
    job = start()
    if others_job:
        start(owner=other_user)
    monkeypatch.setattr(reanalysis, "TURN_SECONDS", 0)
    sent.clear()
    reanalysis.run_reanalysis(job_id=job.pk, is_another_waiting=lambda owner_id: others_video and owner_id == user.pk)
    job.refresh_from_db()
    given_way = seen < 3
    assert (job.done, job.status, sent) == (seen, "queued" if given_way else "finished", [job.pk] if given_way else [])
    assert job.token is None
    monkeypatch.setattr(reanalysis, "TURN_SECONDS", 30)
    assert _run(job).status == "finished"
