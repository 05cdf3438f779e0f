"""Limit of the pixels of all frames of a video together, on which the time to decode it depends."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.recognition.errors import RecognitionError, gettext_noop

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
            raise too_costly()


def too_costly() -> RecognitionError:
    """Return the error of a video whose frames have too many pixels together."""
    # Without the numbers, as it is saved with the video and translated where it is shown.
    text = gettext_noop(
        "This video is too long or too large to analyse. Shorten it, or make it smaller, and try again."
    )
    return RecognitionError("too_costly", text)
