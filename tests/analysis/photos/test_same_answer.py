"""A photo analysed again by the same version gives the same answer: only the stored picture is ever analysed."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from analysis.photos import reanalysis
from analysis.photos.models import Photo
from tests.analysis.factories import encode


@pytest.mark.parametrize(
    ("kind", "size", "options"),
    [
        ("JPEG", (512, 600), {"quality": 75}),
        ("JPEG", (2700, 3164), {"quality": 90}),
        ("JPEG", (5250, 6152), {"quality": 60, "orientation": 6}),
        ("PNG", (120, 141), {}),
        ("WEBP", (1280, 1500), {"orientation": 3}),
        ("AVIF", (640, 750), {}),
    ],
)
def test_the_second_answer_is_the_first(kind, size, options, model, send, user, hopper, monkeypatch):
    monkeypatch.setattr("ferproject.queue.leases.send", lambda *_: None)
    exif = Image.Exif()
    exif[0x0112] = options.pop("orientation", 1)
    turned = Image.open(io.BytesIO(hopper)).convert("RGB").resize(size)
    turned = {6: turned.transpose(Image.Transpose.ROTATE_90), 3: turned.transpose(Image.Transpose.ROTATE_180)}.get(
        exif[0x0112], turned
    )
    assert send(encode(turned, kind, exif=exif, **options)).status_code == 201
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == size
    Photo.objects.update(model="older-1")
    reanalysis.run_reanalysis(job_id=reanalysis.start_reanalysis(owner=user).pk)
    second, first = (photo.analyses.get(is_current=current).recognized_faces for current in (True, False))
    assert len(first) == len(second) == 1
    for one, other in zip(first, second, strict=True):
        assert other.probabilities == pytest.approx(one.probabilities, abs=0.01)
        assert other.box.overlap(one.box) > 0.99
        assert 0 <= other.box.x < other.box.x + other.box.width <= size[0]
        assert 0 <= other.box.y < other.box.y + other.box.height <= size[1]
        assert other.box.height > size[1] / 5
