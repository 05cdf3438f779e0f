"""Circles and labels are legible in small images and with many faces."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from analysis.recognition import drawing
from analysis.recognition.emotions import COLOURS, EMOTIONS
from analysis.recognition.faces import Box, Face
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.result import Milliseconds, Recognition
from analysis.recognition.tracking.tracker import Tracker


def face(x: float, y: float, side: float, emotion: int = 3, confidence: float = 0.93) -> Face:
    rest = (1 - confidence) / 6
    return Face(Box(x, y, side, side), 0.9, tuple(confidence if i == emotion else rest for i in range(7)))


def recognition(*faces: Face) -> Recognition:
    return Recognition(640, 480, "centerface", "residual-1", faces, Milliseconds(1, 2, 3))


@pytest.fixture
def labels(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[float, ...]]]:
    """Every text that is written, with the area that its letters take."""
    written = []
    write = ImageDraw.ImageDraw.text

    def remember(self: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, **options: object) -> None:
        written.append((text, self.textbbox(xy, text, font=options["font"])))
        write(self, xy, text, **options)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", remember)
    return written


def apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_a_circle_goes_round_the_face_and_leaves_it_and_the_photo_alone():
    photo = np.full((480, 640, 3), 128, np.uint8)
    drawn = drawing.annotate(photo, [face(200, 150, 100)])
    assert (photo == 128).all()
    assert (drawn[170:230, 220:280] == 128).all()
    assert tuple(drawn[200, 250 - 56]) == tuple(bytes.fromhex(COLOURS[EMOTIONS[3]][1:]))


def test_the_label_says_emotion_and_confidence(labels: list):
    drawing.annotate(np.zeros((480, 640, 3), np.uint8), [face(200, 150, 100)])
    assert [text for text, _ in labels] == ["happy 93%"]


def test_labels_of_several_faces_are_numbered_from_the_left(labels: list):
    drawing.annotate(np.zeros((480, 640, 3), np.uint8), [face(100, 150, 100), face(400, 150, 100)])
    assert [text for text, _ in labels] == ["1 happy 93%", "2 happy 93%"]


def test_a_tracked_face_has_a_circle_and_a_label_with_its_id(labels: list):
    frame, tracker = np.full((360, 480, 3), 128, np.uint8), Tracker()
    tracker.update([face(20, 20, 60)], 0.0)
    tracked = tracker.update([face(20, 20, 60), face(250, 150, 100, confidence=0.4)], 0.1)
    drawn = drawing.draw_tracked(frame, tracked)
    assert [text for text, _ in labels] == ["#1 happy 93%", "#2 happy 40%?"]
    assert (frame == 128).all()
    assert tuple(drawn[200, 300 - 56]) == tuple(bytes.fromhex(COLOURS[EMOTIONS[3]][1:]))


def test_a_tracked_face_shows_the_emotion_that_hysteresis_shows(labels: list):
    tracker = Tracker()
    tracker.update([face(250, 150, 100, 3, 0.93)], 0.0)
    drawing.draw_tracked(np.zeros((360, 480, 3), np.uint8), tracker.update([face(250, 150, 100, 4, 0.93)], 0.01))
    assert labels[0][0].startswith("#1 happy")


def test_a_frame_without_faces_stays_as_it_is(landscape: np.ndarray):
    np.testing.assert_array_equal(drawing.draw_tracked(landscape, ()), landscape)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 960), (4000, 3000), (300, 400)])
def test_twelve_labels_lie_inside_and_apart_and_are_large_enough(labels: list, width: int, height: int):
    side = width / 10
    faces = [face(width * (0.1 + 0.22 * (i % 4)), height * (0.1 + 0.28 * (i // 4)), side, i % 7) for i in range(12)]
    drawing.annotate(np.zeros((height, width, 3), np.uint8), faces)
    areas = [area for _, area in labels]
    assert len(areas) == 12
    assert all(a[0] >= 0 and a[2] <= width and a[1] >= 0 and a[3] <= height for a in areas)
    assert all(apart(a, b) for a, b in itertools.combinations(areas, 2))
    assert all(area[3] - area[1] >= max(6, max(width, height) / 90) for area in areas)


def test_labels_of_faces_close_together_do_not_cover_each_other(labels: list):
    drawing.annotate(np.zeros((480, 640, 3), np.uint8), [face(200 + 20 * i, 200, 60) for i in range(4)])
    assert all(apart(a, b) for (_, a), (_, b) in itertools.combinations(labels, 2))


@pytest.mark.parametrize("place", [(0, 0), (600, 440), (-30, -30), (0, 440)])
def test_a_label_at_the_edge_is_moved_inside(labels: list, place: tuple[int, int]):
    drawing.annotate(np.zeros((480, 640, 3), np.uint8), [face(*place, 60)])
    ((_, (left, top, right, bottom)),) = labels
    assert left >= 0
    assert top >= 0
    assert right <= 640
    assert bottom <= 480


@pytest.mark.parametrize("emotion", range(7))
def test_a_labels_text_stands_out_from_its_colour(emotion: int):
    fill = tuple(bytes.fromhex(COLOURS[EMOTIONS[emotion]][1:]))

    def luminance(colour: tuple[int, ...]) -> float:
        parts = [c / 255 for c in colour]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(fill), luminance(drawing._readable_on(fill))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (48, 48), (30, 2000)])
def test_tiny_images_work(size: tuple[int, int]):
    drawn = drawing.annotate(np.zeros((*size, 3), np.uint8), [face(0, 0, min(size))])
    assert drawn.shape == (*size, 3)


def test_a_photo_without_faces_stays_as_it_is(landscape: np.ndarray):
    np.testing.assert_array_equal(drawing.annotate(landscape, []), landscape)


def test_a_jpeg_shows_the_picture_and_holds_no_metadata(landscape: np.ndarray):
    with PillowImage.open(io.BytesIO(drawing.encode_jpeg(landscape))) as picture:
        assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (640, 480), 0)


@pytest.mark.parametrize("count", [0, 1, 12, 40])
def test_a_chart_is_a_picture_for_any_number_of_faces(count: int):
    chart = recognition(*(face(i, 0, 10, i % 7) for i in range(count))).chart()
    with PillowImage.open(io.BytesIO(chart)) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert min(picture.size) >= 200


def test_a_chart_names_every_emotion_and_share(monkeypatch: pytest.MonkeyPatch):
    from matplotlib.text import Text

    drawn = set()
    write = Text.draw
    monkeypatch.setattr(Text, "draw", lambda self, *args, **kw: (drawn.add(self.get_text()), write(self, *args, **kw)))
    recognition(face(0, 0, 10)).chart()
    assert {emotion.value for emotion in EMOTIONS} | {"93%", "1%", "Face 1 from the left"} <= drawn


def test_the_twelve_faces_of_a_group_are_drawn(recognizer: Recognizer, group: np.ndarray, labels: list):
    drawing.annotate(group, recognizer.recognize_image(group).faces)
    assert len(labels) == 12


def test_drawing_on_a_photo_does_not_import_matplotlib():
    program = "import sys; from analysis.recognition import drawing; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).resolve().parents[3])


@pytest.mark.parametrize(("label", "expected"), [("größer 93 %", "größer 93 %"), ("\ue000 93%", "happy 93%")])
def test_a_label_in_another_language_is_written_where_a_font_has_its_letters(labels: list, label: str, expected: str):
    pytest.importorskip("matplotlib")
    drawing.annotate(np.zeros((480, 640, 3), np.uint8), [face(200, 150, 100)], label=lambda face, emotion: label)
    assert [text for text, _ in labels] == [expected]
