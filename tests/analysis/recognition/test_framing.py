"""A crop frames a face as FER-2013 does: upright, grey, 48 x 48, the mean of what each pixel covers."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from analysis.recognition.faces import Box, Detection
from analysis.recognition.framing import Frame, crop, frame_of_box

AS_FOUND = Frame(scale=1.0, right=0.0, down=0.0, turn=1.0)


def detection(x: float, y: float, side: float, *, tilt: float = 0.0) -> Detection:
    """Return a face whose eye line is turned clockwise by `tilt` degrees."""
    middle = np.array([x + side / 2, y + side / 2])
    across = side / 4 * np.array([math.cos(math.radians(tilt)), math.sin(math.radians(tilt))])
    left, right = tuple(middle - across), tuple(middle + across)
    return Detection(Box(x, y, side, side), 1.0, left, right, tuple(middle), left, right)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def test_a_face_of_48_pixels_is_not_resampled(noise: np.ndarray):
    found = crop(noise, [detection(100, 50, 48)], AS_FOUND)
    assert (found.dtype, found.shape) == (np.uint8, (1, 48, 48))
    np.testing.assert_array_equal(found[0], grey(noise[50:98, 100:148]))


@pytest.mark.parametrize("times", [2, 5])
def test_a_larger_face_is_averaged_not_sampled(noise: np.ndarray, times: int):
    (found,) = crop(noise, [detection(40, 30, 48 * times)], AS_FOUND)
    part = grey(noise[30 : 30 + 48 * times, 40 : 40 + 48 * times])
    expected = part.reshape(48, times, 48, times).mean(axis=(1, 3))
    np.testing.assert_allclose(found, expected, atol=1)


def test_very_large_faces_keep_their_brightness():
    checks = np.indices((2000, 2000)).sum(axis=0) % 2 * 255
    (found,) = crop(np.dstack([checks.astype(np.uint8)] * 3), [detection(100, 100, 1800)], AS_FOUND)
    assert np.abs(found.astype(int) - 128).max() < 40


def test_the_frame_is_scaled_and_moved(noise: np.ndarray):
    frame = Frame(scale=2.0, right=0.5, down=-0.25, turn=1.0)
    (found,) = crop(noise, [detection(100, 100, 24)], frame)
    # The box's centre is (112, 112); the frame's, half a box to the right and a quarter up, is (124, 106).
    np.testing.assert_array_equal(found, grey(noise[82:130, 100:148]))


def test_the_frame_of_a_box_is_what_is_cropped_of_an_upright_face():
    frame = Frame(scale=2.0, right=0.5, down=-0.25, turn=1.0)
    assert frame_of_box(Box(100, 94, 20, 28), frame) == Box(98, 78, 48, 48)


def test_the_edge_is_repeated_outside_the_image(noise: np.ndarray):
    (found,) = crop(noise, [detection(-20, -10, 48)], AS_FOUND)
    expected = grey(np.pad(noise[:38, :28], ((10, 0), (20, 0), (0, 0)), mode="edge"))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("place", [(-47.5, -47.5), (399, 299), (-400, 100), (100, -500), (5000, 5000)])
def test_a_face_mostly_or_wholly_outside_works(noise: np.ndarray, place: tuple[float, float]):
    assert crop(noise, [detection(*place, 48)]).shape == (1, 48, 48)


@pytest.mark.parametrize("degrees", [-40, -15, 20, 45])
def test_a_tilted_face_is_turned_upright(portrait: np.ndarray, degrees: float):
    middle = (268, 237)
    turned = cv2.warpAffine(portrait, cv2.getRotationMatrix2D(middle, -degrees, 1), (512, 600))
    upright = crop(portrait, [detection(171, 140, 194)])[0].astype(int)
    levelled = crop(turned, [detection(171, 140, 194, tilt=degrees)])[0].astype(int)
    left_alone = crop(turned, [detection(171, 140, 194)])[0].astype(int)
    assert np.abs(levelled - upright).mean() < 8 < np.abs(left_alone - upright).mean()


def test_no_faces_are_an_empty_stack(noise: np.ndarray):
    assert crop(noise, []).shape == (0, 48, 48)


def test_crops_come_in_the_detections_order(noise: np.ndarray):
    places = [detection(100, 50, 48), detection(10, 20, 60)]
    both = crop(noise, places)
    for index, place in enumerate(places):
        np.testing.assert_array_equal(both[index], crop(noise, [place])[0])


def test_an_image_wider_than_opencvs_limit_works():
    wide = np.zeros((60, 40_000, 3), np.uint8)
    wide[:, 39_000:] = 200
    assert crop(wide, [detection(39_500, 5, 40)]).min() == 200
