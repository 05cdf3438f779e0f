"""Faces that move, turn, leave and return, searched as a live session's are, and as photos are.

Two portraits move over a plain background for a minute; then some of PublicTest's faces move for a second each.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage

from analysis.recognition.bundle import shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.detectors.sequence import WHOLE_SECONDS, SequenceSearch
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box, Face, Image
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from tests.bench.detection_cases import Picture, portraits
from tests.bench.live_table import Row, at_most
from training.learning.data.read import VALIDATION, read_faces

PROJECT = Path(__file__).resolve().parent.parent.parent
PACKED = PROJECT.parent / "shared" / "fer2013"
PACKED_COLUMNS = 60
FACES = int(os.environ.get("BENCH_ROWS", "1200"))
SIZE = 480, 360
RATE = 5.0
SECONDS = 60
FRAMES_OF_A_FACE = 5
"""The last is classified: neighbouring ones say the same."""
FACE_PIXELS = 130
VISIBLE_SHARE = 0.75
"""Of a box inside the frame, from which the face must be found."""


def motion(number: int, at: float) -> tuple[float, float, float, float]:
    """Return x and y of a portrait's middle, the side of its face in pixels and its lean in radians.

    Number 0 moves to and fro, and is outside for two seconds of every 20; number 1 crosses the frame below it.
    """
    if number == 0:
        away = 330 * np.sin(np.pi * (at % 20 - 12) / 6) if 12 < at % 20 < 18 else 0.0
        x = 200 + 110 * np.sin(2 * np.pi * at / 5) - away
        return x, 105 + 15 * np.sin(2 * np.pi * at / 3), 90 + 20 * np.sin(at), 0.3 * np.sin(2 * np.pi * at / 4)
    return 540 - 75 * (at % 10), 265.0, 80.0, 0.25 * np.sin(2 * np.pi * at / 3)


def paste(frame: Image, portrait: Picture, number: int, at: float) -> Box:
    """Draw the portrait's head into the frame; return the box of its face, which may be outside."""
    x, y, side, lean = motion(number, at)
    box = portrait.boxes[0]
    scale = side / box.width
    cosine, sine = scale * np.cos(lean), scale * np.sin(lean)
    middle = np.array(box.centre)
    moved = np.array([[cosine, -sine, 0], [sine, cosine, 0]])
    moved[:, 2] = (x, y) - moved[:, :2] @ middle
    mask = np.zeros(portrait.image.shape[:2], np.float32)
    axes = round(0.75 * box.width), round(0.75 * box.height)
    cv2.ellipse(mask, tuple(np.rint(middle).astype(int).tolist()), axes, 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), box.width / 20)
    head = cv2.warpAffine(portrait.image, moved, SIZE, flags=cv2.INTER_AREA)
    share = cv2.warpAffine(mask, moved, SIZE)[..., np.newaxis]
    frame[:] = np.rint(share * head + (1 - share) * frame)
    height = box.height * scale
    return Box(x - side / 2, y - height / 2, side, height)


def is_visible(box: Box) -> bool:
    return _inside(box).width >= VISIBLE_SHARE * box.width


def _inside(box: Box) -> Box:
    """Return the part of a box inside the frame: what is found of a face that leaves it."""
    x, y = max(box.x, 0.0), max(box.y, 0.0)
    width, height = min(box.x + box.width, SIZE[0]) - x, min(box.y + box.height, SIZE[1]) - y
    return Box(x, y, max(width, 0.0), max(height, 0.0))


@dataclass
class Portraits:
    """What was seen of the portraits: frames with all and some of them, their ids, and how late each was found."""

    frames: int = 0
    complete: int = 0
    others: int = 0
    ids: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    _since: dict[int, float] = field(default_factory=dict)
    _found: set[int] = field(default_factory=set)
    _stretch: int = 0

    def count(self, at: float, boxes: list[Box], faces: tuple[TrackedFace, ...]) -> None:
        matches = {number: _match(box, faces) for number, box in enumerate(boxes) if is_visible(box)}
        inside = [_inside(box) for box in boxes]
        self.others += sum(all(face.box.overlap(box) < 0.2 for box in inside) for face in faces)
        self._enter_and_leave(at, set(matches))
        known = True
        for number, face in matches.items():
            if face and number not in self._found:
                self._found.add(number)
                self.delays.append(at - self._since[number])
            if face:
                self.ids.setdefault((number, round(10 * self._since[number])), []).append(face.id)
            # One that has just entered may be found later.
            is_new = number not in self._found and at - self._since[number] <= WHOLE_SECONDS
            known &= face is not None or is_new
        self.frames += 1
        self.complete += known

    def _enter_and_leave(self, at: float, visible: set[int]) -> None:
        for number in visible - set(self._since):
            self._since[number] = at
        for number in set(self._since) - visible:
            del self._since[number]
            self._found.discard(number)

    @property
    def ids_kept(self) -> float:
        """The share of findings that have the first id of their stretch of presence."""
        every = [each == ids[0] for ids in self.ids.values() for each in ids]
        return sum(every) / max(len(every), 1)


def _match(box: Box, faces: tuple[TrackedFace, ...]) -> TrackedFace | None:
    best = max(faces, key=lambda face: face.box.overlap(box), default=None)
    return best if best and best.box.overlap(box) > 0.3 else None


