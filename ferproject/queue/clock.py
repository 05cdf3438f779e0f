"""Whether this machine's clock was set, which makes the times that others wrote look too old or too new."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

TOLERANCE_SECONDS = 5.0


class ClockWatch:
    """Compares the wall clock with one that only runs forward, each time it is asked."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()
        self._set_at = -math.inf

    def seconds_since_set(self) -> float:
        """Return how long ago it was noticed that the clock was set or the machine slept; infinite if never."""
        steady = self._steady()
        offset = self._wall() - steady
        if abs(offset - self._offset) > TOLERANCE_SECONDS:
            self._set_at = steady
        self._offset = offset
        return steady - self._set_at


clock_watch = ClockWatch()
