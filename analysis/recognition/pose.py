"""How a face is held, and how near the picture's border is, from its landmarks."""

from __future__ import annotations

import math

import numpy as np

from analysis.recognition.faces import Detection
from analysis.recognition.framing import box_side
from analysis.recognition.quality import Pose


def measure_pose(detection: Detection, size: tuple[int, int]) -> Pose:
    """Return the pose of a face in a picture of `size` (width, height)."""
    return Pose(turn(detection), nod(detection), border_distance(detection, size), detection.is_orientation_sure)


def turn(detection: Detection) -> float:
    """Return the nose's distance from the middle between the eyes, along their line, in distances of the eyes.

    0 for a face that looks straight ahead, larger the more it is turned, positive to the face's right in the picture.
    """
    left, right = np.array(detection.left_eye), np.array(detection.right_eye)
    return _share((left + right) / 2, right - left, detection)


def nod(detection: Detection) -> float:
    """Return how far the nose's tip is on the way from the eyes to the mouth: 0 at the eyes, 1 at the mouth.

    About 0.54 for a face held straight, more if it is bowed, less if it is raised.
    """
    eyes = (np.array(detection.left_eye) + np.array(detection.right_eye)) / 2
    mouth = (np.array(detection.left_mouth) + np.array(detection.right_mouth)) / 2
    return _share(eyes, mouth - eyes, detection)


def border_distance(detection: Detection, size: tuple[int, int]) -> float:
    """Return the distance from the picture's border of the eye or corner of the mouth next to it, in box sides.

    Negative outside of the picture; `size` is (width, height).
    """
    found = detection
    points = np.array([found.left_eye, found.right_eye, found.left_mouth, found.right_mouth])
    return float(min(points.min(), (np.array(size) - points).min())) / box_side(detection)


def _share(start: np.ndarray, way: np.ndarray, detection: Detection) -> float:
    """Return how far the nose is along `way` from `start`, infinite where `way` is none."""
    length = float(way @ way)
    along = float((np.array(detection.nose) - start) @ way)
    return along / length if length else math.copysign(math.inf, along)
