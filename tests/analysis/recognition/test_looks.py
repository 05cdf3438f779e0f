"""The looks at a picture: the whole, smaller for large faces, larger and in tiles for small ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from analysis.recognition.detectors.looks import Tile, plan_looks, resize


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    return [(look.width, look.height) for look in plan_looks(width, height)]


def test_a_photo_is_seen_at_640_and_at_192_pixels():
    assert sizes(1280, 960) == [(640, 480), (192, 144)]


def test_a_small_picture_is_enlarged_to_twice_its_size_at_most():
    assert sizes(240, 320) == [(480, 640), (144, 192)]
    assert sizes(48, 48) == [(256, 256), (192, 192)]


def test_a_larger_photo_is_also_seen_at_a_scale_that_shows_small_faces():
    detail, *rest = plan_looks(2000, 1500)
    assert (detail.width, detail.height, detail.is_reliable) == (1100, 825, False)
    assert [(look.width, look.is_reliable) for look in rest] == [(640, True), (192, True)]


@pytest.mark.parametrize("size", [(1281, 961), (2000, 1500), (3000, 4000), (8000, 6000), (9000, 500), (3, 40_000)])
def test_tiles_cover_the_look_and_overlap(size: tuple[int, int]):
    look = plan_looks(*size)[0]
    seen = np.zeros((look.height, look.width), int)
    for tile in look.tiles:
        assert tile.right - tile.left <= 640
        assert tile.bottom - tile.top <= 640
        seen[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert seen.min() == 1
    columns = sorted({(tile.left, tile.right) for tile in look.tiles})
    assert all(before[1] - after[0] >= 95 for before, after in pairwise(columns))
    assert len(look.tiles) <= 12


def test_a_picture_within_one_tile_has_one():
    assert plan_looks(640, 480)[0].tiles == (Tile(0, 640, 0, 480),)


def test_resizing_gives_the_size_that_was_asked_for():
    picture = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    assert resize(picture, 400, 300) is picture
    for width, height in ((90, 70), (800, 600), (1, 1)):
        assert resize(picture, width, height).shape == (height, width, 3)
