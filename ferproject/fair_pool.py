"""Threads that do the work of many people in turn."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ferproject.fair_queue import FairQueue

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class _Job:
    work: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)


class FairPool:
    """A pool of `threads`, of which one owner has `threads_per_owner` at most, by default all; see `FairQueue`.

    At most `per_owner` jobs of one owner and `in_all` of all are unfinished. `refusal` makes the error of a job too
    many, given whether it is the owner's own limit that is reached.
    """

    def __init__(
        self,
        threads: int,
        *,
        per_owner: int,
        in_all: int,
        refusal: Callable[[bool], Exception],
        threads_per_owner: int | None = None,
        name: str = "",
    ) -> None:
        self._per_owner = per_owner
        self._refusal = refusal
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._queue: FairQueue[_Job] = FairQueue(
            per_owner=per_owner, in_all=in_all, running_per_owner=threads_per_owner, running=threads
        )

    def submit(self, work: Callable[[], Result], owner: Hashable) -> Future[Result]:
        """Do `work` when it is the turn of `owner`.

        Where there are too many jobs, this raises the error of `refusal`, or the future of the job that gives way does.
        """
        job = _Job(work)
        refused = self._queue.put(job, owner)
        if refused is job:
            raise self._refusal(self.unfinished(owner) >= self._per_owner)
        if refused is not None and refused.future.set_running_or_notify_cancel():
            refused.future.set_exception(self._refusal(False))
        self._threads.submit(self._work)
        return job.future

    def __len__(self) -> int:
        """Return the number of waiting jobs."""
        return len(self._queue)

    def unfinished(self, owner: Hashable) -> int:
        """Return how many jobs of an owner are waiting or running."""
        return self._queue.unfinished(owner)

    def start(self, work: Callable[[], object]) -> None:
        """Do `work` on one of the threads, as nobody's job."""
        self._threads.submit(work)

    def _work(self) -> None:
        """Do the work whose turn it is until there is none, or others do all that may be done at once."""
        while (taken := self._queue.take()) is not None:
            self._do(*taken)

    def _do(self, owner: Hashable, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            self._queue.done(owner)
            return
        try:
            result = job.work()
        except BaseException as error:
            self._queue.done(owner)
            job.future.set_exception(error)
        else:
            # Before the result: its receiver may send the next job at once.
            self._queue.done(owner)
            job.future.set_result(result)
