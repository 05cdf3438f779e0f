"""A sequence's frames are searched whole now and then, and otherwise round the faces of the frame before."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.recognition.bundle import Bundle
from analysis.recognition.detectors.centerface_frames import CenterFaceFrames
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.detectors.sequence import WHOLE_SECONDS, SequenceSearch, WholeFrames
from analysis.recognition.faces import Box, Detection, Image
from analysis.recognition.recognizer import Recognizer

IMAGE = np.zeros((360, 480, 3), np.uint8)
GAP = 0.2


def found(x: float, y: float = 120, side: float = 90) -> Detection:
    shares = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.4, 0.8), (0.6, 0.8))
    points = [(x + right * side, y + down * side) for right, down in shares]
    return Detection(Box(x, y, side, side), 0.9, *points)


class Scene:
    """A detector of the faces in `faces`; `overlooked` ones only a look near them finds. `whole` and `near` count."""

    def __init__(self, *faces: Detection) -> None:
        self.faces = list(faces)
        self.overlooked: list[Detection] = []
        self.whole = self.near = 0
        self.coarse: list[bool] = []

    def detect(self, image: Image, *, is_coarse: bool = False) -> list[Detection]:
        self.whole += 1
        self.coarse.append(is_coarse)
        return list(self.faces)

    def detect_near(self, image: Image, face: Detection) -> Detection | None:
        self.near += 1
        seen = [each for each in self.faces + self.overlooked if each.box.overlap(face.box) > 0.2]
        return max(seen, key=lambda each: each.box.overlap(face.box), default=None)


class Run:
    """A sequence whose frames come every `GAP` seconds."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.sequence = SequenceSearch()
        self.at = 100.0

    def frame(self, *faces: Detection, image: Image = IMAGE, gap: float = GAP) -> list[float]:
        """Search the next frame, of these faces; return the left sides of the faces found."""
        self.scene.faces = list(faces)
        self.at += gap
        return sorted(face.box.x for face in self.sequence.search(self.scene, image, self.at))


@pytest.fixture
def run() -> Run:
    return Run(Scene())


def test_between_two_searches_of_the_whole_frame_faces_are_followed(run: Run):
    frames = [found(100 + 10 * index) for index in range(12)]
    assert [run.frame(face) for face in frames] == [[face.box.x] for face in frames]
    seconds = 11 * GAP
    assert run.scene.whole == 1 + int(seconds / WHOLE_SECONDS)
    assert run.scene.near == len(frames) - run.scene.whole


def test_a_further_face_is_found_within_a_second(run: Run):
    run.frame(found(50))
    seen = [run.frame(found(50), found(300)) for _ in range(5)]
    assert seen == [[50]] * 4 + [[50, 300]]


def test_a_face_that_leaves_is_gone_at_once_and_found_when_it_returns(run: Run):
    run.frame(found(50))
    assert [run.frame(), run.frame(), run.frame(found(300))] == [[], [], [300]]
    assert run.scene.whole == 4


def test_the_whole_frame_is_searched_coarsely_while_faces_are_known(run: Run):
    run.frame()
    run.frame(found(50))
    run.frame(found(50), gap=WHOLE_SECONDS)
    assert run.scene.coarse == [False, False, True]


def test_a_face_that_moves_quickly_is_found_in_the_same_frame(run: Run):
    run.frame(found(50), found(300))
    assert run.frame(found(180), found(300)) == [180, 300]
    assert run.scene.whole == 2


def test_of_two_faces_that_cross_none_is_lost(run: Run):
    left = [50, 80, 110, 140, 170, 200, 230]
    right = [240, 210, 180, 150, 120, 90, 60]
    for one, other in zip(left, right, strict=True):
        assert run.frame(found(one, 120), found(other, 170)) == sorted([one, other])


def test_two_known_faces_at_one_place_are_searched_for_in_the_whole_frame(run: Run):
    run.frame(found(100), found(160))
    assert run.frame(found(130)) == [130]
    assert run.scene.whole == 2


def test_a_small_face_that_the_whole_search_overlooks_stays(run: Run):
    run.frame(found(50), found(300, side=12))
    run.scene.overlooked = [found(301, side=12)]
    assert run.frame(found(50), gap=WHOLE_SECONDS) == [50, 301]


@pytest.mark.parametrize(
    ("image", "gap"),
    [(np.zeros((480, 640, 3), np.uint8), GAP), (IMAGE, WHOLE_SECONDS), (IMAGE, -0.1)],
    ids=["another size", "a second later", "from the past"],
)
def test_other_frames_are_searched_whole(run: Run, image: Image, gap: float):
    run.frame(found(50))
    run.frame(found(60), image=image, gap=gap)
    assert run.scene.whole == 2


def test_any_other_detector_searches_every_frame_whole(run: Run):
    whole, sequence = WholeFrames(run.scene), SequenceSearch()
    run.scene.faces = [found(50)]
    for index in range(3):
        assert sequence.search(whole, IMAGE, index * GAP) == [found(50)]
    assert (run.scene.whole, run.scene.near) == (3, 0)


@pytest.fixture(scope="module")
def frames() -> CenterFaceFrames:
    return CenterFaceFrames()


def view(portrait: Image, right: int = 0, down: int = 0) -> Image:
    """480 x 360 pixels of the portrait; the face moves to the left and up by so many pixels."""
    return np.ascontiguousarray(portrait[60 + down : 420 + down, 10 + right : 490 + right])


@pytest.mark.parametrize(("right", "down"), [(0, 0), (20, 60), (-10, -60)])
def test_a_face_is_found_near_where_it_was(frames: CenterFaceFrames, portrait: Image, right: int, down: int):
    (before,) = frames.detect(view(portrait))
    image = view(portrait, right, down)
    now, (reference,) = frames.detect_near(image, before), create_detector("centerface").detect(image)
    assert now is not None
    assert now.box.overlap(reference.box) > 0.75
    assert np.hypot(*np.subtract(now.left_eye, reference.left_eye)) < 0.1 * reference.box.width


def test_a_face_that_is_gone_is_not_found_near_where_it_was(
    frames: CenterFaceFrames, portrait: Image, landscape: Image
):
    (before,) = frames.detect(view(portrait))
    assert frames.detect_near(landscape[:360, :480], before) is None
    assert frames.detect(landscape) == []


@pytest.mark.parametrize("side", [320, 480])
def test_a_face_that_fills_the_frame_is_found(frames: CenterFaceFrames, portrait: Image, side: int):
    (face,) = frames.detect(portrait[140:330, 190:360].repeat(side // 160, axis=0).repeat(side // 160, axis=1))
    assert face.box.width > side / 2


def test_a_frame_has_the_same_faces_as_a_photo(bundle: Bundle, portrait: Image):
    recognizer, sequence = Recognizer(bundle, create_detector("centerface")), SequenceSearch()
    answers = []
    for index in range(7):
        image = view(portrait, 2 * index)
        (face,) = recognizer.recognize_frame(image, sequence, index / 30).faces
        (reference,) = recognizer.recognize_image(image).faces
        assert face.box.overlap(reference.box) > 0.75
        answers.append([face.probabilities, reference.probabilities])
    of_frames, of_photos = np.mean(answers, axis=0)
    assert abs(of_frames - of_photos).sum() / 2 < 0.15
