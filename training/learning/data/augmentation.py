"""Changing training faces a little, so that the network learns the expression and not the picture.

Backend-neutral and off the network: OpenCV on uint8 batches, a few microseconds a face.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from training.learning.errors import not_one_of

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random change of each face: plus or minus, as fractions unless said otherwise."""

    flip: bool = False
    rotation: float = 0.0
    """Degrees."""
    scale: float = 0.0
    shift: float = 0.0
    """Fraction of the side."""
    light: float = 0.0
    """Brightness, as a fraction of 255, and contrast."""
    erasing: float = 0.0
    """Probability of one grey rectangle (Zhong et al., "Random Erasing Data Augmentation", 2020)."""
    degrading: float = 0.0
    """Probability of a worse picture: blurred, small and enlarged, or strongly compressed."""
    covering: float = 0.0
    """Probability that about the upper or the lower half is covered with one grey, as by a mask or a hand."""


AUGMENTATIONS: dict[str, Augmentation] = {
    "none": Augmentation(),
    "light": Augmentation(flip=True, rotation=8, scale=0.08, shift=0.06),
    "strong": Augmentation(flip=True, rotation=15, scale=0.15, shift=0.08, light=0.2, erasing=0.4),
}
AUGMENTATIONS["robust"] = replace(AUGMENTATIONS["strong"], degrading=0.25, covering=0.1)
# Detectors' frames scatter by 0.13 of the side in scale and 0.05 in place (one sigma; docs/framing.md).
AUGMENTATIONS["framed"] = replace(AUGMENTATIONS["robust"], scale=0.25, shift=0.12)
AUGMENTATIONS["lightly_framed"] = replace(AUGMENTATIONS["light"], scale=0.25, shift=0.12, light=0.1, degrading=0.15)


def find_augmentation(name: str) -> Augmentation:
    """Return the registry row; raise `LearningError` naming the known ones."""
    if name not in AUGMENTATIONS:
        raise not_one_of("augmentation", name, list(AUGMENTATIONS))
    return AUGMENTATIONS[name]


def augment(images: Images, augmentation: Augmentation, rng: np.random.Generator) -> Images:
    """Return changed copies of (N, 48, 48, 1) uint8 faces; the input stays as it was."""
    if augmentation == Augmentation():
        return images.copy()
    return np.stack([_augment_one(image[..., 0], augmentation, rng) for image in images])[..., np.newaxis]


def _augment_one(image: Images, how: Augmentation, rng: np.random.Generator) -> Images:
    side = image.shape[0]
    matrix = _matrix(side, how, rng)
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    warped = np.asarray(cv2.warpAffine(image, matrix, (side, side), flags=flags, borderMode=border), np.uint8)
    if how.light:
        contrast = 1 + rng.uniform(-how.light, how.light)
        brightness = 255 * rng.uniform(-how.light, how.light)
        middle = float(warped.mean())
        lit = (warped - middle) * contrast + middle + brightness
        warped = np.asarray(cv2.convertScaleAbs(np.maximum(lit, 0)), np.uint8)
    if how.degrading and rng.random() < how.degrading:
        warped = _degrade(warped, rng)
    if rng.random() < how.erasing:
        _erase(warped, rng)
    if how.covering and rng.random() < how.covering:
        _cover(warped, rng)
    return warped


def _matrix(side: int, how: Augmentation, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    centre = (side - 1) / 2
    angle = rng.uniform(-how.rotation, how.rotation)
    scale = 1 + rng.uniform(-how.scale, how.scale)
    matrix = np.asarray(cv2.getRotationMatrix2D((centre, centre), angle, scale), np.float64)
    matrix[:, 2] += rng.uniform(-how.shift, how.shift, 2) * side
    if how.flip and rng.random() < 0.5:
        matrix[0] = [-matrix[0, 0], -matrix[0, 1], 2 * centre - matrix[0, 2]]
    return matrix


def _erase(image: Images, rng: np.random.Generator) -> None:
    side = image.shape[0]
    height, width = rng.integers(side // 8, side // 2, 2)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    image[top : top + height, left : left + width] = rng.integers(0, 256)


def _cover(image: Images, rng: np.random.Generator) -> None:
    side = image.shape[0]
    edge = round(side * rng.uniform(0.4, 0.6))
    image[slice(edge, side) if rng.random() < 0.5 else slice(0, edge)] = rng.integers(0, 256)


def _degrade(image: Images, rng: np.random.Generator) -> Images:
    """Do to a face, uint8 (48, 48), what cameras, distance or compression do."""
    kind = rng.integers(3)
    if kind == 0:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigmaX=rng.uniform(0.5, 2.0)), np.uint8)
    if kind == 1:
        side = int(rng.integers(18, 40))
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    quality = int(rng.integers(15, 60))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
