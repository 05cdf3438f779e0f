import pytest
from django import template

from analysis.templatetags.ui import bar, emotion_icon, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.006, "1%"), (0.934, "93%"), (0.9949, "99%"), (0.9951, ">99%"), (1, "100%")],
)
def test_a_percentage_never_rounds_to_certainty(share, text):
    assert percent(share) == text


def test_a_bar_is_as_long_as_its_share():
    assert '<rect width="93.4%"' in bar(0.934, "happy")


def test_an_unknown_emotion_has_no_face():
    with pytest.raises(template.TemplateSyntaxError, match="expected one of angry"):
        emotion_icon("bored")
