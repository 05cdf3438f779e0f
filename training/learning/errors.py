"""The one error that leaves learning."""

from __future__ import annotations


class LearningError(Exception):
    """Data, a configuration or a checkpoint is not what was expected; the message names both."""
