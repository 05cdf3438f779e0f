"""One network, two readings: each alone, and blended as the card says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.conf import settings

from analysis.recognition.bundle import Bundle, shipped_bundle
from analysis.recognition.classifier import Classifier, calibrate
from analysis.recognition.errors import RecognitionError
from analysis.recognition.golden import golden_faces
from analysis.recognition.readings import Reading


@pytest.fixture(scope="module")
def both() -> Bundle:
    return shipped_bundle(settings.MODELS_STORE, "residual-5")


@pytest.fixture(scope="module")
def older() -> Bundle:
    return shipped_bundle(settings.MODELS_STORE, "residual-4")


def test_what_is_served_is_the_blend_of_both_at_its_own_temperature(both):
    read = Classifier(both).read(golden_faces())
    assert list(read) == [Reading.LABELS, Reading.VOTES]
    share = both.votes_share
    assert 0 < share < 1
    blended = (1 - share) * read[Reading.LABELS] + share * read[Reading.VOTES]
    served = Classifier(both).classify(golden_faces())
    np.testing.assert_allclose(served, calibrate(blended, both.temperature), atol=1e-5)


@pytest.mark.parametrize("reading", [Reading.LABELS, Reading.VOTES])
def test_each_reading_has_its_own_temperature(both, reading):
    alone = Classifier(both, reading).classify(golden_faces())
    assert (alone.dtype, alone.shape) == (np.float32, (2, 7))
    raw = Classifier(both).read(golden_faces())[reading]
    np.testing.assert_allclose(alone, calibrate(raw, both.temperature_of(reading)), atol=1e-5)
    np.testing.assert_allclose(alone.sum(axis=1), 1, atol=1e-5)


def test_an_older_version_serves_its_one_reading(older):
    assert (older.readings, older.votes_share) == ((Reading.LABELS,), 0.0)
    served, labels = (Classifier(older, reading).classify(golden_faces()) for reading in ("served", "labels"))
    np.testing.assert_array_equal(served, labels)
    np.testing.assert_allclose(served, older.card["golden"], atol=0.05)


def test_a_reading_that_a_version_lacks_is_refused_by_name(older):
    with pytest.raises(RecognitionError, match=r"residual-4 has no reading “votes”\. It has: labels, served\."):
        Classifier(older, Reading.VOTES)


def test_a_card_of_two_readings_needs_two_outputs(older):
    with pytest.raises(RecognitionError, match=r"of shapes \(1, 48, 48, 1\), \(1, 7\), \(1, 7\); found"):
        Classifier(replace(older, card={**older.card, "votes_share": 0.5}))
