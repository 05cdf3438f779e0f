"""Training with corrections."""

import numpy as np
import pytest

from training.learning.data.splits import TEST, TRAINING, VALIDATION, Split
from training.pipeline import train_version
from training.run_settings import RunSettings

CORRECTED = Split(np.full((5, 48, 48, 1), 200, np.uint8), np.full(5, 4, np.int64))


@pytest.mark.slow
@pytest.mark.usefixtures("convert_in_process")
def test_they_are_learnt_from_and_never_measured_by(store, small_csv, monkeypatch):
    from training.learning import fit

    learnt, validated = [], []
    batches, validation = fit.TrainingBatches, fit._validation
    monkeypatch.setattr(fit, "TrainingBatches", lambda rows, *more: learnt.append(rows) or batches(rows, *more))
    monkeypatch.setattr(fit, "_validation", lambda rows: validated.append(rows) or validation(rows))
    settings = RunSettings(architecture="mlp", data=str(small_csv), epochs=1, batch_size=16)

    card = train_version(version="tiny-1", settings=settings, corrections=lambda: CORRECTED).card

    assert [len(rows) for rows in learnt] == [75]
    assert np.array_equal(learnt[0].images[70:], CORRECTED.images)
    assert [len(rows) for rows in validated] == [14]
    assert not (validated[0].images == 200).all(axis=(1, 2, 3)).any()
    assert {split: card["evaluation"][split]["n"] for split in (VALIDATION, TEST)} == {VALIDATION: 14, TEST: 14}
    assert card["trained"]["data"]["rows"][TRAINING] == 70
    assert card["corrections"] == 5
