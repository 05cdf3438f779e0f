"""What a photo may be given as: encoded bytes, a file, or pixels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.images import MAX_PIXELS, Photo, decode_photo

Source = bytes | str | os.PathLike[str] | npt.NDArray[np.uint8]
"""Encoded bytes, the path of a file, or upright RGB, uint8 (H, W, 3)."""


def read_source(source: Source, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Return a photo's pixels.

    Raises `RecognitionError` of a code of `images.decode_photo`, of "unreadable_file" for a path that cannot be read,
    or of "bad_image" for an array that is no image, or another type.
    """
    if isinstance(source, np.ndarray):
        image = _checked(source)
        return Photo(image, image.shape[1], image.shape[0])
    if isinstance(source, str | os.PathLike):
        source = read_file(source)
    if not isinstance(source, bytes | bytearray | memoryview):
        raise _bad_image(f"{type(source).__name__}")
    return decode_photo(bytes(source), max_pixels=max_pixels)


def read_file(path: str | os.PathLike[str], *, max_bytes: int = -1) -> bytes:
    """Return a file's content, at most `max_bytes` of it; raise `RecognitionError` of code "unreadable_file"."""
    try:
        with checked_file(path).open("rb") as handle:
            return handle.read(max_bytes)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        text = gettext_noop("This file cannot be read: %(reason)s.")
        raise RecognitionError("unreadable_file", text, reason=str(reason)) from error


def checked_file(path: str | os.PathLike[str]) -> Path:
    """Return a path; raise `RecognitionError` of code "unreadable_file" where it is a folder or nothing is there."""
    file = Path(path)
    if file.is_dir():
        raise RecognitionError("unreadable_file", gettext_noop("This is a folder. Name the photos in it."))
    return file


def _checked(image: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise _bad_image(f"an array of shape {image.shape}")
    if image.dtype != np.uint8:
        low, high = image.min(), image.max()
        raise _bad_image(f"{image.dtype} from {low:g} to {high:g}")
    return np.ascontiguousarray(image)


def _bad_image(found: str) -> RecognitionError:
    text = gettext_noop(
        "Photo: expected encoded bytes, the path of a file, or an RGB array, uint8 (height, width, 3), from 0 to 255; "
        "got %(found)s."
    )
    return RecognitionError("bad_image", text, found=found)
