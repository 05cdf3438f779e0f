"""A tracked face's smoothed probabilities and its emotion, which does not flicker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from tests.analysis.recognition.tracked import between, distributions, face, frames, shares

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL


def show(tracker: Tracker, probabilities: tuple[float, ...], at: float) -> TrackedFace:
    (tracked,) = tracker.update([face(probabilities=probabilities)], at)
    return tracked


def test_a_new_face_shows_its_own_probabilities():
    tracked = show(Tracker(), shares(SAD), 0.0)
    assert tracked.probabilities == tracked.raw == shares(SAD)
    assert tracked.emotion is SAD


def test_smoothing_is_the_weight_of_the_past_after_a_tenth_of_a_second():
    tracker = Tracker(smoothing=0.6)
    show(tracker, between(HAPPY, 1.0, SAD), 0.0)
    assert show(tracker, between(HAPPY, 0.0, SAD), 0.1).probabilities == pytest.approx(between(HAPPY, 0.6, SAD))


@pytest.mark.parametrize("rate", [5, 10, 30, 60])
def test_smoothing_is_independent_of_the_frame_rate(rate: int):
    tracker = Tracker(smoothing=0.6)
    for index in range(rate):
        show(tracker, between(HAPPY, 1.0, SAD), index / rate)
    for index in range(2 * rate // 5):
        tracked = show(tracker, between(HAPPY, 0.0, SAD), 1 - 1 / rate + (index + 1) / rate)
    assert tracked.probabilities == pytest.approx(between(HAPPY, 0.6**4, SAD))


def test_without_smoothing_it_shows_each_frame_as_it_is():
    tracker = Tracker(smoothing=0)
    for at, probabilities in [(0.0, shares(SAD)), (0.1, shares(HAPPY)), (0.1, shares(SAD))]:
        assert show(tracker, probabilities, at).probabilities == probabilities


def test_smoothing_may_change_while_it_runs():
    tracker = Tracker(smoothing=0.9)
    show(tracker, shares(HAPPY), 0.0)
    tracker.smoothing = 0
    assert show(tracker, shares(SAD), 0.1).probabilities == shares(SAD)


@pytest.mark.parametrize("value", [-0.1, 1, 1.5, float("nan"), float("inf"), True, "0.6", None])
def test_a_smoothing_out_of_range_is_an_error(value: object):
    with pytest.raises(ValueError, match=r"smoothing: expected a number from 0 to below 1; got "):
        Tracker(smoothing=value)
    with pytest.raises(ValueError, match="smoothing"):
        Tracker().smoothing = value


@given(frames, st.floats(0, 0.99))
def test_smoothed_probabilities_stay_within_the_raw_ones(sequence: list[tuple[float, list[Face]]], smoothing: float):
    tracker, at, seen = Tracker(smoothing=smoothing), 0.0, {}
    for gap, found in sequence:
        at += gap
        for tracked in tracker.update(found, at):
            raw = seen.setdefault(tracked.id, [])
            raw.append(tracked.raw)
            assert sum(tracked.probabilities) == pytest.approx(1)
            assert (np.array(tracked.probabilities) <= np.max(raw, axis=0) + 1e-9).all()
            assert (np.array(tracked.probabilities) >= np.min(raw, axis=0) - 1e-9).all()
            assert tracked.confidence == tracked.probabilities[EMOTIONS.index(tracked.emotion)]


@given(distributions, st.floats(0, 0.99))
def test_an_unchanging_face_shows_its_emotion(probabilities: tuple[float, ...], smoothing: float):
    tracker = Tracker(smoothing=smoothing)
    for index in range(20):
        tracked = show(tracker, probabilities, index / 10)
    assert tracked.probabilities == pytest.approx(probabilities)
    assert tracked.confidence == pytest.approx(max(probabilities))


def test_a_clear_change_shows_within_half_a_second():
    tracker = Tracker()
    for index in range(30):
        show(tracker, shares(HAPPY), index / 30)
    shown = [show(tracker, shares(SAD), 1 + index / 30).emotion for index in range(15)]
    assert shown[0] is HAPPY
    assert shown[-1] is SAD
    assert shown == sorted(shown)  # once, not to and fro


def test_the_emotion_does_not_flicker_between_two_similar_ones():
    tracker = Tracker(smoothing=0)
    shown = {show(tracker, between(HAPPY, 0.53 - 0.05 * (i % 2), SAD), i / 30).emotion for i in range(90)}
    assert shown == {HAPPY}


def test_a_challenger_that_stays_a_little_ahead_is_shown_after_half_a_second():
    tracker = Tracker(smoothing=0)
    show(tracker, between(HAPPY, 0.6, SAD), 0.0)
    shown = {at: show(tracker, between(HAPPY, 0.48, SAD), at).emotion for at in (0.1, 0.3, 0.5, 0.7)}
    assert shown == {0.1: HAPPY, 0.3: HAPPY, 0.5: HAPPY, 0.7: SAD}


def test_a_challenger_well_ahead_is_shown_at_once():
    tracker = Tracker(smoothing=0)
    show(tracker, between(HAPPY, 0.6, SAD), 0.0)
    assert show(tracker, between(HAPPY, 0.44, SAD), 0.1).emotion is SAD


def test_the_confidence_is_the_shown_expressions():
    tracker = Tracker(smoothing=0)
    show(tracker, between(HAPPY, 0.6, SAD), 0.0)
    tracked = show(tracker, between(HAPPY, 0.48, SAD), 0.1)
    assert (tracked.emotion, tracked.confidence) == (HAPPY, 0.48)
    assert tracked.margin == pytest.approx(-0.04)
    assert tracked.is_uncertain


@given(distributions)
def test_uncertainty_is_the_same_as_in_photos(probabilities: tuple[float, ...]):
    found = Face(Box(0, 0, 10, 10), 0.9, probabilities)
    (tracked,) = Tracker().update([found], 0.0)
    assert (tracked.is_uncertain, tracked.confidence) == (found.is_uncertain, found.confidence)
    assert tracked.margin == pytest.approx(found.margin)


def test_faces_do_not_mix():
    tracker = Tracker()
    for index in range(10):
        left, right = tracker.update(
            [face(100, probabilities=shares(HAPPY)), face(300, probabilities=shares(NEUTRAL))], index / 10
        )
    assert left.probabilities == pytest.approx(shares(HAPPY))
    assert right.probabilities == pytest.approx(shares(NEUTRAL))
