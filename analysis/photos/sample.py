"""The sample photo: Grace Hopper's portrait, in the public domain, a part of Matplotlib."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from analysis.recognition.renditions import render_photo

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
