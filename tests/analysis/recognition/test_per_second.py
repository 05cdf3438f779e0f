"""Each face's mean over each second."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recognition.emotions import Emotion
from analysis.recognition.faces import Box
from analysis.recognition.tracking.per_second import FaceSecond, SecondsAggregator
from analysis.recognition.tracking.tracker import TrackedFace
from tests.analysis.recognition.tracked import distributions, shares


def tracked(number: int = 1, raw: tuple[float, ...] | None = None) -> TrackedFace:
    return TrackedFace(
        id=number,
        box=Box(0, 0, 10, 10),
        score=0.9,
        raw=raw or shares(),
        probabilities=shares(Emotion.SAD),
        shown=Emotion.SAD,
    )


def test_a_second_is_returned_when_the_next_begins():
    seconds = SecondsAggregator()
    assert seconds.add(0.0, [tracked()]) == []
    assert seconds.add(0.99, [tracked()]) == []
    (done,) = seconds.add(1.0, [tracked()])
    assert (done.second, done.face, done.frames) == (0, 1, 2)


def test_it_holds_the_mean_of_the_unsmoothed_probabilities():
    seconds = SecondsAggregator()
    seconds.add(0.1, [tracked(raw=shares(Emotion.HAPPY, 1.0))])
    seconds.add(0.2, [tracked(raw=shares(Emotion.HAPPY, 0.4))])
    (done,) = seconds.flush()
    assert done.probabilities == pytest.approx(shares(Emotion.HAPPY, 0.7))


def test_it_holds_the_mean_of_the_detectors_scores():
    seconds = SecondsAggregator()
    seconds.add(0.1, [replace(tracked(), score=0.5)])
    seconds.add(0.2, [tracked()])
    (done,) = seconds.flush()
    assert done.score == pytest.approx(0.7)


def test_each_face_has_its_own_row_and_count():
    seconds = SecondsAggregator()
    seconds.add(0.1, [tracked(2), tracked(1)])
    seconds.add(0.5, [tracked(2)])
    assert [(done.face, done.frames) for done in seconds.flush()] == [(1, 1), (2, 2)]


def test_a_second_without_a_face_yields_nothing():
    seconds = SecondsAggregator()
    assert seconds.add(0.5, [tracked()]) != seconds.add(1.5, [])
    assert seconds.add(2.5, []) == []
    assert seconds.add(7.5, [tracked()]) == []
    assert [done.second for done in seconds.flush()] == [7]


def test_a_gap_of_hours_is_fast():
    seconds = SecondsAggregator()
    seconds.add(0.0, [tracked()])
    assert [done.second for done in seconds.add(1e9, [tracked()])] == [0]
    assert [done.second for done in seconds.flush()] == [10**9]


def test_flushing_twice_returns_nothing_more():
    seconds = SecondsAggregator()
    assert seconds.flush() == []
    seconds.add(0.5, [tracked()])
    assert len(seconds.flush()) == 1
    assert seconds.flush() == []


def test_a_frame_after_a_flush_counts_in_the_next_second():
    seconds = SecondsAggregator()
    seconds.add(4.5, [tracked()])
    assert [done.second for done in seconds.flush()] == [4]
    seconds.add(4.9, [tracked()])
    seconds.add(5.2, [tracked()])
    assert [(done.second, done.frames) for done in seconds.flush()] == [(5, 2)]


def test_a_frame_from_the_past_is_added_to_the_current_second():
    seconds = SecondsAggregator()
    seconds.add(3.5, [tracked()])
    seconds.add(1.5, [tracked()])
    seconds.add(-2.0, [tracked()])
    assert [(done.second, done.frames) for done in seconds.add(4.0, [])] == [(3, 3)]


@pytest.mark.parametrize("at", [math.nan, math.inf])
def test_an_infinite_time_is_an_error(at: float):
    with pytest.raises(ValueError, match=rf"at: expected a finite number of seconds; got {at}"):
        SecondsAggregator().add(at, [])


frames = st.lists(
    st.tuples(st.floats(-0.5, 1.5), st.dictionaries(st.integers(1, 4), distributions), st.booleans()), max_size=40
)


@given(frames)
def test_no_frame_is_lost_and_no_second_returned_twice(sequence: list[tuple[float, dict, bool]]):
    seconds, at, done, seen = SecondsAggregator(), 0.0, [], Counter()
    for gap, faces, flush in sequence:
        at += gap
        done += seconds.add(at, [tracked(number, raw) for number, raw in faces.items()])
        seen.update(list(faces))
        if flush:
            done += seconds.flush()
    done += seconds.flush()
    assert _frames_by_face(done) == seen
    assert len({(row.second, row.face) for row in done}) == len(done)
    assert [row.second for row in done] == sorted(row.second for row in done)
    assert all(sum(row.probabilities) == pytest.approx(1) for row in done)


@given(st.lists(distributions, min_size=1, max_size=30))
def test_the_mean_is_the_mean(raw: list[tuple[float, ...]]):
    seconds = SecondsAggregator()
    for each in raw:
        seconds.add(0.5, [tracked(raw=each)])
    (done,) = seconds.flush()
    np.testing.assert_allclose(done.probabilities, np.mean(raw, axis=0))


def _frames_by_face(rows: list[FaceSecond]) -> Counter:
    frames: Counter = Counter()
    for row in rows:
        frames[row.face] += row.frames
    return frames
