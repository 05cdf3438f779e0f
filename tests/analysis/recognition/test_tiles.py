"""Small photos have one level, large ones overlapping tiles too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.recognition.detectors.tiles import Tile, levels

SIZES = st.one_of(st.integers(1, 6000), st.integers(6000, 25_000_000))


def test_a_small_photo_has_one_level():
    (level,) = levels(640, 480, 256)
    assert level.tiles == (Tile(0, 0, 256, 192, 256, 192),)


def test_a_larger_photo_has_levels_from_fine_to_coarse():
    assert [len(level.tiles) for level in levels(1280, 960, 256)] == [4, 1]
    assert [len(level.tiles) for level in levels(4000, 3000, 256)] == [15, 4, 1]


@settings(deadline=None)
@given(width=SIZES, height=SIZES)
def test_the_tiles_are_few_and_cover_the_image(width: int, height: int):
    looks = levels(width, height, 256)
    assert sum(len(level.tiles) for level in looks) <= 30
    assert len(looks[-1].tiles) == 1
    for level in looks:
        assert (min(t.left for t in level.tiles), min(t.top for t in level.tiles)) == (0, 0)
        assert (max(t.right for t in level.tiles), max(t.bottom for t in level.tiles)) == (level.width, level.height)
        assert all(0 < t.right - t.left <= 256 and 0 < t.bottom - t.top <= 256 for t in level.tiles)


@pytest.mark.parametrize(
    ("box", "held"),
    [
        ((10, 10, 50, 50), True),
        ((-5, -5, 50, 50), True),
        ((60, 10, 101, 50), False),
        ((10, 60, 50, 101), False),
    ],
)
def test_a_tile_ignores_what_its_inner_edges_cut(box: tuple[float, ...], held: bool):
    tile = Tile(0, 0, 100, 100, 300, 300)
    near, far = np.array([box[:2]], np.float32), np.array([box[2:]], np.float32)
    assert tile.holds(near, far).tolist() == [held]
