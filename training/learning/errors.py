"""The one error that leaves learning, and the one way of stopping it."""

from __future__ import annotations


class LearningError(Exception):
    """Data, a configuration or a checkpoint is not what was expected; the message names both."""


class TrainingStopped(Exception):  # nothing went wrong
    """Raised by a callback to stop a training between two batches; what was learnt is kept."""
