"""What the script needs to draw circles and labels over a photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.recognition.faces import Face
from analysis.templatetags.ui import percent


def overlay_data(*, width: int, height: int, faces: Sequence[Face]) -> dict[str, Any]:
    """Return the picture's size and, for each face, its number, box in those pixels, emotion and label."""
    return {"width": width, "height": height, "faces": [_mark(*numbered) for numbered in enumerate(faces, start=1)]}


def _mark(position: int, face: Face) -> dict[str, Any]:
    box = face.box
    return {
        "position": position,
        "box": [box.x, box.y, box.width, box.height],
        "emotion": face.emotion,
        "label": f"{face.emotion} {percent(face.confidence)}" + ("?" if face.is_uncertain else ""),
    }
