"""Turns go round between the people who wait."""

from __future__ import annotations

import itertools
import random
import threading

import pytest

from ferproject.fair_queue import FairQueue


def _queue(**limits: int) -> FairQueue[str]:
    return FairQueue(**{"per_owner": 100, "in_all": 1000, **limits})


def _put(queue: FairQueue[str], *items: str) -> list[str | None]:
    """Add items such as "a1"; the letter is the owner."""
    return [queue.put(item, item[0]) for item in items]


def _serve(queue: FairQueue[str], count: int) -> list[str]:
    """Take so many items, each finished before the next."""
    served = []
    for _ in range(count):
        owner, item = queue.take()
        queue.done(owner)
        served.append(item)
    return served


def test_owners_take_turns_and_each_ones_items_keep_their_order():
    queue = _queue()
    _put(queue, "a1", "a2", "a3", "b1", "b2", "c1")
    assert _serve(queue, 6) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert queue.take() is None


def test_whoever_comes_beside_a_burst_is_next():
    queue = _queue()
    _put(queue, *(f"a{n}" for n in range(75)))
    _serve(queue, 40)
    queue.take()  # the item that is running is all that is waited for
    _put(queue, "b1")
    assert queue.take() == ("b", "b1")


def test_who_comes_again_and_again_gets_every_other_turn():
    queue = _queue()
    _put(queue, *(f"a{n}" for n in range(20)))
    served = []
    for number in range(10):
        _put(queue, f"b{number}")
        served += _serve(queue, 2)
    assert [item[0] for item in served].count("b") == 10
    assert not any(first[0] == second[0] == "a" for first, second in itertools.pairwise(served))


def test_many_who_come_once_do_not_keep_a_second_item_waiting_for_good():
    queue = _queue()
    _put(queue, "a1", "a2")
    served = _serve(queue, 1)
    for number in range(100):
        queue.put(f"new {number}", f"new {number}")
        queue.put(f"more {number}", f"more {number}")
        served += _serve(queue, 1)
    assert "a2" in served[:60]


def test_an_owner_with_too_many_is_refused_and_nobody_else():
    queue = _queue(per_owner=3)
    assert _put(queue, "a1", "a2", "a3", "a4", "b1") == [None, None, None, "a4", None]
    assert _serve(queue, 4) == ["a1", "b1", "a2", "a3"]
    assert _put(queue, "a5") == [None]


def test_in_a_full_queue_the_last_item_of_who_has_most_gives_way():
    queue = _queue(in_all=4)
    assert _put(queue, "a1", "a2", "a3", "b1") == [None] * 4
    assert _put(queue, "c1", "a9", "b2", "d1", "e1") == ["a3", "a9", "b2", "a2", "e1"]
    assert sorted(_serve(queue, 4)) == ["a1", "b1", "c1", "d1"]
    assert len(queue) == 0


def test_running_items_count_and_limit_their_owner():
    queue = _queue(running_per_owner=1, running=2)
    _put(queue, "a1", "a2", "b1", "c1")
    assert [queue.take(), queue.take(), queue.take()] == [("a", "a1"), ("b", "b1"), None]
    assert (queue.unfinished("a"), queue.unfinished("x")) == (2, 0)
    queue.done("b")
    assert queue.take() == ("c", "c1")
    queue.done("c")
    assert queue.take() is None  # a2 waits for a1
    queue.done("a")
    assert queue.take() == ("a", "a2")


def test_owners_without_work_are_forgotten():
    queue = _queue(in_all=10)
    _put(queue, "a1")
    for number in range(1000):
        queue.put("once", number)
        _serve(queue, 1)
        _put(queue, "a2")
    assert len(queue._owners) < 50


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_or_taken_twice_by_many_threads(seed: int):
    queue, chance, refused, taken = _queue(per_owner=8, in_all=20), random.Random(seed), [], []

    def send(owner: int) -> None:
        for number in range(300):
            if (item := queue.put(f"{owner} {number}", owner)) is not None:
                refused.append(item)
            if chance.random() < 0.8 and (found := queue.take()):
                taken.append(found[1])
                queue.done(found[0])

    threads = [threading.Thread(target=send, args=[owner]) for owner in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    rest = _serve(queue, len(queue))
    assert sorted(refused + taken + rest) == sorted(f"{owner} {number}" for owner in range(6) for number in range(300))
    assert (queue._unfinished, queue._running, queue._at_work) == (0, 0, 0)
