"""A face's pose follows from its landmarks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.recognition.faces import Box, Detection
from analysis.recognition.pose import border_distance, nod, turn

SIZE = 400, 300


def held(right: float, down: float, *, tilt: float = 0.0) -> Detection:
    """Return a face whose nose is so many pixels off the middle between the eyes; eyes and mouth are 40 apart.

    `tilt` is in degrees, clockwise.
    """
    angle = math.radians(tilt)
    along, below = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    points = [(-20, 0), (20, 0), (right, down), (-15, 40), (15, 40)]
    return Detection(Box(60, 40, 80, 80), 1.0, *((100 + x * along + y * below).tolist() for x, y in points))


@pytest.mark.parametrize("tilt", [0, 30, -90, 180])
def test_turn_and_nod_are_the_noses_place_along_the_faces_axes(tilt: float):
    assert turn(held(0, 20, tilt=tilt)) == pytest.approx(0)
    assert turn(held(12, 15, tilt=tilt)) == pytest.approx(12 / 40)
    assert nod(held(12, 30, tilt=tilt)) == pytest.approx(30 / 40)


def test_both_are_infinite_where_the_points_coincide():
    found = held(0, 0)
    flat = Detection(found.box, 1.0, *[found.nose] * 5)
    assert abs(turn(replace(flat, nose=(0.0, 0.0)))) == abs(nod(flat)) == math.inf


@pytest.mark.parametrize(
    ("size", "expected"), [(SIZE, 80 / 80), ((130, 300), 10 / 80), ((400, 145), 5 / 80), ((110, 300), -10 / 80)]
)
def test_the_border_may_be_near_on_any_side(size: tuple[int, int], expected: float):
    assert border_distance(held(0, 20), size) == pytest.approx(expected)
