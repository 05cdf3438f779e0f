"""The results of recognition: of a photo, and of a video's frame."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.recognition.drawing import annotate, draw_tracked, emotion_chart
from analysis.recognition.face_object import face_object
from analysis.recognition.faces import Face, Image
from analysis.recognition.sources import Source, read_source
from analysis.recognition.tracking.tracker import TrackedFace


@dataclass(frozen=True)
class Milliseconds:
    """Time spent in each stage."""

    decode: float
    detect: float
    classify: float


@dataclass(frozen=True)
class Recognition:
    """The result for one image: `faces` from left to right, found by `detector`, classified by the version `model`."""

    width: int
    height: int
    detector: str
    model: str
    faces: tuple[Face, ...]
    milliseconds: Milliseconds

    def scaled_to(self, width: int, height: int) -> Recognition:
        """Return this result with boxes in pixels of the same image in another size."""
        if (width, height) == (self.width, self.height):
            return self
        across, down = width / self.width, height / self.height
        faces = tuple(replace(face, box=face.box.scaled(across, down)) for face in self.faces)
        return replace(self, width=width, height=height, faces=faces)

    def to_dict(self) -> dict[str, Any]:
        """Return what `analyze --json` prints: faces from left to right, boxes [x, y, width, height] in pixels."""
        return {
            "width": self.width,
            "height": self.height,
            "detector": self.detector,
            "model": self.model,
            "faces": [_face_with_box(face) for face in self.faces],
            "milliseconds": {stage: round(time, 1) for stage, time in asdict(self.milliseconds).items()},
        }

    def draw(self, source: Source) -> Image:
        """Return the photo, upright RGB, uint8 (H, W, 3), with its faces marked; `source` is what was recognized.

        A photo whose longer side has more than 3072 pixels comes back reduced to that. Raises as `read_source` does.
        """
        image = read_source(source).image
        return annotate(image, self.scaled_to(image.shape[1], image.shape[0]).faces)

    def chart(self) -> bytes:
        """Return a PNG of each face's probabilities, or of the number per emotion where there are more than 12 faces.

        Raises `RecognitionError` of code "not_installed" without Matplotlib.
        """
        return emotion_chart(self.faces)


@dataclass(frozen=True)
class FrameFaces:
    """The `faces` of a video's frame, shown from `at` seconds after the first one on, for `seconds`.

    `image` is upright RGB, uint8 (H, W, 3), with its longer side reduced to 1280 pixels; boxes are in its pixels.
    """

    at: float
    seconds: float
    image: Image
    faces: tuple[TrackedFace, ...]

    def draw(self) -> Image:
        """Return a copy of the frame with its faces marked, each label beginning with the face's id."""
        return draw_tracked(self.image, self.faces)


def _face_with_box(face: Face) -> dict[str, Any]:
    return {
        "box": [round(side, 1) for side in (face.box.x, face.box.y, face.box.width, face.box.height)],
        **face_object(emotion=face.emotion, probabilities=face.probabilities, score=face.score, doubts=face.warnings),
    }
