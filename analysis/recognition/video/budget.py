"""Limit of the pixels of all frames of a video together, on which the time to decode it depends."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.recognition.errors import RecognitionError

MAX_PIXELS = 120_000_000_000
"""Half an hour of 1920 x 1080 pixels at 30 frames a second."""


@dataclass(frozen=True)
class StatedSize:
    """How many frames of how many pixels a file states, and its length in seconds; any of it may be untrue."""

    width: int
    height: int
    frames: int
    seconds: float

    def check(self, max_pixels: int) -> None:
        """Raise `RecognitionError` of code "too_costly" if the frames have more than `max_pixels` together."""
        pixels = self.frames * self.width * self.height
        if pixels > max_pixels:
            came = f"{self.frames:,} of {self.width} x {self.height} pixels are {_billions(pixels)}"
            raise too_costly(f"its {came}", max_pixels)


def too_costly(came: str, max_pixels: int) -> RecognitionError:
    """Return the error of a video whose frames have more than `max_pixels` together."""
    message = f"Expected a video whose frames have at most {_billions(max_pixels)} pixels together; {came}."
    return RecognitionError("too_costly", message)


def _billions(pixels: int) -> str:
    return f"{pixels / 1e9:.3g} billion" if pixels >= 1e8 else f"{pixels:,}"
