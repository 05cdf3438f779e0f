"""The second likeliest expression."""

from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.faces import Box, Face


def face(**shares: float) -> Face:
    return Face(Box(0, 0, 9, 9), 0.9, tuple(shares.get(emotion, 0.0) for emotion in EMOTIONS))


def test_it_is_the_second_likeliest():
    assert face(happy=0.6, fear=0.3, sad=0.1).runner_up == Emotion.FEAR


def test_of_two_equally_likely_ones_it_is_the_second():
    tied = face(sad=0.4, neutral=0.4, angry=0.2)
    assert (tied.emotion, tied.runner_up, tied.margin) == (Emotion.SAD, Emotion.NEUTRAL, 0.0)
