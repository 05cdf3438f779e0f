"""Pictures that detectors are measured on: photos with their faces' boxes, and cases made from them.

Photos: ../shared/photos with faces.json, Matplotlib's and scikit-image's portraits. A case is a list of pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from matplotlib.cbook import get_sample_data

from analysis.recognition.faces import Box, Image
from analysis.recognition.images import decode

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "photos"

_HOPPER = Box(168, 120, 200, 230)
_COLLINS = Box(167, 62, 114, 140)
_WITHOUT_A_FACE = """
    brick cell chelsea chessboard_GRAY chessboard_RGB clock_motion coffee coins color grass gravel horse
    hubble_deep_field ihc logo microaneurysms moon motorcycle_left motorcycle_right page phantom retina rocket text
"""
_LARGE = 2400
_SMALL_FACE = 24


@dataclass(frozen=True)
class Picture:
    """An RGB picture, uint8 (H, W, 3), and the boxes of its faces in its pixels."""

    name: str
    image: Image
    boxes: tuple[Box, ...]


def photos() -> list[Picture]:
    """Return ../shared/photos as they are; none where they are missing."""
    if not (PHOTOS / "faces.json").exists():
        return []
    boxes = json.loads((PHOTOS / "faces.json").read_text())
    return [_read(PHOTOS / name, tuple(Box(*box) for box in each)) for name, each in boxes.items()]


def portraits() -> list[Picture]:
    """Return every picture of one face."""
    hopper = _read(Path(get_sample_data("grace_hopper.jpg", asfileobj=False)), (_HOPPER,))
    collins = [_read(path, (_COLLINS,)) for path in _samples("astronaut")]
    return [each for each in photos() if len(each.boxes) == 1] + [hopper, *collins]


def without_a_face() -> list[Picture]:
    """Return pictures without a face: nobody.jpg and scikit-image's."""
    return [each for each in photos() if not each.boxes] + [
        _read(path, ()) for path in _samples(*_WITHOUT_A_FACE.split())
    ]


def cases() -> Iterator[tuple[str, list[Picture]]]:
    """Yield each made case's name and its pictures, one face each or none."""
    one = portraits()
    for name, make in _MAKERS.items():
        yield name, [make(picture) for picture in one]
    empty = without_a_face()
    yield "no face", empty
    yield f"no face, at {_LARGE} px", [_to_longer_side(picture, _LARGE) for picture in empty]


def scaled(picture: Picture, factor: float) -> Picture:
    """Return the picture `factor` times as large."""
    height, width = picture.image.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(picture.image, size, interpolation=how), np.uint8)
    return replace(picture, image=image, boxes=tuple(box.scaled(factor) for box in picture.boxes))


def _read(path: Path, boxes: tuple[Box, ...]) -> Picture:
    return Picture(path.name, decode(path.read_bytes()), boxes)


def _samples(*names: str) -> list[Path]:
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "data"
    return [path for name in names for path in folder.glob(f"{name}.*")]


def _to_longer_side(picture: Picture, side: int) -> Picture:
    return scaled(picture, side / max(picture.image.shape[:2]))


def _cropped(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    """Cut out what lies between these pixels and inside the picture."""
    height, width = picture.image.shape[:2]
    x1, x2 = np.clip(np.rint([left, right]), 0, width).astype(int).tolist()
    y1, y2 = np.clip(np.rint([top, bottom]), 0, height).astype(int).tolist()
    boxes = tuple(Box(box.x - x1, box.y - y1, box.width, box.height) for box in picture.boxes)
    return replace(picture, image=picture.image[y1:y2, x1:x2], boxes=boxes)


def _crop_to(picture: Picture, share: float) -> Picture:
    """Crop to `share` of the face's width and height, round its middle."""
    (box,) = picture.boxes
    across, down = box.width * (1 - share) / 2, box.height * (1 - share) / 2
    return _cropped(picture, box.x + across, box.y + down, box.x + box.width - across, box.y + box.height - down)


def _cut(picture: Picture, side: str, share: float = 0.35) -> Picture:
    """Let the picture's border cut `share` of the face off."""
    (box,) = picture.boxes
    height, width = picture.image.shape[:2]
    edges = {
        "left": (box.x + share * box.width, 0, width, height),
        "right": (0, 0, box.x + (1 - share) * box.width, height),
        "top": (0, box.y + share * box.height, width, height),
        "bottom": (0, 0, width, box.y + (1 - share) * box.height),
    }
    return _cropped(picture, *edges[side])


def _turned(picture: Picture, degrees: int) -> Picture:
    """Turn the picture counterclockwise, on grey; a turned face's box keeps its sides."""
    height, width = picture.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    across, down = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = round(width * across + height * down), round(width * down + height * across)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    image = np.asarray(cv2.warpAffine(picture.image, matrix, size, borderValue=(127, 127, 127)), np.uint8)
    return replace(picture, image=image, boxes=tuple(_moved(box, matrix) for box in picture.boxes))


def _moved(box: Box, matrix: np.ndarray) -> Box:
    x, y = matrix @ (box.x + box.width / 2, box.y + box.height / 2, 1)
    return Box(x - box.width / 2, y - box.height / 2, box.width, box.height)


def _small_face(picture: Picture) -> Picture:
    (box,) = picture.boxes
    return scaled(picture, _SMALL_FACE / max(box.width, box.height))


def _small_face_in_large_photo(picture: Picture) -> Picture:
    """Put the picture, its face 24 pixels high, into the middle of a grey one of 1920 x 1440."""
    small = _small_face(picture)
    height, width = small.image.shape[:2]
    image = np.full((1440, 1920, 3), 127, np.uint8)
    left, top = 960 - width // 2, 720 - height // 2
    image[top : top + height, left : left + width] = small.image
    return replace(small, image=image, boxes=tuple(Box(b.x + left, b.y + top, b.width, b.height) for b in small.boxes))


def _blurred(picture: Picture) -> Picture:
    (box,) = picture.boxes
    return replace(picture, image=np.asarray(cv2.GaussianBlur(picture.image, (0, 0), box.width / 20), np.uint8))


def _dark(picture: Picture) -> Picture:
    return replace(picture, image=(picture.image * 0.15).astype(np.uint8))


_MAKERS: dict[str, Callable[[Picture], Picture]] = {
    "as they are": lambda picture: picture,
    "cropped to 0.85 of the face": partial(_crop_to, share=0.85),
    "cropped to 0.7 of the face": partial(_crop_to, share=0.7),
    **{f"cut at the {side}": partial(_cut, side=side) for side in ("left", "right", "top", "bottom")},
    **{f"turned by {degrees}°": partial(_turned, degrees=degrees) for degrees in (45, 90, 135, 180)},
    "half size": partial(scaled, factor=0.5),
    "face of 24 px": _small_face,
    "face of 24 px in 1920 x 1440": _small_face_in_large_photo,
    "blurred": _blurred,
    "dark": _dark,
}
