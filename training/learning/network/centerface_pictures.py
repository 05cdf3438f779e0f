"""Pictures that show CenterFace's int8 conversion the ranges of its layers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.images import decode
from training.learning.errors import LearningError

Picture = npt.NDArray[np.uint8]

COUNT = 24
WIDTH, HEIGHT = 640, 480

_BACKGROUNDS = ("coffee", "rocket", "chelsea", "brick", "text", "hubble_deep_field", "grass", "page")


def calibration_pictures(seed: int = 0) -> Picture:
    """Return uint8 (24, 480, 640, 3), RGB: two portraits in the public domain on scikit-image's sample pictures.

    The portraits (Grace Hopper, US Navy, from Matplotlib; Eileen Collins, NASA, from scikit-image) stand 1 to 12
    times in each picture, 40 to 480 pixels high, some mirrored, turned, darker or blurred. Raises `LearningError`
    where scikit-image is missing.
    """
    rng = np.random.default_rng(seed)
    heads, backgrounds = _heads(), _backgrounds()
    pictures = [_picture(rng, heads, backgrounds[index % len(backgrounds)]) for index in range(COUNT)]
    return np.stack(pictures)


def _picture(rng: np.random.Generator, heads: list[Picture], background: Picture) -> Picture:
    picture = cv2.resize(background, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    for _ in range(rng.integers(1, 13)):
        side = int(40 * 12 ** rng.random())
        head = _changed(rng, _resized(heads[rng.integers(len(heads))], side))
        left, top = rng.integers(0, WIDTH - side + 1), rng.integers(0, HEIGHT - side + 1)
        picture[top : top + side, left : left + side] = head
    return np.asarray(picture, np.uint8)


def _changed(rng: np.random.Generator, head: Picture) -> Picture:
    """Mirror, turn, darken and blur the head, or not."""
    turned = _turned(head[:, :: rng.choice([-1, 1])], float(rng.choice([0, rng.uniform(0, 360)])))
    dark = np.asarray(turned * rng.uniform(0.4, 1.0), np.uint8)
    if rng.random() < 0.2:
        return np.asarray(cv2.GaussianBlur(dark, (0, 0), len(head) / 60), np.uint8)
    return dark


def _resized(head: Picture, side: int) -> Picture:
    return np.asarray(cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _turned(head: Picture, degrees: float) -> Picture:
    side = len(head)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(head, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _heads() -> list[Picture]:
    from matplotlib.cbook import get_sample_data

    hopper = decode(Path(get_sample_data("grace_hopper.jpg", asfileobj=False)).read_bytes())
    return [hopper[30:480, 40:490], _sample("astronaut")[:320, 60:380]]


def _backgrounds() -> list[Picture]:
    return [_sample(name) for name in _BACKGROUNDS]


def _sample(name: str) -> Picture:
    try:
        from skimage import data
    except ImportError as error:
        raise LearningError("CenterFace is calibrated with scikit-image. Install requirements-dev.txt.") from error
    picture = getattr(data, name)()
    if picture.ndim == 2:
        return np.repeat(picture[..., np.newaxis], 3, axis=2)
    return np.asarray(picture[..., :3], np.uint8)