def portrait_rows(recognizer: Recognizer) -> Iterator[Row]:
    """Yield what a minute of two moving portraits shows."""
    chosen = portraits()[-2:]
    rng = np.random.default_rng(0)
    background = np.tile(np.linspace(90, 170, SIZE[0])[:, np.newaxis], (SIZE[1], 1, 3))
    sequence, tracker, seen, spent = SequenceSearch(), Tracker(), Portraits(), [0.0, 0.0]
    for index in range(round(SECONDS * RATE)):
        frame = (background + rng.integers(-6, 7, background.shape)).astype(np.uint8)
        boxes = [paste(frame, portrait, number, index / RATE) for number, portrait in enumerate(chosen)]
        began = time.process_time()
        faces = recognizer.recognize_frame(frame, sequence, index / RATE).faces
        spent[0] += time.process_time() - began
        seen.count(index / RATE, boxes, tracker.update(faces, index / RATE))
        if index % 10 == 0:
            began = time.process_time()
            recognizer.recognize_image(frame)
            spent[1] += 10 * (time.process_time() - began)
    share = 100 * seen.complete / seen.frames
    yield Row("2 moving faces: frames with every face found", share, "%", "100", share == 100)
    yield at_most("2 moving faces: other boxes", seen.others, "", 0)
    yield Row("2 moving faces: ids kept", 100 * seen.ids_kept, "%", "100", seen.ids_kept == 1)
    yield at_most("2 moving faces: found after they entered, at the latest", max(seen.delays), "s", 1.2)
    for how, seconds in zip(("as a sequence", "each as a photo"), spent, strict=True):
        yield Row(f"2 moving faces: CPU of a frame without decoding, {how}", 1000 * seconds / seen.frames, "ms")


def draw_moving(face: Image, phases: np.ndarray, at: float) -> Image:
    """Return the frame at a second of a grey face, uint8 (48, 48), that moves, leans, comes nearer and goes away."""
    turn = 2 * np.pi * at + phases
    x, y = SIZE[0] / 2 + 0.3 * FACE_PIXELS * np.sin(turn[0]), SIZE[1] / 2 + 0.2 * FACE_PIXELS * np.sin(turn[1])
    scale = FACE_PIXELS / 48 * (1 + 0.08 * np.sin(turn[2] / 2))
    lean = np.deg2rad(6) * np.sin(0.7 * turn[3])
    cosine, sine = scale * np.cos(lean), scale * np.sin(lean)
    moved = np.array([[cosine, -sine, x - 23.5 * (cosine - sine)], [sine, cosine, y - 23.5 * (sine + cosine)]])
    grey = cv2.warpAffine(face, moved, SIZE, flags=cv2.INTER_CUBIC, borderValue=128)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def validation_faces() -> tuple[np.ndarray, np.ndarray] | None:
    """Return PublicTest's faces, uint8 (N, 48, 48), and labels (N,); None where FER-2013 is missing."""
    path = Path(os.environ.get("FER2013_PATH", PROJECT / "data" / "fer2013.csv"))
    if path.exists():
        split = read_faces(path).split(VALIDATION)
        return split.images.reshape(-1, 48, 48), split.labels
    if not (PACKED / "labels.csv").exists():
        return None
    with (PACKED / "labels.csv").open() as handle:
        rows = [
            (index, int(row["emotion"]))
            for index, row in enumerate(csv.DictReader(handle))
            if row["Usage"] == VALIDATION
        ]
    sheets = [np.asarray(PillowImage.open(path))[..., 0] for path in sorted(PACKED.glob("faces-*.webp"))]
    parts = [sheet.reshape(-1, 48, PACKED_COLUMNS, 48).swapaxes(1, 2).reshape(-1, 48, 48) for sheet in sheets]
    places, labels = zip(*rows, strict=True)
    return np.concatenate(parts)[list(places)], np.array(labels)


def label_rows(recognizer: Recognizer) -> Iterator[Row]:
    """Yield how often the labels of moving FER-2013 faces are right, searched as a sequence and each as a photo."""
    found = validation_faces()
    if found is None:
        missing = PROJECT / "data" / "fer2013.csv"
        print(f"No labels were measured: {missing} is missing (FER2013_PATH names another place).")
        return
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(found[0]))[:FACES])
    right = []
    for face, label in zip(found[0][chosen], found[1][chosen], strict=True):
        sequence, phases = SequenceSearch(), rng.uniform(0, 2 * np.pi, 4)
        for index in range(FRAMES_OF_A_FACE):
            frame = draw_moving(face, phases, index / RATE)
            faces = recognizer.recognize_frame(frame, sequence, index / RATE).faces
        right.append([_is_right(faces, label), _is_right(recognizer.recognize_image(frame).faces, label)])
    points = 100 * np.array(right, np.float64)
    lost = points[:, 1] - points[:, 0]
    name = f"labels of {len(chosen)} moving FER-2013 faces"
    yield Row(f"{name}: right, searched as a sequence", points[:, 0].mean(), "%")
    yield Row(f"{name}: right, as a photo", points[:, 1].mean(), "%")
    yield at_most(f"{name}: lost", lost.mean(), "points", 0.5)
    yield Row(f"{name}: standard error of that", lost.std() / len(lost) ** 0.5, "points")


def _is_right(faces: tuple[Face, ...], label: int) -> bool:
    return len(faces) == 1 and EMOTIONS.index(faces[0].emotion) == label


def rows() -> Iterator[Row]:
    recognizer = Recognizer(shipped_default(PROJECT / "models_store"), create_detector("centerface"))
    yield from portrait_rows(recognizer)
    yield from label_rows(recognizer)
