"""The mean of several networks' weights.

Source: Wortsman et al., "Model soups" (2022): networks that were trained further from one start lie in one valley.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.recognition.errors import gettext_noop
from training.learning.errors import LearningError

if TYPE_CHECKING:
    import keras


def mean_network(networks: Sequence[keras.Model]) -> keras.Model:
    """Return the first of `networks` with the mean of all their weights; one given twice counts twice.

    Raises `LearningError` where their layers differ. Batch normalization's statistics are means too, and have to be
    measured anew.
    """
    shapes = [[weight.shape for weight in network.weights] for network in networks]
    if any(other != shapes[0] for other in shapes):
        raise LearningError(gettext_noop("A mean of versions needs networks with the same layers and heads."))
    weights = zip(*(network.get_weights() for network in networks), strict=True)
    means = [np.mean(values, axis=0, dtype=np.float64).astype(values[0].dtype) for values in weights]
    networks[0].set_weights(means)
    return networks[0]
