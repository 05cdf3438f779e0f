"""Landmarks of a face that a person marked by a box, because the detector had not found it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.faces import Box, Detection, Image

SAME_FACE_OVERLAP = 0.3
"""Minimum intersection over union of a face's box and its detection."""
_SEARCH_SIDE = 160
"""Pixels that a marked box's longer side has in the image that is searched for its landmarks."""


def find_same(box: Box, detections: Sequence[Detection]) -> Detection | None:
    """Return the detection that overlaps a box enough to be of the same face."""
    best = max(detections, key=lambda detection: box.overlap(detection.box), default=None)
    return best if best is not None and box.overlap(best.box) >= SAME_FACE_OVERLAP else None


def detect_marked(image: Image, box: Box, detector: FaceDetector) -> Detection:
    """Return the face in a box of an upright RGB image, uint8 (H, W, 3), with a score of 0 where none is detected.

    The box and as much again around it are searched, enlarged or reduced: small and large faces are detected then that
    are not in the whole image. Without landmarks, those of a face held straight that fills the box are returned.
    """
    region, left, top = _around(image, box)
    scale = _SEARCH_SIDE / max(box.width, box.height)
    size = max(1, round(region.shape[1] * scale)), max(1, round(region.shape[0] * scale))
    enlarged = cv2.resize(region, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    inside = replace(box, x=box.x - left, y=box.y - top).scaled(scale)
    found = find_same(inside, detector.detect(enlarged))  # type: ignore[arg-type]
    return upright_detection(box) if found is None else _moved(found, 1 / scale, left, top)


def upright_detection(box: Box) -> Detection:
    """Return a detection of a face held straight that fills the box, with a score of 0 and estimated landmarks."""
    eyes_level, mouth_level = box.y + 0.4 * box.height, box.y + 0.8 * box.height
    left, right = box.x + 0.3 * box.width, box.x + 0.7 * box.width
    nose = (left + right) / 2, box.y + 0.6 * box.height
    mouth = (left, mouth_level), (right, mouth_level)
    return Detection(box, 0.0, (left, eyes_level), (right, eyes_level), nose, *mouth)


def _around(image: Image, box: Box) -> tuple[Image, int, int]:
    """Return the part of an image with a box and half its sides more on each side, and that part's left and top."""
    left, top = max(0, int(box.x - box.width / 2)), max(0, int(box.y - box.height / 2))
    right, bottom = int(box.x + 1.5 * box.width) + 1, int(box.y + 1.5 * box.height) + 1
    return image[top:bottom, left:right], left, top


def _moved(found: Detection, scale: float, left: int, top: int) -> Detection:
    """Return a detection in pixels of the image that `left` and `top` are of."""

    def moved(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] * scale + left, point[1] * scale + top

    box = found.box.scaled(scale)
    return replace(
        found,
        box=replace(box, x=box.x + left, y=box.y + top),
        left_eye=moved(found.left_eye),
        right_eye=moved(found.right_eye),
        nose=moved(found.nose),
        left_mouth=moved(found.left_mouth),
        right_mouth=moved(found.right_mouth),
    )
