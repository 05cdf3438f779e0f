"""Choices and column names of the seven emotions, shared by photos, sessions and history."""

from __future__ import annotations

from analysis.recognition.emotions import EMOTIONS

EMOTION_CHOICES = [(str(emotion), emotion.capitalize()) for emotion in EMOTIONS]


# Columns rather than JSON: sums and means over a million faces stay inside the database.
PROBABILITY_FIELDS = [f"p_{emotion}" for emotion in EMOTIONS]
