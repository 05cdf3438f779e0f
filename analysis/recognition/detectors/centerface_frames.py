"""CenterFace for the frames of a sequence: a coarse look at the whole, or one round a known face."""

from __future__ import annotations

import numpy as np

from analysis.recognition.detectors.centerface import CenterFace, CloserLook
from analysis.recognition.detectors.looks import plan_frame_looks
from analysis.recognition.faces import Detection, Image

_NEAR = CloserLook(side=96, share=2.0, min_score=0.4, is_quick=True)
"""Round a known face, which may have moved by 0.6 of its side. Where no face is, 200 squares had 0.15 at most; with
more pixels, expressions are not read any better. docs/framing.md has the figures."""

_MAX_SIZES = 8
"""The looks of frames of three shapes and closer ones, of 1 to 10 MB each: making one anew takes longer than a look."""


class CenterFaceFrames(CenterFace):
    """Implements `sequence.FrameDetector` on one thread, for each of a server's threads has its own."""

    def __init__(self, model: bytes | None = None) -> None:
        super().__init__(model, threads=1, max_sizes=_MAX_SIZES)

    def detect(self, image: Image, *, is_coarse: bool = False) -> list[Detection]:
        whole, glance = plan_frame_looks(*image.shape[1::-1], is_coarse=is_coarse)
        return self._detect(image, [whole]) or self._detect(image, [glance])

    def detect_near(self, image: Image, face: Detection) -> Detection | None:
        box = face.box
        corners = np.array([(box.x, box.y), (box.x + box.width, box.y + box.height)], np.float32)
        find = self._look_closer(image, corners, _NEAR)
        return self._detection(image, find) if find else None
