"""A photo's bytes become its faces, the same for any encoding."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from analysis.recognition.errors import RecognitionError
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.result import Recognition
from tests.support.shipped import DEFAULT

AS_STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


def encode(image: np.ndarray, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(np.ascontiguousarray(image)).save(buffer, name, **options)
    return buffer.getvalue()


def stored(image: np.ndarray, orientation: int, name: str, **options: object) -> bytes:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    return encode(AS_STORED[orientation](image), name, exif=exif, **options)


def boxes(recognition: Recognition) -> np.ndarray:
    return np.array([(f.box.x, f.box.y, f.box.width, f.box.height) for f in recognition.faces])


def test_it_returns_size_model_faces_and_times(recognizer: Recognizer, hopper: bytes):
    found = recognizer.recognize(hopper)
    assert (found.width, found.height, found.model) == (512, 600, DEFAULT)
    (face,) = found.faces
    assert sum(face.probabilities) == pytest.approx(1)
    assert face.confidence == max(face.probabilities)
    assert min(found.milliseconds.decode, found.milliseconds.detect, found.milliseconds.classify) > 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_gives_the_same_boxes_and_labels(
    recognizer: Recognizer, group: np.ndarray, orientation: int
):
    upright = recognizer.recognize_image(group)
    found = recognizer.recognize(stored(group, orientation, "PNG", compress_level=1))
    assert (found.width, found.height, found.faces) == (1280, 960, upright.faces)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_of_a_jpeg_gives_similar_results(
    recognizer: Recognizer, portrait: np.ndarray, orientation: int
):
    upright = recognizer.recognize_image(portrait)
    found = recognizer.recognize(stored(portrait, orientation, "JPEG", quality=100, subsampling=0))
    np.testing.assert_allclose(boxes(found), boxes(upright), atol=4)
    np.testing.assert_allclose(found.faces[0].probabilities, upright.faces[0].probabilities, atol=0.08)


def test_twelve_faces_are_ordered_from_left_to_right(recognizer: Recognizer, group: np.ndarray):
    found = recognizer.recognize_image(group)
    assert len(found.faces) == 12
    middles = [face.box.x + face.box.width / 2 for face in found.faces]
    assert middles == sorted(middles)


def test_a_photo_without_a_face_has_an_empty_result(recognizer: Recognizer, landscape: np.ndarray):
    found = recognizer.recognize(encode(landscape, "PNG"))
    assert (found.width, found.height, found.faces) == (640, 480, ())


def test_boxes_are_clipped_to_the_photo(recognizer: Recognizer, portrait: np.ndarray):
    cut = portrait[:, 210:]
    (face,) = recognizer.recognize_image(cut).faces
    assert face.box.x == 0
    assert face.box.width < 180


def test_metadata_does_not_change_the_answer(recognizer: Recognizer, portrait: np.ndarray):
    plain, described = encode(portrait, "PNG"), encode(portrait, "PNG", dpi=(300, 300), exif=PillowImage.Exif())
    assert recognizer.recognize(plain).faces == recognizer.recognize(described).faces


def test_an_undecodable_file_is_refused(recognizer: Recognizer):
    with pytest.raises(RecognitionError) as caught:
        recognizer.recognize(b"")
    assert caught.value.code == "empty_file"
