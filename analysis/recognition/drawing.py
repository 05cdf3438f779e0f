"""Draws recognized faces into an image, or their probabilities as a chart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageColor, ImageDraw, ImageFont

from analysis.recognition.emotions import COLOURS, EMOTIONS, Emotion
from analysis.recognition.errors import optional
from analysis.recognition.faces import Box, Face, Image
from analysis.recognition.framing import frame_of_box
from analysis.recognition.label_fonts import DEFAULT, font_with, load_font
from analysis.recognition.tracking.tracker import TrackedFace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Colour = tuple[int, int, int]
_Area = tuple[float, float, float, float]
Label = Callable[[Face, str], str]

_INK: _Colour = (17, 17, 17)
_PAPER: _Colour = (255, 255, 255)
_NO_EMOTION = "#b9b4ad"
_MIN_FONT_SIZE = 9
_MAX_PANELS = 12


def english_label(face: Face, emotion: str) -> str:
    """Return "happy 93%", followed by a question mark if it is uncertain, or that a person said something else."""
    if emotion != face.emotion:
        return f"{emotion}, corrected" if emotion else "cannot tell"
    return f"{face.emotion} {face.confidence:.0%}" + ("?" if face.is_uncertain else "")


def annotate(
    image: Image, faces: Sequence[Face], shown: Sequence[str] | None = None, *, label: Label = english_label
) -> Image:
    """Return a copy of an upright RGB image with a circle round each face, labelled with emotion and confidence.

    Labels of several faces begin with their numbers from the left: "2 happy 93%". `shown` are emotions in place of the
    faces' own, as a person corrected them, "" where nobody can tell. `label` returns the label of a face and its
    emotion in another language; it is in English where no font has its letters.
    """
    emotions = [face.emotion for face in faces] if shown is None else shown
    marks = []
    for number, (face, emotion) in enumerate(zip(faces, emotions, strict=True), start=1):
        prefix = f"{number} " if len(faces) > 1 else ""
        marks.append(_mark(face, emotion, prefix, label))
    return _draw(image, marks)


def draw_tracked(image: Image, faces: Sequence[TrackedFace], *, label: Label = english_label) -> Image:
    """Return what `annotate` does, each label beginning with the face's id: "#1 happy 93%"."""
    return _draw(image, [_mark(face, face.emotion, f"#{face.id} ", label) for face in faces])


