"""What of the look can be reckoned: contrast, hues, and no style that the browser would refuse."""

import colorsys
import re
from pathlib import Path

import pytest

from analysis.recognition.emotions import COLOURS, EMOTIONS

PROJECT = Path(__file__).resolve().parents[2]
LIGHT, DARK = ((PROJECT / "static/css/shared" / name).read_text() for name in ("variables.css", "dark.css"))


def _values(block):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


THEMES = {"light": _values(LIGHT), "dark": {**_values(LIGHT), **_values(DARK)}}


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _hue(colour):
    return colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("text", "text-muted", "accent", "danger") for ground in ("background", "surface")),
        ("text", "surface-sunken"),
        ("text-muted", "surface-sunken"),
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("on-danger", "danger"),
        ("accent", "accent-soft"),
        ("text", "accent-soft"),
        ("text", "success-soft"),
        ("text", "warning-soft"),
        ("text", "danger-soft"),
        ("danger", "danger-soft"),
        ("warning", "surface"),
    ],
)
def test_words_reach_4_5_to_1(theme, ink, ground):
    assert _contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_bars_reach_3_to_1(theme, emotion):
    colours = THEMES[theme]
    for ground in ("background", "surface", "surface-sunken"):
        assert _contrast(colours[emotion], colours[ground]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_faces_features_reach_3_to_1_on_their_disc(theme, emotion):
    assert _contrast(THEMES[theme][emotion], THEMES[theme]["emotion-ink"]) >= 3


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_hues_are_those_of_the_palette(emotion):
    assert THEMES["light"][emotion] == COLOURS[emotion].lower()
    for theme in THEMES.values():
        assert abs(_hue(theme[emotion]) - _hue(COLOURS[emotion])) < 0.03


def test_every_emotion_has_its_own_drawing():
    icons = (PROJECT / "static/icons.svg").read_text()
    assert all(f'<symbol id="{emotion}"' in icons for emotion in EMOTIONS)


@pytest.mark.parametrize("path", sorted((PROJECT / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_templates_have_no_style_or_handler_that_the_content_security_policy_refuses(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son(click|change|submit|load|error)=", text)
    assert not re.search(r"""<script(?![^>]*(\bsrc=|type="application/json"))""", text)


PHYSICAL = re.compile(
    r"(margin|padding|border)-(left|right)|(text-align|float): *(left|right)|^\s*(left|right):|-(left|right)-radius",
    re.MULTILINE,
)
OF_PICTURES = {"corrections/mark_face.css", "sessions/replay.css"}
"""Places in a picture or along a time axis, which are the same in every language."""


@pytest.mark.parametrize("path", sorted((PROJECT / "static/css").rglob("*.css")), ids=lambda p: p.name)
def test_styles_follow_the_direction_of_the_language(path):
    if path.relative_to(PROJECT / "static/css").as_posix() not in OF_PICTURES:
        assert not PHYSICAL.search(path.read_text())
