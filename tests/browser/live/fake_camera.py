"""A film for Chromium's fake camera: a real face that moves about, again and again."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

SIZE = (640, 480)
RATE = 10
"""Frames a second; at a camera's 30, browser and server compute three times as much."""
FRAMES = 3 * RATE
"""The film's end meets its beginning."""


def write_film(path: Path, portrait: Path | None, *, brightness: float = 1.0, share: float = 0.72) -> Path:
    """Write a film of the portrait, or of an empty room, as YUV4MPEG2, which names its rate, unlike MJPEG.

    The portrait fills about `share` of the height; it pans to and fro, and comes nearer and goes.
    """
    pace = 2 * math.pi / FRAMES
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{RATE}:1 Ip A1:1 C420\n".encode())
        for index in range(FRAMES):
            picture = np.asarray(view(portrait, pace * index, share)) * brightness
            film.write(b"FRAME\n" + cv2.cvtColor(picture.round().astype(np.uint8), cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def playing(film: Path) -> list[str]:
    """Return the flags of a Chromium whose camera plays the film."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


def view(portrait: Path | None, turn: float, share: float = 0.72) -> Image.Image:
    """Return what a camera sees that swings by `turn` (radians): the face moves about, nearer and farther."""
    seen = Image.new("RGB", SIZE, (96, 104, 112))
    if portrait is None:
        return seen
    image = Image.open(portrait).convert("RGB")
    height = round(SIZE[1] * (share + 0.05 * math.sin(turn)))
    width = round(image.width * height / image.height)
    left = round((SIZE[0] - width) / 2 + 90 * math.cos(turn))
    top = round((SIZE[1] - height) / 2 + 20 * math.sin(2 * turn))
    seen.paste(image.resize((width, height)), (left, top))
    return seen
