"""Detects faces and classifies their expressions: NumPy, OpenCV, Pillow and LiteRT; no Django, no TensorFlow.

    from analysis.recognition import Recognizer

    for face in Recognizer.default().recognize("photo.jpg").faces:
        print(face.emotion, face.confidence, face.warnings)

docs/library.md describes what is listed in `__all__`. It is loaded when it is first used, because OpenCV and LiteRT
take 0.2 seconds, and processes that use one module of this package need not have them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.recognition.emotions import EMOTIONS, Emotion
    from analysis.recognition.errors import RecognitionError
    from analysis.recognition.faces import Box, Face
    from analysis.recognition.quality import QualityWarning
    from analysis.recognition.recognizer import Recognizer
    from analysis.recognition.result import FrameFaces, Recognition
    from analysis.recognition.tracking.tracker import TrackedFace

__all__ = [
    "EMOTIONS",
    "Box",
    "Emotion",
    "Face",
    "FrameFaces",
    "QualityWarning",
    "Recognition",
    "RecognitionError",
    "Recognizer",
    "TrackedFace",
]

_MODULES = {
    "EMOTIONS": "emotions",
    "Box": "faces",
    "Emotion": "emotions",
    "Face": "faces",
    "FrameFaces": "result",
    "QualityWarning": "quality",
    "Recognition": "result",
    "RecognitionError": "errors",
    "Recognizer": "recognizer",
    "TrackedFace": "tracking.tracker",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
