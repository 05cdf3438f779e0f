"""A film for Chromium's fake camera: a real face that moves about, again and again."""

from __future__ import annotations

import io
import math
from pathlib import Path

from PIL import Image

SIZE = (640, 480)
FRAMES = 90
"""Three seconds at the 30 frames a second that Chromium plays such a film with; its end meets its beginning."""


def write_film(
    path: Path, portrait: Path | None, *, brightness: float = 1.0, moves: bool = True, share: float = 0.72
) -> Path:
    """Write a film of the portrait, or of an empty room, as MJPEG (JPEGs one after another).

    The portrait fills about `share` of the height; it pans to and fro, and comes nearer and goes.
    """
    pace = 2 * math.pi / FRAMES if moves else 0
    with path.open("wb") as film:
        for index in range(FRAMES):
            film.write(_jpeg(view(portrait, pace * index, share), brightness))
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


def _jpeg(picture: Image.Image, brightness: float) -> bytes:
    out = io.BytesIO()
    picture.point(lambda value: round(value * brightness)).save(out, "JPEG", quality=85)
    return out.getvalue()
