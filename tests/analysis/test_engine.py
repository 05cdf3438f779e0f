"""Whose photos and frames the engine analyses next, and whose are refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from analysis.engine import Engine
from analysis.recognition.errors import RecognitionError


class HeldEngine:
    """An engine of one thread for each owner, two for photos in all; the owner "x" keeps photos busy until `release`.

    `order` lists what it worked on.
    """

    def __init__(self, store, *, queue: int, queue_per_owner: int) -> None:
        self.engine = Engine(
            store=store,
            detector="centerface",
            threads=1,
            queue=queue,
            queue_per_owner=queue_per_owner,
            max_pixels=10**6,
        )
        self.engine._recognizer = lambda: None
        self.order: list[str] = []
        self._release, self._senders = threading.Event(), ThreadPoolExecutor(50)
        self.sent: list[Future] = []

    def hold(self, owner: str) -> None:
        """Keep the thread that the owner's photos may have busy."""
        began = threading.Event()

        def work(recognizer: None) -> None:
            began.set()
            self._release.wait(10)

        self.sent.append(self._senders.submit(self.engine.run, work, owner=owner))
        assert began.wait(10)

    def photo(self, name: str) -> Future:
        """Send a photo as a request does; the letter is its owner."""
        pool, owner = self.engine._photo_threads, name[0]
        count = pool.unfinished(owner)
        self.sent.append(self._senders.submit(self.engine.run, lambda _: self.order.append(name), owner=owner))
        while pool.unfinished(owner) == count and not self.sent[-1].done():
            time.sleep(0.001)
        return self.sent[-1]

    def release(self) -> list[str]:
        self._release.set()
        wait(self.sent, 10)
        return self.order


@pytest.fixture
def held(settings) -> Iterator[HeldEngine]:
    held = HeldEngine(settings.MODELS_STORE, queue=40, queue_per_owner=20)
    yield held
    held.release()


def test_another_persons_photo_does_not_wait_for_one_that_takes_long(held: HeldEngine):
    held.hold("a")
    held.photo("a1")
    held.photo("b1").result(5)
    assert held.order == ["b1"]
    assert held.release() == ["b1", "a1"]


def test_where_all_threads_are_busy_a_burst_delays_another_by_one_photo(held: HeldEngine):
    held.hold("x")
    held.hold("y")
    for number in range(12):
        held.photo(f"a{number}")
    held.photo("b1")
    assert "b1" in held.release()[:3]  # on either thread


def test_a_frame_does_not_wait_for_photos(held: HeldEngine):
    held.hold("a")
    held.hold("b")
    held.photo("c1")
    held.engine.submit(lambda _: held.order.append("frame"), owner="d").result(5)
    assert held.order == ["frame"]


def test_only_the_persons_own_photos_are_refused(held: HeldEngine):
    held.hold("a")
    for number in range(20):
        held.photo(f"a{number}")
    with pytest.raises(RecognitionError, match="Too many of your photos") as refused:
        held.photo("a20").result(5)
    assert (refused.value.code, refused.value.retryable) == ("too_many_waiting", True)
    held.photo("b1").result(5)
    assert len(held.release()) == 21


def test_a_full_queue_refuses_who_has_most(settings):
    held = HeldEngine(settings.MODELS_STORE, queue=4, queue_per_owner=4)
    held.hold("x")
    held.hold("y")
    photos = [held.photo(f"a{number}") for number in range(3)]
    held.photo("b1")
    with pytest.raises(RecognitionError) as refused:
        photos[-1].result(5)
    assert (refused.value.code, refused.value.retryable) == ("busy", True)
    assert sorted(held.release()) == ["a0", "a1", "b1"]


def test_an_exception_reaches_its_sender_and_frees_the_place(held: HeldEngine):
    with pytest.raises(ZeroDivisionError):
        held.engine.submit(lambda _: 1 / 0, owner="a").result(5)
    assert held.engine._frame_threads.unfinished("a") == 0
