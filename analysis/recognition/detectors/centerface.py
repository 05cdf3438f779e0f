"""CenterFace: a heat map of faces' centres, with a box and five landmarks each.

Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point" (2019).
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace

import cv2
import numpy as np

from analysis.recognition import framing
from analysis.recognition.detectors.base import Floats, make_detection
from analysis.recognition.detectors.centerface_network import MAX_SIZES, CenterFaceNetwork
from analysis.recognition.detectors.looks import Look, Tile, plan_looks, resize
from analysis.recognition.detectors.orientation import is_same_way_up, is_upright, lean, turned_back, turning
from analysis.recognition.detectors.store import read_detector
from analysis.recognition.detectors.suppression import keep_best, overlaps
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.faces import Detection, Image

_THREADS = min(2, os.cpu_count() or 1)

_SURE_SCORES = ((48.0, 0.4), (20.0, 0.5))
"""(Box side in a look's pixels, score) from which a find is a face; any other is looked at again, for the boxes of
smaller ones are rough, and of pictures without a face some reach 0.41."""

_UNSURE_SCORE = 0.12
"""From it a find is looked at again: at 640 pixels nearly all faces of 9 pixels and more reach it."""

_CLOSER_OVERLAP = 0.2
"""Intersection over union with the first find; the box of a face of 10 pixels is rough."""

_SURE_MARGIN = 0.05
"""By which the score of a face turned upright must exceed that of the same turned otherwise."""

_MAX_CLOSER = 200
"""Closer looks at a picture, the likeliest finds first: a quarter of a second on one core."""


@dataclass(frozen=True)
class CloserLook:
    """A look at a square round a box: `share` box sides of the picture, at `side` pixels, for `min_score` or more.

    `is_quick` leaves out up to three pixels at the edge, for OpenCV halves odd sides by area ten times as slowly.
    """

    side: int
    share: float
    min_score: float
    is_quick: bool = False


_CLOSER = CloserLook(side=128, share=3.0, min_score=0.6)
"""At an unsure find: 99 of 100 true ones reach the score; the best of 40 false ones was 0.54."""

_TURNED = CloserLook(side=128, share=3.0, min_score=_UNSURE_SCORE)
"""At a face that may not be upright, which is known to be a face."""


@dataclass(frozen=True)
class _Find:
    """One find: `points`, float32 (7, 2), are the box's two corners and the landmarks, in the photo's pixels.

    One that is not sure counts only where a closer look finds it again.
    """

    points: Floats
    score: float
    is_sure: bool
    is_orientation_sure: bool = True


class CenterFace:
    """Finds faces in two or three looks at a picture, and in closer ones where those are unsure or rough."""

    name = "centerface"
    frame = framing.CENTERFACE

    def __init__(self, model: bytes | None = None, *, threads: int = _THREADS, max_sizes: int = MAX_SIZES) -> None:
        """Load `model`, a LiteRT file; the shipped one, verified, unless given. Raise `RecognitionError`."""
        try:
            data = model or read_detector(self.name)
            self._network = CenterFaceNetwork(data, threads=threads, max_sizes=max_sizes)
        except (ValueError, RuntimeError) as error:
            text = gettext_noop("The detector centerface cannot be loaded: %(reason)s")
            raise RecognitionError("detector_missing", text, reason=str(error)) from error

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of an upright RGB picture, uint8 (H, W, 3), surest first."""
        return self._detect(image, self._looks(*image.shape[1::-1]))

    def _detect(self, image: Image, looks: list[Look]) -> list[Detection]:
        width, shrunk, found = image.shape[1], image, []
        for look in looks:
            # From one look to the next, not from the photo each time: that would cost more than the looking.
            shrunk = resize(shrunk, look.width, look.height)
            for tile in look.tiles:
                found += self._find(shrunk, look, tile, width / look.width)
        checked = self._check(image, _suppress(found))
        made = (self._detection(image, find) for find in _suppress(checked))
        return sorted(filter(None, made), key=lambda detection: -detection.score)

    def _detection(self, image: Image, find: _Find) -> Detection | None:
        """Return a find as a detection whose landmarks are those of the face held upright."""
        if not is_upright(find.points):
            find = self._turn_upright(image, find)
        return make_detection(find.points, find.score, image, is_orientation_sure=find.is_orientation_sure)

    def _looks(self, width: int, height: int) -> list[Look]:
        return plan_looks(width, height)

    def _find(self, shrunk: Image, look: Look, tile: Tile, scale: float) -> list[_Find]:
        """Return the finds of one tile; `scale` is the photo's pixels along one of the look's."""
        finds, scores = self._network.find(shrunk[tile.top : tile.bottom, tile.left : tile.right], _UNSURE_SCORE)
        found = []
        for row in keep_best(finds, scores):
            side, score = float((finds[row, 1] - finds[row, 0]).mean()), float(scores[row])
            if not look.min_face <= side <= look.max_face:
                continue
            points = (finds[row] + np.array([tile.left, tile.top], np.float32)) * np.float32(scale)
            is_sure = look.is_reliable and any(side >= least and score >= sure for least, sure in _SURE_SCORES)
            found.append(_Find(points, score, is_sure))
        return found

    def _check(self, image: Image, found: list[_Find]) -> list[_Find]:
        """Return the sure finds, and what a closer look finds of the others, surest first."""
        unsure = [find for find in found if not find.is_sure][:_MAX_CLOSER]
        closer = (self._look_closer(image, find.points[:2]) for find in unsure)
        return [find for find in found if find.is_sure] + [find for find in closer if find]

    def _look_closer(self, image: Image, box: Floats, look: CloserLook = _CLOSER) -> _Find | None:
        """Return the best find in a square round `box`, float32 (2, 2), its corners, that overlaps it, or None."""
        return self._look_into(_Square(image, box, look), look)

    def _turn_upright(self, image: Image, find: _Find) -> _Find:
        """Return the surest find of eight closer looks, each with the picture turned otherwise.

        CenterFace learnt from upright faces: the landmarks of others are rough and may be those of an upright one. So
        the picture is looked at as it is, turned as the landmarks say, and each by 90, 180 and 270 degrees more.
        """
        square = _Square(image, find.points[:2], _TURNED)
        angles = (start + quarter * math.pi / 2 for start in (0.0, lean(find.points)) for quarter in range(4))
        looks = (self._look_into(square, _TURNED, angle) for angle in angles)
        found = sorted(filter(None, looks), key=lambda each: -each.score)
        if not found:
            return replace(find, is_orientation_sure=False)
        best, *others = found
        rivals = (other for other in others if not is_same_way_up(best.points, other.points))
        return replace(best, is_orientation_sure=all(best.score - rival.score >= _SURE_MARGIN for rival in rivals))

    def _look_into(self, square: _Square, look: CloserLook, angle: float = 0.0) -> _Find | None:
        finds, scores = square.search(self._network, look.min_score, angle)
        scores = scores * (overlaps(square.box, finds)[0] > _CLOSER_OVERLAP)
        if not scores.any():
            return None
        best = int(scores.argmax())
        return _Find(finds[best], float(scores[best]), is_sure=True)


class _Square:
    """What is round a box, as `look` says, black beyond the picture."""

    def __init__(self, image: Image, box: Floats, look: CloserLook) -> None:
        self.box = box
        near, far = box
        reach = float((far - near).mean()) * look.share / 2
        size = np.array([image.shape[1], image.shape[0]])
        first = np.clip(np.floor((near + far) / 2 - reach), 0, size - 1).astype(int)
        last = np.clip(np.ceil((near + far) / 2 + reach), first + 1, size).astype(int)
        if look.is_quick:
            last = np.maximum(last - (last - first) % 4, first + 1)
        self._first = first.astype(np.float32)
        self._scale = look.side / max(2 * reach, *(last - first))
        width, height = np.maximum(np.rint((last - first) * self._scale), 1).astype(int).tolist()
        self._middle = (near + far) / 2 * self._scale - self._first * self._scale
        self._pixels = np.zeros((look.side, look.side, 3), np.uint8)
        self._pixels[:height, :width] = resize(image[first[1] : last[1], first[0] : last[0]], width, height)

    def search(self, network: CenterFaceNetwork, min_score: float, angle: float) -> tuple[Floats, Floats]:
        """Return what `network` finds with the square turned anticlockwise by `angle`, in the picture's pixels."""
        if angle:
            side = len(self._pixels)
            matrix = turning(self._middle, side, angle)
            turned = np.asarray(cv2.warpAffine(self._pixels, matrix, (side, side)), np.uint8)
            finds, scores = network.find(turned, min_score)
            finds = turned_back(finds, matrix, angle)
        else:
            finds, scores = network.find(self._pixels, min_score)
        return np.asarray(finds / self._scale + self._first, np.float32), scores


def _suppress(found: list[_Find]) -> list[_Find]:
    """Return one find a face, surest first."""
    if not found:
        return []
    scores = np.array([find.score for find in found], np.float32)
    return [found[row] for row in keep_best(np.stack([find.points for find in found]), scores)]
