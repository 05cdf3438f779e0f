"""The sample photo: Grace Hopper's portrait, in the public domain, a part of Matplotlib."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from analysis import engine
from analysis.recognition.renditions import recognize_upload, render_photo
from analysis.recognition.result import Recognition

NAME = "Grace Hopper.jpg"


def read_sample() -> bytes:
    """Return the encoded photo."""
    # Found without importing Matplotlib, which would cost a web process 35 MB.
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package matplotlib is not installed.")
    return (Path(spec.origin).parent / "mpl-data" / "sample_data" / "grace_hopper.jpg").read_bytes()


@lru_cache(maxsize=1)
def sample_thumbnail() -> bytes:
    """Return the photo as a small WebP."""
    return render_photo(read_sample()).renditions.thumbnail


def sample_result() -> Recognition:
    """Return the active version's result for the photo; raises `RecognitionError`."""
    return _result_of(engine.active_model().name)


@lru_cache(maxsize=2)
def _result_of(version: str) -> Recognition:
    return engine.run(lambda recognizer: recognize_upload(recognizer, read_sample(), render_photo)[0], owner=None)
