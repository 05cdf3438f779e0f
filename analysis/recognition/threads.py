"""Work on many items in threads, with few of them in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_S = TypeVar("_S")
_R = TypeVar("_R")


def map_in_threads(function: Callable[[_S], _R], items: Iterable[_S], threads: int) -> Iterator[tuple[_S, _R]]:
    """Yield each item with its result, in order; at most two items a thread are begun and not yet yielded."""
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[_S, Future[_R]]] = deque()
    try:
        for item in items:
            waiting.append((item, pool.submit(function, item)))
            if len(waiting) == 2 * threads:
                first, result = waiting.popleft()
                yield first, result.result()
        for item, result in waiting:
            yield item, result.result()
    finally:
        pool.shutdown(cancel_futures=True)
