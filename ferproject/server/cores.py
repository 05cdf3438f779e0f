"""Which cores a web process uses."""

from __future__ import annotations

import os
from collections.abc import Collection


def own_cores(cores: Collection[int], *, number: int, processes: int) -> set[int]:
    """Return the cores of process `number`, from 0; of more processes than cores, several have the same."""
    ordered = sorted(cores)
    return set(ordered[number % len(ordered) :: processes])


def use_own_cores(*, number: int, processes: int) -> None:
    """Keep this process, and those that it starts, to its own cores; does nothing for a single one.

    Two processes that share two cores answer fewer live frames than one; each on a core of its own, twice as many.
    """
    if processes > 1 and hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, own_cores(os.sched_getaffinity(0), number=number, processes=processes))
