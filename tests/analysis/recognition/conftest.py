"""Fixtures: real photos, the shipped model and its recognizer."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.recognition.bundle import Bundle, shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.images import decode
from analysis.recognition.recognizer import Recognizer

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return shipped_default(PROJECT / "models_store")


@pytest.fixture(scope="session")
def recognizer(bundle: Bundle) -> Recognizer:
    return Recognizer(bundle, create_detector("centerface"))


@pytest.fixture(scope="session")
def portrait(hopper: bytes) -> np.ndarray:
    """One face, about 195 pixels wide, with its middle near (269, 237); uint8 (600, 512, 3)."""
    return decode(hopper)


@pytest.fixture(scope="session")
def group(portrait: np.ndarray) -> np.ndarray:
    """Twelve faces of 60 to 110 pixels, in three rows of four, on a picture of 1280 x 960 pixels."""
    picture = np.full((960, 1280, 3), 200, np.uint8)
    head = portrait[60:420, 70:430]
    for index in range(12):
        side = 110 + 8 * index
        small = cv2.resize(head[:, ::-1] if index % 2 else head, (side, side), interpolation=cv2.INTER_AREA)
        left, top = 320 * (index % 4) + 60, 320 * (index // 4) + 60
        picture[top : top + side, left : left + side] = small
    return picture


@pytest.fixture(scope="session")
def landscape() -> np.ndarray:
    """No face: a sky over hills, with some noise; uint8 (480, 640, 3)."""
    x, y = np.meshgrid(np.arange(640), np.arange(480))
    hills = y > 300 + 40 * np.sin(x / 70) + 15 * np.sin(x / 23)
    picture = np.where(hills[..., None], (60, 110, 50), (120, 170, 230)) + (y[..., None] // 12)
    return (picture + np.random.default_rng(0).integers(-12, 13, picture.shape)).clip(0, 255).astype(np.uint8)
