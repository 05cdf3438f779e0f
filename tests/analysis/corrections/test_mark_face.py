"""A face that the detector missed, marked by a person."""

import io
import math

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from analysis import engine
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.errors import CorrectionError
from analysis.management.verify_history import verify_history
from analysis.photos import services
from analysis.photos.models import Face, Photo
from analysis.photos.renditions import save_renditions
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.detectors.shared import SharedDetector
from analysis.recognition.faces import Box
from analysis.recognition.marking import detect_marked, upright_detection
from analysis.recognition.renditions import render
from tests.analysis.factories import make_photo, make_recognition

WIDTH, HEIGHT = 512, 600
NOBODY = Box(20, 480, 60, 70)
"""In a corner of the portrait."""


@pytest.fixture(scope="module")
def image(hopper):
    return np.asarray(Image.open(io.BytesIO(hopper)).convert("RGB"))


@pytest.fixture(scope="module")
def box(image):
    """Her face, as the detector finds it."""
    return create_detector("centerface").detect(image)[0].box


@pytest.fixture
def photo(user, image):
    """The portrait, of whose face the detector is said to have found nothing."""
    photo = Photo.objects.create(
        owner=user, name="hopper.jpg", sha256="0" * 64, width=WIDTH, height=HEIGHT, **save_renditions(render(image))
    )
    recognition = make_recognition([], model=engine.active_model().name, size=(WIDTH, HEIGHT))
    services.record_analysis(photo=photo, recognition=recognition)
    return photo


@pytest.fixture
def misses(monkeypatch):
    """A detector that finds nobody in a whole photo."""
    detect = SharedDetector.detect
    monkeypatch.setattr(
        SharedDetector, "detect", lambda self, image: [] if image.shape[:2] == (HEIGHT, WIDTH) else detect(self, image)
    )


def _mark(photo, box):
    return corrections.mark_face(photo=photo, by=photo.owner, box=box)


def test_landmarks_in_the_box_align_it(image, box):
    drawn = Box(box.x - 15, box.y + 10, box.width * 1.1, box.height * 0.9)
    found = detect_marked(image, drawn, create_detector("centerface"))
    assert found.box.overlap(box) > 0.85
    assert found.left_eye[0] < found.nose[0] < found.right_eye[0]


def test_a_box_without_landmarks_is_framed_as_it_is(image):
    assert detect_marked(image, NOBODY, create_detector("centerface")) == upright_detection(NOBODY)


def test_it_counts_at_once_and_says_that_a_person_marked_it(user, photo, misses, box):
    face = _mark(photo, box)
    assert (face.is_marked, face.position) == (True, 1)
    assert sum(face.probabilities) == pytest.approx(1, abs=1e-3)
    photo.refresh_from_db()
    assert (photo.face_count, photo.is_corrected) == (1, True)
    assert verify_history(owner=user) == []


def test_the_network_sees_what_it_sees_of_a_detected_face(photo, misses, box, monkeypatch):
    face = _mark(photo, box)
    monkeypatch.undo()
    (detected,) = services.recognize_photo(photo=photo, marks=[]).faces
    assert face.value.box.overlap(detected.box) > 0.8
    assert face.probabilities == pytest.approx(detected.probabilities, abs=0.25)


def test_undoing_it_leaves_nothing(user, photo, misses, box):
    face = _mark(photo, box)
    corrections.correct_face(face=face, by=user, emotion="fear")
    corrections.unmark_face(face=face)
    photo.refresh_from_db()
    assert (Face.objects.count(), photo.face_count, photo.is_corrected) == (0, 0, False)
    assert verify_history(owner=user) == []


def test_a_found_face_cannot_be_unmarked(user):
    with pytest.raises(CorrectionError) as raised:
        corrections.unmark_face(face=make_photo(user).result.faces.first())
    assert raised.value.code == "not_marked"


def test_a_photo_of_another_version_is_analysed_again_with_it(user, photo, misses, box):
    Photo.objects.get().result.__class__.objects.update(model="older")
    face = _mark(photo, box)
    assert (face.is_marked, face.analysis.model) == (True, engine.active_model().name)
    assert Photo.objects.get().model == engine.active_model().name
    assert verify_history(owner=user) == []


