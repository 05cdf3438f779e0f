"""Distinct photos for tests, made from one portrait."""

from __future__ import annotations

import io

from PIL import Image


def portraits(hopper: bytes, count: int) -> list[bytes]:
    """Return `count` JPEGs of the portrait whose bytes all differ."""
    image = Image.open(io.BytesIO(hopper)).convert("RGB").resize((320, 375))
    pictures = []
    for index in range(count):
        image.putpixel((0, 0), (index * 7 % 256, index // 36, 0))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=92 - index // 4)
        pictures.append(out.getvalue() + index.to_bytes(2, "big"))
    return pictures


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the picture as bytes of that format."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def group(hopper: bytes, count: int) -> bytes:
    """Return a JPEG of the portrait's head `count` times, in rows of four, with faces of 80 pixels."""
    head = Image.open(io.BytesIO(hopper)).convert("RGB").crop((70, 60, 430, 420)).resize((170, 170))
    picture = Image.new("RGB", (4 * 240, -(-count // 4) * 240), (200, 200, 200))
    for index in range(count):
        picture.paste(head, (240 * (index % 4) + 35, 240 * (index // 4) + 35))
    return encoded(picture, "JPEG", quality=92)
