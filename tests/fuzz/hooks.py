"""What Schemathesis cannot know by the description alone: pictures, and which rows are there."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import random
import re
import uuid

import schemathesis
from hypothesis import strategies as st
from matplotlib.cbook import get_sample_data
from PIL import Image

_ROWS: dict[str, list[str]] = json.loads(os.environ["FUZZ_ROWS"])
"""By the part of a path that has a parameter, such as "/analyses/{id}/": values that exist."""
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SHAPES = {"faces": "[0-9]+", "versions": "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"}


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _pictures() -> list[bytes]:
    """Real pictures: a portrait, upright and not, and scenes without anybody, in the formats a site gets."""
    with Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)) as opened:
        portrait = opened.convert("RGB").resize((256, 300))
    nobody = Image.linear_gradient("L").convert("RGB").resize((160, 90))
    faces = [_encoded(portrait, kind) for kind in ("JPEG", "PNG", "WEBP")]
    return [*faces, _encoded(portrait.rotate(90, expand=True), "JPEG", quality=40), _encoded(nobody, "PNG")]


PICTURES = _pictures()
_BOX = {"x": 10, "y": 10, "width": 60, "height": 60}
"""In each of them."""
_FITTED = ("/albums/", "/sessions/", "/faces/", "/webhooks/")
"""Parts of the paths whose bodies have fields that must fit each other."""


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """One of those, made another file by some bytes behind its end, which decoders ignore."""
    return draw(st.sampled_from(PICTURES)) + draw(st.binary(max_size=8))


schemathesis.openapi.format("binary", pictures())
schemathesis.openapi.format(
    "time-zone", st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict) -> None:
    """Mend what a description of single parameters cannot ask for; whatever is wrong with one of them stays wrong."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        # Drawn anew for each upload.
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    _aim(case)
    if case.operation.path.endswith("/part/") and isinstance(case.body, bytes):
        # As a video begins; a picture would be refused as what it is.
        case.body = b"\x1aE\xdf\xa3" + case.body[:60]
    if case.operation.path.endswith("/promote/") and isinstance(case.body, dict):
        # Versions that do worse than the one that serves are promoted with a reason only.
        case.body["reason"] = case.body.get("reason") or "Fuzzed"
    if isinstance(case.body, dict) and any(end in case.operation.path for end in _FITTED):
        case.body = _mended(case.operation.path, case.body)
    if "/history/" in case.operation.path and isinstance(case.query, dict):
        # A chart of hours takes no more than a week, and without days it would be of a month.
        is_needed = case.operation.path.endswith(".png")
        case.query.update(_sensible_days(case.query, "from", "to", is_needed=is_needed))
        case.query.update(_sensible_days(case.query, "against_from", "against_to"))


def _mended(path: str, body: dict) -> dict:
    """Return a body whose fields fit each other and the rows that are there."""
    if body.get("cover") == "":
        body["cover"] = None
    if isinstance(body.get("face_names"), dict):
        body["face_names"] = {number: name for number, name in body["face_names"].items() if number.isdecimal()}
    if path.endswith("/analyses/{id}/faces/") and all(isinstance(body.get(side), int | float) for side in _BOX):
        body |= _BOX
    if "/webhooks/" in path and str(body.get("url", "")).startswith("http"):
        body["url"] = "https://127.0.0.1:9/"
    return body


def _sensible_days(query: dict, first: str, last: str, *, is_needed: bool = False) -> dict[str, str]:
    """Return days in their order and near each other, in place of those that are days, or needed."""
    try:
        days = [dt.date.fromisoformat(query[name]) for name in (first, last) if name in query]
    except (TypeError, ValueError):
        return {}
    end = min(max([dt.date(2001, 1, 1), *days]), dt.date(2099, 12, 31))
    return {first: str(end - dt.timedelta(days=6)), last: str(end)} if days or is_needed else {}


def _aim(case: schemathesis.Case) -> None:
    """Let two of three go at rows that exist; a value that was drawn exists nowhere. Links bring their own."""
    known = next((values for path, values in _ROWS.items() if path in case.operation.path), [])
    drawn = next(iter((case.path_parameters or {}).values()), None)
    fits = known and re.fullmatch(_SHAPES.get(case.operation.path.split("/")[3], _UUID), str(drawn))
    chance = random.Random(repr(drawn) + repr(case.query) + repr(case.body)[:200])
    if fits and case.meta and case.meta.phase.name != "stateful" and chance.random() < 2 / 3:
        case.path_parameters[next(iter(case.path_parameters))] = chance.choice(known)
