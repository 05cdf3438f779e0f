"""Three public-domain faces that the landing page shows with the active version's own answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysis import engine
from analysis.recognition.emotions import Emotion
from analysis.recognition.faces import Face
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.renditions import recognize_upload, render_photo
from analysis.recognition.result import Recognition


@dataclass(frozen=True)
class Portrait:
    """A picture of one face in `static/`, and `shows`: the expression that people see in it."""

    file: str
    alt: str
    about: str
    shows: Emotion


PORTRAITS = (
    Portrait(
        "landing/collins.jpg",
        _("Portrait of Eileen Collins in an orange space suit"),
        _("Eileen Collins, astronaut. Photo: NASA."),
        Emotion.HAPPY,
    ),
    Portrait(
        "landing/cameraman.jpg",
        _("A man in profile looking through a camera"),
        _("A cameraman from the side. Photo: Lav Varshney (CC0)."),
        Emotion.NEUTRAL,
    ),
    Portrait(
        "landing/hopper.jpg",
        _("Overexposed, squeezed and tilted portrait of Grace Hopper in uniform"),
        _("Grace Hopper, computer pioneer: a U.S. Navy portrait, squeezed, tilted and overexposed on purpose."),
        Emotion.NEUTRAL,
    ),
)


@dataclass(frozen=True)
class ShownFace:
    portrait: Portrait
    face: Face

    @property
    def verdict(self) -> str:
        """ "uncertain" where the version says so, else "right" or "wrong"."""
        if self.face.is_uncertain:
            return "uncertain"
        return "right" if self.face.emotion == self.portrait.shows else "wrong"


def shown_faces() -> tuple[ShownFace, ...]:
    """Return the portraits with the active version's answers; raises `RecognitionError`."""
    return _faces_of(engine.active_model().name)


@lru_cache(maxsize=2)
def _faces_of(version: str) -> tuple[ShownFace, ...]:
    found = []
    for portrait in PORTRAITS:
        result = engine.run(partial(_recognize, portrait), owner=None)
        found += [ShownFace(portrait, face) for face in result.faces[:1]]
    return tuple(found)


def _recognize(portrait: Portrait, recognizer: Recognizer) -> Recognition:
    data = (settings.BASE_DIR / "static" / portrait.file).read_bytes()
    return recognize_upload(recognizer, data, render_photo)[0]
