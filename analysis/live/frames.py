"""The frames of one connection: one is worked on, at most one waits, and a newer one takes its place."""

from __future__ import annotations

import threading

from analysis.live.messages import Frame


class FrameSlot:
    """Holds the newest frame; whoever takes it, in another thread, gets the one that is newest then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many frames gave way to newer ones, or were thrown away."""
        return self._dropped

    def put(self, frame: Frame) -> None:
        with self._lock:
            self._dropped += self._frame is not None
            self._frame = frame

    def take(self) -> Frame | None:
        with self._lock:
            frame, self._frame = self._frame, None
        return frame

    def clear(self) -> None:
        """Throw the waiting frame away, as a dropped one."""
        with self._lock:
            self._dropped += self._frame is not None
            self._frame = None

    def __bool__(self) -> bool:
        return self._frame is not None


class Pace:
    """Lets `rate` messages a second through, and `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Count one message at `now` seconds; False when it is one too many."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """Count one message less: it was worked on, and whoever waits for answers is never too quick."""
        self._left = min(self._burst, self._left + 1)
