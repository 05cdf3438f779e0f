import io

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections.training_rows import approved_rows
from analysis.photos import services
from analysis.photos.annotated import load_picture
from analysis.photos.models import Photo
from analysis.photos.renditions import save_renditions
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from analysis.recognition.framing import crop
from analysis.recognition.renditions import render
from tests.analysis.factories import make_face, make_photo, make_recognition


@pytest.fixture(autouse=True)
def agreed(user):
    return consents.give_consent(user=user, notice_version=consents.NOTICES["training"])


@pytest.fixture
def approve(administrator):
    def approve(photo, emotion="sad"):
        face = photo.result.faces.first()
        correction = corrections.correct_face(face=face, by=photo.owner, emotion=emotion)
        return corrections.review_correction(correction=correction, by=administrator, approve=True)

    return approve


def _portrait(owner, hopper, *, cut=0):
    """A photo of Hopper with her face, without the left `cut` pixels of the portrait."""
    image = np.asarray(Image.open(io.BytesIO(hopper)).convert("RGB"))[:, cut:]
    height, width = image.shape[:2]
    box = create_detector("centerface").detect(image)[0].box
    left = max(box.x, 0)
    shown = make_face("neutral", box=Box(left, box.y, box.x + box.width - left, box.height))
    files = save_renditions(render(image))
    photo = Photo.objects.create(
        owner=owner, name="hopper.jpg", sha256=f"{cut:064}", width=width, height=height, **files
    )
    services.record_analysis(photo=photo, recognition=make_recognition([shown], size=(width, height)))
    return photo


def test_rows_have_the_data_sets_format(user, approve):
    approve(make_photo(user), "sad")
    approve(make_photo(user), "fear")
    images, labels, _ = approved_rows()
    assert (images.shape, images.dtype) == ((2, 48, 48, 1), np.uint8)
    assert labels.dtype == np.int64
    assert sorted(labels) == sorted([EMOTIONS.index("sad"), EMOTIONS.index("fear")])


def test_an_empty_pool(db):
    images, labels, _ = approved_rows()
    assert (images.shape, images.dtype, labels.shape, labels.dtype) == ((0, 48, 48, 1), np.uint8, (0,), np.int64)


def test_faces_are_framed_as_in_recognition(user, hopper, approve):
    photo = _portrait(user, hopper)
    approve(photo)
    detector, (picture, _) = create_detector("centerface"), load_picture(photo)
    expected = crop(picture, detector.detect(picture)[:1], detector.frame)
    assert np.array_equal(approved_rows().images[..., 0], expected)


def test_a_face_at_the_edge_is_detected_again(user, hopper, approve):
    photo = _portrait(user, hopper, cut=210)
    approve(photo)
    assert photo.result.faces.first().x == 0
    detector, (picture, _) = create_detector("centerface"), load_picture(photo)
    found = detector.detect(picture)[:1]
    assert found[0].box.x < 0
    assert np.array_equal(approved_rows().images[..., 0], crop(picture, found, detector.frame))


@pytest.mark.parametrize("decision", [None, False])
def test_corrections_that_are_not_approved_are_excluded(user, administrator, decision):
    correction = corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")
    if decision is not None:
        corrections.review_correction(correction=correction, by=administrator, approve=decision)
    assert len(approved_rows().labels) == 0


def test_a_withdrawn_consent_excludes_corrections(user, approve):
    approve(make_photo(user))
    consents.withdraw_consent(user=user)
    assert len(approved_rows().labels) == 0


def test_the_consents_of_other_users_are_unaffected(user, other_user, approve):
    consents.give_consent(user=other_user, notice_version=consents.NOTICES["training"])
    approve(make_photo(user), "sad")
    approve(make_photo(other_user), "fear")
    consents.withdraw_consent(user=user)
    assert list(approved_rows().labels) == [EMOTIONS.index("fear")]


def test_a_deleted_photo_is_excluded(user, approve):
    gone, kept = make_photo(user), make_photo(user)
    approve(gone, "sad")
    approve(kept, "fear")
    gone.delete()
    assert list(approved_rows().labels) == [EMOTIONS.index("fear")]


def test_a_deleted_account_is_excluded(user, approve):
    approve(make_photo(user))
    user.delete()
    assert len(approved_rows().labels) == 0


def test_an_account_being_deleted_is_excluded(user, approve):
    approve(make_photo(user))
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert len(approved_rows().labels) == 0


def test_a_withdrawn_correction_is_excluded(user, approve):
    approve(make_photo(user)).delete()
    assert len(approved_rows().labels) == 0


def test_a_photo_without_its_file_is_left_out_and_logged(user, approve, caplog):
    lost, kept = make_photo(user), make_photo(user)
    approve(lost, "sad")
    approve(kept, "fear")
    default_storage.delete(lost.picture.name)
    assert list(approved_rows().labels) == [EMOTIONS.index("fear")]
    assert str(lost.pk) in caplog.text


def test_a_photo_analysed_again_is_included_once(user, approve):
    photo = make_photo(user)
    approve(photo)
    services.record_analysis(photo=photo, recognition=make_recognition([make_face("fear")], model="test-2"))
    assert list(approved_rows().labels) == [EMOTIONS.index("sad")]
