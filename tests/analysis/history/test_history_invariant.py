"""After any sequence of services, the sums match the saved faces and samples."""

import datetime as dt
import random
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F

from analysis.corrections import services as corrections
from analysis.corrections.models import CORRECTIONS
from analysis.history.models import HistoryRollup, HistorySum
from analysis.management.verify_history import rebuild_history, verify_history
from analysis.photos import services
from analysis.photos.list_queries import SHOWS_FIELDS
from analysis.photos.models import Face, Photo
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from analysis.sessions import services as sessions
from analysis.sessions.models import Sample, Session
from tests.analysis.factories import make_face, make_photo, make_recognition

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


class RandomHistory:
    """Calls random services on a user's history."""

    def __init__(self, owner, seed):
        self.owner, self.rng = owner, random.Random(seed)

    def step(self, steps):
        for _ in range(steps):
            self.rng.choice(
                [
                    self.upload,
                    self.upload,
                    self.analyse_again,
                    self.correct,
                    self.correct,
                    self.delete_photos,
                    self.record,
                    self.record,
                    self.delete_session,
                ]
            )()

    def upload(self):
        at = NOON + dt.timedelta(minutes=self.rng.uniform(0, 3000))
        make_photo(self.owner, faces=self._faces(), created_at=at)

    def analyse_again(self):
        if photo := Photo.objects.owned_by(self.owner).order_by("?").first():
            model = self.rng.choice(["test-1", "test-2"])
            services.record_analysis(photo=photo, recognition=make_recognition(self._faces(), model=model))

    def correct(self):
        faces = Face.objects.current().owned_by(self.owner).select_related("analysis")
        if face := faces.order_by("?").first():
            emotion = self.rng.choice([each for each in CORRECTIONS if each != face.emotion])
            correction = corrections.correct_face(face=face, by=self.owner, emotion=emotion)
            if self.rng.random() < 0.3:
                corrections.withdraw_correction(correction=correction)

    def delete_photos(self):
        photos = Photo.objects.owned_by(self.owner).order_by("?")[: self.rng.randrange(3)]
        services.delete_photos(owner=self.owner, ids=[photo.pk for photo in photos])

    def record(self):
        session = Session.objects.owned_by(self.owner).order_by("?").first()
        if session is None or self.rng.random() < 0.3:
            at = NOON + dt.timedelta(minutes=self.rng.uniform(0, 3000))
            source = self.rng.choice(["live", "video"])
            session = sessions.start_session(owner=self.owner, source=source, started_at=at)
        samples = [self._sample(session) for _ in range(self.rng.randrange(1, 40))]
        sessions.record_samples(samples=[*samples, *samples[:3]])

    def delete_session(self):
        if session := Session.objects.owned_by(self.owner).order_by("?").first():
            sessions.delete_session(session=session)

    def _faces(self):
        return [make_face(self.rng.choice(EMOTIONS), self.rng.uniform(0.2, 1)) for _ in range(self.rng.randrange(4))]

    def _sample(self, session):
        face = make_face(self.rng.choice(EMOTIONS), self.rng.uniform(0.2, 1))
        return sessions.NewSample(
            session_id=session.pk,
            second=self.rng.randrange(2000),
            face=self.rng.randrange(1, 3),
            frames=5,
            model="test-1",
            probabilities=face.probabilities,
        )


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_right_after_every_step(user, other_user, seed):
    history, other = RandomHistory(user, seed), RandomHistory(other_user, seed + 100)
    for _ in range(8):
        history.step(5)
        other.step(1)
        assert verify_history(owner=user) == verify_history(owner=other_user) == []
    for owner in (user, other_user):
        services.delete_photos(owner=owner, ids=owner.photos.values_list("pk", flat=True))
        sessions.delete_sessions(owner=owner, ids=owner.sessions.values_list("pk", flat=True))
    assert not HistorySum.objects.exists()
    assert not HistoryRollup.objects.exists()


def test_a_session_with_samples_is_never_discarded_as_empty(user):
    history = RandomHistory(user, 1)
    history.record()
    assert not sessions.discard_empty_session(session_id=Session.objects.get().pk)
    assert Sample.objects.exists()
    assert verify_history(owner=user) == []


def test_the_migration_fills_the_sums(user, other_user):
    for seed, owner in enumerate((user, other_user)):
        history = RandomHistory(owner, seed)
        history.correct = history.upload  # nothing of it counted then
        history.step(20)
    columns = ["pk", "search_name", "model", "face_count", "confidence", *SHOWS_FIELDS]
    photos = list(Photo.objects.order_by("pk").values_list(*columns))
    sums = list(HistorySum.objects.order_by("owner", "quarter", "source", "emotion", "model").values_list())
    empty = {"search_name": "", "model": "", "face_count": 0, "confidence": None, **dict.fromkeys(SHOWS_FIELDS, False)}
    Photo.objects.update(**empty)
    HistorySum.objects.filter(source="live").delete()

    migration = import_module("analysis.migrations.0009_fill_history")
    migration.fill_photos(apps, None)
    migration.fill_sums(apps, None)
    HistorySum.objects.update(corrected_emotion=F("emotion"))

    assert list(Photo.objects.order_by("pk").values_list(*columns)) == photos
    again = HistorySum.objects.order_by("owner", "quarter", "source", "emotion", "model").values_list()
    assert [row[1:] for row in again] == [row[1:] for row in sums]
    assert verify_history(owner=user) == verify_history(owner=other_user) == []


def test_the_migration_counts_corrections(user):
    faces = [make_face("happy", box=Box(5, 8, 20, 24)), make_face("sad", 0.4, box=Box(35, 8, 20, 24))]
    photo, other = make_photo(user, faces=faces), make_photo(user, faces=faces)
    for face, emotion in zip(photo.result.faces.all(), ("fear", "angry"), strict=True):
        corrections.correct_face(face=face, by=user, emotion=emotion)
    columns = [*SHOWS_FIELDS, "answered_bits", "is_corrected", "has_uncertain"]
    right = [Photo.objects.values(*columns).get(pk=each.pk) for each in (photo, other)]
    assert [each["has_uncertain"] for each in right] == [False, True]

    Face.objects.update(corrected_emotion="")
    as_answered = dict.fromkeys(SHOWS_FIELDS, False) | {"shows_happy": True, "shows_sad": True}
    Photo.objects.update(**as_answered, answered_bits=0, is_corrected=False, has_uncertain=False)
    rebuild_history(owner=user)
    migration = import_module("analysis.migrations.0024_fill_faces_as_corrected")
    migration.fill_rows(apps, None)
    migration.fill_photos(apps, None)

    assert [Photo.objects.values(*columns).get(pk=each.pk) for each in (photo, other)] == right
    assert verify_history(owner=user) == []
