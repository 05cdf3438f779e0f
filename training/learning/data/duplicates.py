"""Faces that stand in two splits of a data set: a memorized face must not count as a recognized one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.learning.data.splits import Split

HASH_BITS = 63
HASH_DISTANCE = 10
"""Bits of the perceptual hash in which two copies of a picture may differ; it only proposes pairs."""
CORRELATION = 0.9
"""Of the pixels, at least: of 60 proposed pairs looked at by eye above it, 59 were one picture."""
_CHUNK = 512

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Duplicates:
    """Pairs of rows of two splits that show one picture: `pairs` int64 (P, 2), `exact` bool (P,): the same pixels."""

    pairs: npt.NDArray[np.int64]
    exact: npt.NDArray[np.bool_]

    def rows(self, *, exact_only: bool = False) -> npt.NDArray[np.int64]:
        """Return the second split's rows that have a twin in the first, each once, ascending."""
        return np.unique(self.pairs[self.exact if exact_only else slice(None), 1])


def find_duplicates(first: Split, second: Split) -> Duplicates:
    """Return which faces of `second` are in `first` too, exactly or but for compression, light and a small shift.

    Proposed by the perceptual hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions" (2010), and confirmed by the correlation of the pixels. Mirrored copies are not looked for.
    """
    proposed = _similar_hashes(_hashes(first.images), _hashes(second.images))
    correlation = (_normalized(first.images)[proposed[:, 0]] * _normalized(second.images)[proposed[:, 1]]).sum(axis=1)
    same = (first.images[proposed[:, 0]] == second.images[proposed[:, 1]]).all(axis=(1, 2, 3))
    # Two plain grey squares correlate with nothing, not even themselves.
    chosen = (correlation >= CORRELATION) | same
    return Duplicates(proposed[chosen], same[chosen])


def without_duplicates(split: Split, of: Split) -> Split:
    """Return the rows of `split` that have no twin in `of`."""
    return split.take(rows_without_duplicates(split, of))


def rows_without_duplicates(split: Split, of: Split) -> npt.NDArray[np.int64]:
    """Return the numbers of the rows of `split` that have no twin in `of`, int64 (M,), ascending."""
    return np.setdiff1d(np.arange(len(split)), find_duplicates(of, split).rows())


def _hashes(images: Images) -> npt.NDArray[np.float32]:
    """Return float32 (N, 63), -1 or 1 per bit: is this low frequency above the median of all? The mean is left out."""
    small = [cv2.resize(image[..., 0], (32, 32), interpolation=cv2.INTER_AREA) for image in images]
    spectra = [cv2.dct(picture.astype(np.float32))[:8, :8].ravel()[1:] for picture in small]
    spectrum = np.stack(spectra)
    return np.where(spectrum > np.median(spectrum, axis=1, keepdims=True), 1, -1).astype(np.float32)


def _similar_hashes(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return int64 (P, 2): the pairs whose hashes differ in `HASH_DISTANCE` bits at most."""
    pairs = []
    for start in range(0, len(second), _CHUNK):
        # Agreeing bits add one to the product and differing ones take one away.
        products = first @ second[start : start + _CHUNK].T
        row, column = np.nonzero((HASH_BITS - products) / 2 <= HASH_DISTANCE)
        pairs.append(np.stack([row, column + start], axis=1))
    return np.concatenate(pairs).astype(np.int64)


def _normalized(images: Images) -> npt.NDArray[np.float32]:
    pixels = images.reshape(len(images), -1).astype(np.float32)
    pixels -= pixels.mean(axis=1, keepdims=True)
    return np.asarray(pixels / np.maximum(np.linalg.norm(pixels, axis=1, keepdims=True), 1e-6), np.float32)
