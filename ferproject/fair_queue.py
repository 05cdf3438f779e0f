"""A queue whose items are taken in turns between the people who wait."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Owner(Generic[Item]):
    """One person's waiting items, and the round in which the next one is due."""

    def __init__(self) -> None:
        self.waiting: deque[Item] = deque()
        self.running = 0
        self.due = 0.0
        self.is_listed = False

    @property
    def unfinished(self) -> int:
        return len(self.waiting) + self.running


class FairQueue(Generic[Item]):
    """Items of many owners, taken in turns; an owner's own are taken in the order they came. Thread-safe.

    With n owners at work, each item taken is 1/n of a round. An owner's next item is due one round after its last one,
    but not before the present round: so an owner who waits for the first time is next, however many items of others
    wait, and nobody is passed over for good.

    At most `per_owner` items of one owner and `in_all` of all may be unfinished, that is waiting or running, and
    `running_per_owner` and `running` of them may run at once, None for any number.
    """

    def __init__(
        self, *, per_owner: int, in_all: int, running_per_owner: int | None = None, running: int | None = None
    ) -> None:
        self._per_owner = per_owner
        self._in_all = in_all
        self._running_per_owner = running_per_owner or in_all
        self._max_running = running or in_all
        self._owners: dict[Hashable, _Owner[Item]] = {}
        # Owners whose next item may run: (round in which it is due, round of their last turn, tie breaker, owner).
        self._due: list[tuple[float, float, int, Hashable]] = []
        self._round = 0.0
        self._at_work = self._running = self._unfinished = 0
        self._tie_breaker = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of waiting items."""
        return self._unfinished - self._running

    def unfinished(self, owner: Hashable) -> int:
        """Return how many items of an owner are waiting or running."""
        with self._lock:
            return self._owners[owner].unfinished if owner in self._owners else 0

    def put(self, item: Item, owner: Hashable) -> Item | None:
        """Add an item; return the one that is refused in exchange, None where there is room for all.

        This is `item` itself where its owner has too many; where all have too many together, the last one of the
        owner with most waiting, whose `put` had accepted it.
        """
        with self._lock:
            state = self._owners.get(owner) or self._add_owner(owner)
            if state.unfinished >= self._per_owner:
                return item
            self._at_work += not state.unfinished
            state.waiting.append(item)
            self._unfinished += 1
            self._list(owner, state)
            return self._drop_last(owner) if self._unfinished > self._in_all else None

    def take(self) -> tuple[Hashable, Item] | None:
        """Return the next item and its owner, None where none waits that may run; call `done` when it has ended."""
        with self._lock:
            while self._due and self._running < self._max_running:
                due, _, _, owner = heapq.heappop(self._due)
                state = self._owners[owner]
                state.is_listed = False
                if not state.waiting:  # it was refused
                    continue
                self._round += 1 / self._at_work
                state.due = due + 1
                state.running += 1
                self._running += 1
                item = state.waiting.popleft()
                self._list(owner, state)
                return owner, item
            return None

    def done(self, owner: Hashable) -> None:
        """Count an item that was taken as finished."""
        with self._lock:
            state = self._owners[owner]
            state.running -= 1
            self._running -= 1
            self._unfinished -= 1
            self._at_work -= not state.unfinished
            self._list(owner, state)

    def _list(self, owner: Hashable, state: _Owner[Item]) -> None:
        """List the owner's next item as due, unless the owner has none or enough are running."""
        if state.waiting and not state.is_listed and state.running < self._running_per_owner:
            state.is_listed = True
            due = max(state.due, self._round)
            heapq.heappush(self._due, (due, state.due, next(self._tie_breaker), owner))

    def _drop_last(self, newest: Hashable) -> Item:
        """Remove the last item of the owner with most waiting, of `newest` where several have as many."""
        owner = max(self._owners, key=lambda owner: (len(self._owners[owner].waiting), owner == newest))
        state = self._owners[owner]
        item = state.waiting.pop()
        self._unfinished -= 1
        self._at_work -= not state.unfinished
        return item

    def _add_owner(self, owner: Hashable) -> _Owner[Item]:
        if not self._unfinished:
            self._owners, self._due, self._round = {}, [], 0.0
        elif len(self._owners) > 2 * self._in_all:
            # Owners without work are remembered only until their next item would be due.
            self._owners = {
                key: state
                for key, state in self._owners.items()
                if state.unfinished or state.is_listed or state.due > self._round
            }
        state = self._owners[owner] = _Owner()
        return state
