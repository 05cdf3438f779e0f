"""The readings of one network: what each of its outputs was trained to say of the same face."""

from __future__ import annotations

from enum import StrEnum


class Reading(StrEnum):
    """Which answer of a version is meant; the value is what commands, cards and the API hold."""

    LABELS = "labels"
    """The expression as FER-2013's labels name it."""
    VOTES = "votes"
    """The expression as ten people who look at the face vote (Barsoum et al., 2016)."""
    SERVED = "served"
    """What users receive: the two blended by the share on the version's card, or the only one there is."""


SUMMARIES = {
    Reading.LABELS: "as FER-2013 labels a face",
    Reading.VOTES: "as ten people who look at it vote",
    Reading.SERVED: "as served",
}
