"""Short test videos of a moving portrait."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

CODES = {"webm": "VP80", "mp4": "mp4v", "mov": "mp4v"}


def write_video(
    path: Path,
    portrait: Path | None,
    *,
    seconds: float = 2.0,
    fps: float = 10.0,
    size: tuple[int, int] = (320, 240),
) -> bytes:
    """Write a video of the kind that the name says, the portrait panning from left to right; return its bytes."""
    width, height = size
    face = None if portrait is None else cv2.resize(cv2.imread(str(portrait)), (height * 5 // 7, height * 5 // 6))
    code = cv2.VideoWriter.fourcc(*CODES[path.suffix[1:]])
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, fps, size)
    assert writer.isOpened()
    frames = round(seconds * fps)
    for number in range(frames):
        frame = np.full((height, width, 3), (90, 110, 120), np.uint8)
        if face is not None:
            left = (width - face.shape[1]) * number // max(frames - 1, 1)
            frame[height - face.shape[0] :, left : left + face.shape[1]] = face
        writer.write(frame)
    writer.release()
    return path.read_bytes()
