"""One person's burst of uploads beside another person, who sends photos and live frames."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
from matplotlib.cbook import get_sample_data
from PIL import Image

from tests.faults.bystander import ANALYSES, Tally, in_threads
from tests.faults.fault_site import fault_site
from tests.faults.table import Row

UPLOADS, SIZE = 75, (2000, 2344)
TIMEOUT_SECONDS = 600


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the row of one person's uploads at once."""
    uploads = UPLOADS // 3 if short else UPLOADS
    photo, tally, acknowledged = _large_photo(), Tally(), []
    with fault_site(folder) as site:

        def upload(number: int) -> None:
            answer = httpx.post(
                f"{site.site.url}{ANALYSES}",
                files={"photo": ("photo.jpg", photo + number.to_bytes(2, "big"))},
                data={"people_agreed": "true"},
                headers={"Authorization": f"Token {site.attacker_token}"},
                timeout=TIMEOUT_SECONDS,
            )
            if tally.count(answer).is_success:
                acknowledged.append(answer.json()["id"])

        with site.bystander() as seen:
            in_threads(uploads, upload)
        # Another's refusal would be a fault, one's own is not.
        failures = tally.server_errors + seen.tally.refused
        seen.acknowledged += acknowledged
        name = f"{uploads} uploads of one person at once"
        return [site.row(name, seen, tried=tally.tried, refused=tally.refused, server_errors=failures)]


def _large_photo() -> bytes:
    out = io.BytesIO()
    Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)).resize(SIZE).save(out, "JPEG", quality=90)
    return out.getvalue()
