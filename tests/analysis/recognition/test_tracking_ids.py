"""An id stays with its face through movement and short absences, and is never reused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given

from analysis.recognition.faces import Face
from analysis.recognition.tracking.tracker import Tracker
from tests.analysis.recognition.tracked import face, faces, follow, frames, ids

RATES = [5, 15, 30]


def times(rate: float, seconds: float, start: float = 0.0) -> list[float]:
    return [start + index / rate for index in range(round(rate * seconds))]


def test_no_face_is_an_empty_answer():
    assert Tracker().update([], 0.0) == ()


def test_ids_count_from_one_in_the_order_of_the_faces():
    assert ids(Tracker().update([face(100), face(300), face(450)], 0.0)) == [1, 2, 3]


def test_box_score_and_raw_probabilities_are_this_frames():
    tracker, found = Tracker(), face(210, 160, 90)
    tracker.update([face()], 0.0)
    (tracked,) = tracker.update([found], 0.1)
    assert (tracked.box, tracked.score, tracked.raw) == (found.box, found.score, found.probabilities)


@pytest.mark.parametrize("rate", RATES)
def test_a_face_that_crosses_the_image_keeps_its_id(rate: int):
    path = [(at, [face(50 + 190 * at, side=70)]) for at in times(rate, 2)]
    assert follow(Tracker(), path) == [[1]] * len(path)


def test_a_jittering_box_keeps_its_id():
    noise = np.random.default_rng(0).normal(0, 12, (300, 3))
    path = [(index / 30, [face(200 + dx, 150 + dy, 100 + ds)]) for index, (dx, dy, ds) in enumerate(noise)]
    assert follow(Tracker(), path) == [[1]] * len(path)


@pytest.mark.parametrize("rate", RATES)
def test_an_approaching_face_keeps_its_id(rate: int):
    path = [(at, [face(side=40 * math.exp(at))]) for at in times(rate, 2)]
    assert follow(Tracker(), path) == [[1]] * len(path)


def test_a_face_five_times_as_large_gets_a_new_id():
    assert follow(Tracker(), [(0, [face(side=40)]), (0.1, [face(side=200)])]) == [[1], [2]]


def test_the_order_of_the_faces_does_not_matter():
    left, right = face(100), face(300)
    assert follow(Tracker(), [(0, [left, right]), (0.1, [right, left])]) == [[1, 2], [2, 1]]


@pytest.mark.parametrize(("away", "number"), [(0.2, 1), (1.0, 1), (1.8, 1), (3.0, 2), (600.0, 2)])
def test_a_face_missing_for_a_second_keeps_its_id(away: float, number: int):
    """And after three as another."""
    before = [(at, [face()]) for at in times(10, 1)]
    absent = [(at, []) for at in times(10, min(away, 3), 1)]
    *_, last = follow(Tracker(), [*before, *absent, (0.9 + away, [face(215, 140)])])
    assert last == [number]


def test_a_face_keeps_its_id_over_a_gap_between_frames():
    assert follow(Tracker(), [(0, [face()]), (1, [face(220)])]) == [[1], [1]]


def test_a_passer_by_does_not_take_a_missing_faces_id():
    """A second one passes where the first looked away, who then comes back."""
    tracker = Tracker()
    follow(tracker, [(at, [face(240), face(100 * at - 50, side=90)]) for at in times(15, 1)])
    walk = [(at, [face(100 + 280 * (at - 1), side=90)]) for at in times(15, 1, 1)]
    assert {number for found in follow(tracker, walk) for number in found} == {2}
    assert follow(tracker, [(2, [face(240), face(385, side=90)])]) == [[1, 2]]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hidden", [0.0, 0.5, 1.1], ids=["both seen", "half covered", "touched"])
def test_two_faces_that_cross_keep_their_ids(rate: int, hidden: float):
    """The one behind is not found while the faces' middles are nearer than `hidden` sides."""
    tracker, side = Tracker(), 80
    for at in times(rate, 3):
        front, behind = face(60 + 120 * at, 150, side), face(420 - 120 * at, 160, side)
        both = abs(front.box.x - behind.box.x) >= hidden * side
        found = tracker.update([front, behind] if both else [front], at)
        assert ids(found) == ([1, 2] if both else [1]), at


def test_a_row_of_faces_keeps_its_ids_while_the_camera_pans():
    """By more than half of the distance between two of them, where the nearest is the neighbour."""
    row = [face(x, side=80) for x in (60, 150, 240, 330)]
    moved = [face(x + 50, side=80) for x in (60, 150, 240, 330)]
    assert follow(Tracker(), [(0, row), (0.2, moved)]) == [[1, 2, 3, 4]] * 2


@pytest.mark.parametrize("gap", [0.1, 0.4])
def test_one_face_leaves_while_another_comes_at_the_other_end_of_a_row(gap: float):
    first, second = [face(x, side=80) for x in (60, 150, 240)], [face(x, side=80) for x in (150, 240, 330)]
    assert follow(Tracker(), [(0, first), (gap, second)]) == [[1, 2, 3], [2, 3, 4]]


def test_a_large_face_in_front_of_a_small_one_keeps_its_id():
    """Each middle is nearer to where the other one's was."""
    before, after = [face(200, side=120), face(210, side=70)], [face(206, side=120), face(204, side=70)]
    assert follow(Tracker(), [(0, before), (0.1, after)]) == [[1, 2], [1, 2]]


def test_a_face_that_moves_to_a_missing_ones_place_keeps_its_id():
    seen = [(at, [face(240, side=90), face(175, 160, 90)]) for at in times(10, 1)]
    alone = [(at, [face(175, 160, 90)]) for at in times(10, 1, 1)]
    assert follow(Tracker(), [*seen, *alone, (2.1, [face(236, side=90)])])[-1] == [2]


def test_a_new_face_elsewhere_gets_a_new_id():
    assert follow(Tracker(), [(0, [face(100)]), (0.1, [face(400)])]) == [[1], [2]]


@given(frames)
def test_ids_are_unique_in_a_frame_and_not_reused(
    sequence: list[tuple[float, list[Face]]],
):
    tracker, at, latest, seen = Tracker(), 0.0, 0.0, {}
    for gap, found in sequence:
        at = at + gap
        latest = max(latest, at)
        answer = tracker.update(found, at)
        assert [(tracked.box, tracked.raw) for tracked in answer] == [(one.box, one.probabilities) for one in found]
        assert len(set(ids(answer))) == len(found)
        for number in ids(answer):
            assert number in seen or number == len(seen) + 1
            assert latest - seen.get(number, latest) <= 2
            seen[number] = latest


@given(frames, faces)
def test_the_result_is_deterministic(sequence: list[tuple[float, list[Face]]], last: Face):
    at = itertools.accumulate(gap for gap, _ in sequence)
    path = [*((next(at), found) for _, found in sequence), (100.0, [last])]
    one, other = Tracker(), Tracker()
    assert [one.update(found, at) for at, found in path] == [other.update(found, at) for at, found in path]


def test_a_frame_from_the_past_counts_as_simultaneous_with_the_last():
    assert follow(Tracker(), [(10, [face()]), (0, [face(210)]), (11, [face()])]) == [[1]] * 3


@pytest.mark.parametrize("at", [math.nan, math.inf])
def test_an_infinite_time_is_an_error(at: float):
    with pytest.raises(ValueError, match=rf"at: expected a finite number of seconds; got {at}"):
        Tracker().update([face()], at)
