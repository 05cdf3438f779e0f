"""Whose photos and frames the engine analyses next, and whose are refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from analysis.engine import FRAMES_PER_PHOTO, Engine
from analysis.recognition.errors import RecognitionError


class HeldEngine:
    """An engine of one thread that is busy until `release`; `order` lists what it worked on then."""

    def __init__(self, store, queue: int, queue_per_owner: int) -> None:
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
        self._began = threading.Event()
        self.sent = [self.engine.submit(self._hold, owner="nobody")]
        self._began.wait(10)

    def photo(self, name: str) -> Future:
        """Send a photo as a request does; the letter is its owner."""
        count = self.engine._photo_queue.unfinished(name[0])
        self.sent.append(self._senders.submit(self.engine.run, lambda _: self.order.append(name), owner=name[0]))
        while self.engine._photo_queue.unfinished(name[0]) == count and not self.sent[-1].done():
            threading.Event().wait(0.001)
        return self.sent[-1]

    def frame(self, name: str) -> Future:
        self.sent.append(self.engine.submit(lambda _: self.order.append(name), owner=name[0]))
        return self.sent[-1]

    def release(self) -> list[str]:
        self._release.set()
        wait(self.sent, 10)
        return self.order

    def _hold(self, recognizer: None) -> None:
        self._began.set()
        self._release.wait(10)


@pytest.fixture
def held(settings) -> Iterator[HeldEngine]:
    held = HeldEngine(settings.MODELS_STORE, queue=40, queue_per_owner=20)
    yield held
    held.release()


def test_one_persons_burst_delays_another_by_one_photo(held: HeldEngine):
    for number in range(12):
        held.photo(f"a{number}")
    held.photo("b1")
    assert held.release()[:3] == ["a0", "b1", "a1"]


def test_a_frame_waits_only_for_the_photo_being_analysed(held: HeldEngine):
    for owner in "abcd":
        held.photo(f"{owner}1")
    held.frame("e1")
    assert held.release()[0] == "e1"


def test_photos_get_their_turns_beside_many_frames(held: HeldEngine):
    held.photo("a1")
    for number in range(20):
        held.frame(f"e{number}")
    assert "a1" in held.release()[: FRAMES_PER_PHOTO + 1]


def test_only_the_persons_own_photos_are_refused(held: HeldEngine):
    for number in range(21):
        held.photo(f"a{number}")
    with pytest.raises(RecognitionError, match=r"^21 of your photos") as refused:
        held.photo("a21").result(5)
    assert (refused.value.code, refused.value.retryable) == ("too_many_waiting", True)
    held.photo("b1")
    assert len(held.release()) == 22


def test_a_full_queue_refuses_who_has_most(settings):
    held = HeldEngine(settings.MODELS_STORE, queue=3, queue_per_owner=3)
    first = [held.photo(f"a{number}") for number in range(4)]
    held.photo("b1")
    with pytest.raises(RecognitionError) as refused:
        first[-1].result(5)
    assert (refused.value.code, refused.value.retryable) == ("busy", True)
    assert held.release() == ["a0", "b1", "a1", "a2"]


def test_an_exception_reaches_its_sender_and_frees_the_place(held: HeldEngine):
    failing = held.engine.submit(lambda _: 1 / 0, owner="a")
    held.frame("a1")
    assert held.release() == ["a1"]
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert held.engine._frame_queue.unfinished("a") == 0
