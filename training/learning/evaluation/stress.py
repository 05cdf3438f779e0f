"""How a network bears worse pictures than FER-2013's: the same faces blurred, small, turned, dark or half covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.learning.evaluation.metrics import Labels, Probabilities

Images = npt.NDArray[np.uint8]
Face = npt.NDArray[np.uint8]
"""Grey, uint8 (48, 48)."""


@dataclass(frozen=True)
class Condition:
    """One registry row: `change` maps a face, uint8 (48, 48), to another of the same shape."""

    name: str
    summary: str
    change: Callable[[Face], Face]


@dataclass(frozen=True)
class Stressed:
    """The accuracy under one condition, and the points it lost against the faces as they are (both 0 to 1)."""

    name: str
    summary: str
    accuracy: float
    lost: float


def blurred(sigma: float) -> Callable[[Face], Face]:
    """Return what blurs a face by a Gaussian of so many pixels."""
    return lambda face: np.asarray(cv2.GaussianBlur(face, (0, 0), sigmaX=sigma), np.uint8)


def shrunk(side: int) -> Callable[[Face], Face]:
    """Return what makes a face as one that had so many pixels along each side."""

    def shrink(face: Face) -> Face:
        small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, face.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)

    return shrink


def _jpeg(face: Face) -> Face:
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _rolled(degrees: float) -> Callable[[Face], Face]:
    def roll(face: Face) -> Face:
        height, width = face.shape
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
        border = cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(face, matrix, (width, height), borderMode=border), np.uint8)

    return roll


def _covered(half: slice) -> Callable[[Face], Face]:
    def cover(face: Face) -> Face:
        covered = face.copy()
        covered[half] = 128
        return covered

    return cover


CONDITIONS = (
    Condition("blur", "Gaussian blur, sigma 1.5 pixels", blurred(1.5)),
    Condition("jpeg", "JPEG of quality 30", _jpeg),
    Condition("small", "24 x 24 pixels, enlarged", shrunk(24)),
    Condition("roll_left", "turned by 20 degrees anticlockwise", _rolled(20)),
    Condition("roll_right", "turned by 20 degrees clockwise", _rolled(-20)),
    Condition("half_light", "half as bright", lambda face: face // 2),
    Condition("lower_covered", "lower half covered with grey", _covered(slice(24, 48))),
    Condition("upper_covered", "upper half covered with grey", _covered(slice(0, 24))),
)


def stress(probabilities: Callable[[Images], Probabilities], images: Images, labels: Labels) -> tuple[Stressed, ...]:
    """Classify faces, uint8 (N, 48, 48, 1), under each condition by `probabilities`, which returns (N, 7)."""
    plain = share_right(probabilities(images), labels)
    results = []
    for condition in CONDITIONS:
        changed = np.stack([condition.change(face[..., 0]) for face in images])[..., np.newaxis]
        accuracy = share_right(probabilities(changed), labels)
        results.append(Stressed(condition.name, condition.summary, accuracy, plain - accuracy))
    return tuple(results)


def share_right(probabilities: Probabilities, labels: Labels) -> float:
    """Return how many of the likeliest classes are the labels, 0 to 1."""
    return float((probabilities.argmax(axis=1) == labels).mean())
