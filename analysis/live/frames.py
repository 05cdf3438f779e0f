"""The slot of a connection's waiting frame, and the limit of its message rate."""

from __future__ import annotations

import threading

from analysis.live.messages import JpegFrame


class FrameSlot:
    """Holds the newest frame until a recognition thread takes it; `dropped` counts the replaced and cleared ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: JpegFrame | None = None
        self.dropped = 0

    def put(self, frame: JpegFrame | None) -> None:
        with self._lock:
            self.dropped += self._frame is not None
            self._frame = frame

    def take(self) -> JpegFrame | None:
        with self._lock:
            frame, self._frame = self._frame, None
        return frame

    def clear(self) -> None:
        self.put(None)

    def __bool__(self) -> bool:
        return self._frame is not None


class RateLimiter:
    """A token bucket: allows `rate` messages a second and bursts of `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Count a message at `now` seconds; return False if it exceeds the limit."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def refund(self) -> None:
        """Uncount a message that was answered, so that a client that waits for answers is never limited."""
        self._left = min(self._burst, self._left + 1)