def encode_jpeg(image: Image, quality: int = 90) -> bytes:
    """Encode an RGB image, uint8 (H, W, 3), as a JPEG without metadata."""
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def emotion_chart(faces: Sequence[Face]) -> bytes:
    """Return a PNG of each face's seven probabilities or, for more than 12 faces, of the number per emotion.

    Raises `RecognitionError` of code "not_installed" without Matplotlib.
    """
    with optional("Matplotlib", package="matplotlib"):
        from matplotlib.figure import Figure

    panels = len(faces) if 0 < len(faces) <= _MAX_PANELS else 1
    columns = min(panels, 4)
    rows = -(-panels // columns)
    figure = Figure(figsize=(1.2 + 3 * columns, 0.5 + 2.3 * rows), dpi=120, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[panels:]:
        axes.set_axis_off()
    if not faces:
        grid[0].text(0.5, 0.5, "No face was found.", ha="center", va="center", fontsize=14)
        grid[0].set_axis_off()
    elif len(faces) > _MAX_PANELS:
        counts = Counter(face.emotion for face in faces)
        _bars(grid[0], [counts[emotion] for emotion in EMOTIONS], f"{len(faces)} faces", "{:.0f}")
    else:
        for number, (axes, face) in enumerate(zip(grid, faces, strict=False), start=1):
            _bars(axes, [100 * p for p in face.probabilities], f"Face {number} from the left", "{:.0f}%")
            axes.set_xlim(0, 115)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


@dataclass(frozen=True)
class _Mark:
    """What is drawn at a face: its frame in the image's pixels, the emotion of its colour, "" for none, and words.

    `font` is a file of `font_with`.
    """

    frame: Box
    emotion: str
    label: str
    font: str

    @property
    def colour(self) -> _Colour:
        red, green, blue = ImageColor.getrgb(COLOURS[Emotion(self.emotion)] if self.emotion else _NO_EMOTION)[:3]
        return red, green, blue


def _mark(face: Face, emotion: str, prefix: str, label: Label) -> _Mark:
    text = prefix + label(face, emotion)
    font = font_with(text)
    if font is None:
        text, font = prefix + english_label(face, emotion), DEFAULT
    return _Mark(frame_of_box(face.box), emotion, text, font)


def _draw(image: Image, marks: Sequence[_Mark]) -> Image:
    canvas = image.copy()
    for mark in marks:
        _draw_circle(canvas, mark)
    picture = PillowImage.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    taken: list[_Area] = []
    for mark in marks:
        taken.append(_draw_label(draw, mark, picture.size, taken))
    return np.array(picture, np.uint8)


def _draw_circle(canvas: Image, mark: _Mark) -> None:
    centre = round(mark.frame.centre[0]), round(mark.frame.centre[1])
    radius = max(3, round(mark.frame.width / 2))
    edge = max(1, round(radius / 80))
    ring = max(2, round(radius / 20))
    # A light and a dark edge keep the ring visible on any background.
    for colour, thickness in ((_INK, ring + 4 * edge), (_PAPER, ring + 2 * edge), (mark.colour, ring)):
        cv2.circle(canvas, centre, radius, colour, thickness, cv2.LINE_AA)


def _draw_label(draw: ImageDraw.ImageDraw, mark: _Mark, size: tuple[int, int], taken: list[_Area]) -> _Area:
    """Write the label by the face, clear of other labels; return the area of the label."""
    font = _font(draw, mark, size)
    left, top, right, bottom = draw.textbbox((0, 0), mark.label, font=font)
    margin = max(2, round((bottom - top) / 3))
    width, height = right - left + 2 * margin, bottom - top + 2 * margin
    area = _free_area(mark.frame, width, height, size, taken)
    fill = mark.colour
    draw.rounded_rectangle(area, radius=margin, fill=fill, outline=_INK, width=max(1, margin // 4))
    draw.text((area[0] + margin - left, area[1] + margin - top), mark.label, font=font, fill=_readable_on(fill))
    return area


def _font(
    draw: ImageDraw.ImageDraw, mark: _Mark, size: tuple[int, int]
) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font in proportion to the face, smaller if the text would be wider than the image."""
    longer = max(size)
    height = float(np.clip(mark.frame.width / 6, longer / 60, longer / 24))
    font = load_font(mark.font, max(_MIN_FONT_SIZE, height))
    width = draw.textlength(mark.label, font=font) + height
    if width > size[0]:
        font = load_font(mark.font, max(_MIN_FONT_SIZE, height * size[0] / width))
    return font


def _free_area(frame: Box, width: float, height: float, size: tuple[int, int], taken: list[_Area]) -> _Area:
    """Return the area in the image nearest to the face's circle, below it first, that covers no other label."""
    x, y = frame.centre
    left = max(0.0, min(x - width / 2, size[0] - 1 - width))
    reach = frame.width / 2 + height
    tops = [y + reach, y - reach, *(y + reach + sign * step * height for step in range(1, 9) for sign in (1, -1))]
    tops = [max(0.0, min(centre - height / 2, size[1] - 1 - height)) for centre in tops]
    areas = [(left, top, left + width, top + height) for top in tops]
    return next((area for area in areas if not any(_overlap(area, other) for other in taken)), areas[0])


def _overlap(a: _Area, b: _Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _readable_on(colour: _Colour) -> _Colour:
    """Return black or white, whichever has the higher WCAG contrast."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return _INK if (luminance + 0.05) ** 2 > 1.05 * 0.05 else _PAPER


def _bars(axes: Axes, values: Sequence[float], title: str, label: str) -> None:
    bars = axes.barh([emotion.value for emotion in EMOTIONS], values, color=[COLOURS[emotion] for emotion in EMOTIONS])
    axes.bar_label(bars, labels=[label.format(value) for value in values], padding=3, fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
