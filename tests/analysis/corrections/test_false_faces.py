"""`manage.py measure_false_faces`, on what people called "not a face" and reviewers approved."""

import pytest
from django.core.management import CommandError, call_command

from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.photos import services
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo, make_recognition


@pytest.fixture
def approve(user, administrator):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])

    def approve(face, emotion="not_a_face"):
        correction = corrections.correct_face(face=face, by=user, emotion=emotion)
        corrections.review_correction(correction=correction, by=administrator, approve=True)

    return approve


def test_it_counts_what_is_still_found(user, hopper, approve, capsys):
    photo = services.create_photo(owner=user, name="hopper.jpg", data=hopper).photo
    portrait = photo.result.faces.get()
    corner = make_face(box=Box(10, 500, 60, 70))
    recognition = make_recognition([portrait.value, corner], model=photo.model, size=(photo.width, photo.height))
    services.record_analysis(photo=photo, recognition=recognition)
    for face in photo.analyses.get(is_current=True).faces.all():
        approve(face)
    approve(make_photo(user).result.faces.get(), "sad")
    call_command("measure_false_faces")
    assert "1 of 2 places marked as “not a face” (50%) are still found as faces" in capsys.readouterr().out


def test_what_is_private_is_not_measured(user, capsys):
    corrections.correct_face(face=make_photo(user).result.faces.get(), by=user, emotion="not_a_face")
    call_command("measure_false_faces")
    assert "No “not a face” correction has been approved yet" in capsys.readouterr().out


def test_an_unknown_version_is_named(db):
    with pytest.raises(CommandError, match="nope"):
        call_command("measure_false_faces", "nope")