def test_another_version_analyses_it_again(user, photo, misses, box):
    _mark(photo, box)
    marks = services.marked_boxes(photo)
    later = services.recognize_photo(photo=photo, marks=marks)
    services.record_analysis(photo=photo, recognition=later)
    (face,) = Photo.objects.get().result.faces.all()
    assert face.is_marked
    assert face.value.box.overlap(box) > 0.8


def test_another_version_that_finds_it_needs_no_mark(photo, misses, box, monkeypatch):
    _mark(photo, box)
    monkeypatch.undo()
    later = services.recognize_photo(photo=photo, marks=services.marked_boxes(photo))
    services.record_analysis(photo=photo, recognition=later)
    (face,) = Photo.objects.get().result.faces.all()
    assert not face.is_marked


@pytest.mark.parametrize(
    ("box", "code"),
    [
        (Box(-10, 10, 60, 60), "box_outside"),
        (Box(480, 10, 60, 60), "box_outside"),
        (Box(10, 560, 60, 60), "box_outside"),
        (Box(math.nan, 10, 60, 60), "box_outside"),
        (Box(10, 10, math.inf, 60), "box_outside"),
        (Box(10, 10, 60, 19), "box_too_small"),
        (Box(10, 10, 0, 60), "box_too_small"),
        (Box(100, 100, -60, 60), "box_too_small"),
    ],
)
def test_a_box_that_is_none_is_refused(photo, box, code):
    with pytest.raises(CorrectionError) as raised:
        _mark(photo, box)
    assert raised.value.code == code
    assert not Face.objects.exists()


def test_what_rounding_puts_outside_is_cut_off(photo, misses):
    assert _mark(photo, Box(-0.4, 480, 60, 120.3)).x == 0


def test_a_face_is_marked_once(photo, misses, box):
    _mark(photo, box)
    with pytest.raises(CorrectionError) as raised:
        _mark(photo, box)
    assert raised.value.code == "already_found"
    assert Face.objects.count() == 1


def test_without_a_picture_nothing_can_be_marked(photo):
    services.delete_photo_files(photos=Photo.objects.all())
    with pytest.raises(CorrectionError) as raised:
        _mark(Photo.objects.get(), NOBODY)
    assert raised.value.code == "picture_removed"


def test_it_needs_the_consent_to_analysis(user, photo):
    consents.withdraw_consent(user=user, purpose="photos")
    with pytest.raises(CorrectionError) as raised:
        _mark(photo, NOBODY)
    assert raised.value.code == "consent_needed"


def test_the_api_marks_and_unmarks(api, photo, misses, box):
    data = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    answer = api.post(f"/api/v1/analyses/{photo.pk}/faces/", data, format="json")
    assert (answer.status_code, answer.json()["is_marked"]) == (201, True)
    again = api.post(f"/api/v1/analyses/{photo.pk}/faces/", data, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_found")
    outside = api.post(f"/api/v1/analyses/{photo.pk}/faces/", {**data, "x": -50}, format="json")
    assert (outside.status_code, outside.json()["code"]) == (400, "box_outside")
    assert api.delete(f"/api/v1/faces/{answer.json()['id']}/").status_code == 204
    assert not Face.objects.exists()


def test_the_page_marks_and_unmarks(signed_in, photo, misses, box):
    data = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    path = reverse("analysis:face-mark", args=[photo.pk])
    assert signed_in.post(path, data)["Location"] == reverse("analysis:detail", args=[photo.pk]) + "#face-1"
    signed_in.post(reverse("analysis:face-unmark", args=[Face.objects.get().pk]))
    assert not Face.objects.exists()
    assert b"Draw a box" in signed_in.post(path, {"x": "left"}, follow=True).content


def test_photos_and_faces_of_other_users_are_404(others_api, photo, misses, box):
    face = _mark(photo, box)
    data = {"x": 10, "y": 10, "width": 60, "height": 60}
    assert others_api.post(f"/api/v1/analyses/{photo.pk}/faces/", data, format="json").status_code == 404
    assert others_api.delete(f"/api/v1/faces/{face.pk}/").status_code == 404
    assert Face.objects.exists()
