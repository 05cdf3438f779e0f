"""What one person's burst of uploads costs another person: how late their photos and live frames are answered."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from matplotlib.cbook import get_sample_data
from PIL import Image

from tests.faults.table import Row, is_server_error
from tests.support.live_site import create_tokens
from tests.support.live_sockets import LiveSocket, frame_of, live_jpeg
from tests.support.site import RunningSite

UPLOADS = 75
SIZE = 2000, 2344
PAUSE_SECONDS = 1.0
FRAME_PAUSE_SECONDS = 0.2


@dataclass
class Answers:
    """Statuses of responses, ids of the photos that were accepted, and the seconds that each response took."""

    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    ids: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def upload(self, site: RunningSite, token: str, photo: bytes) -> None:
        """Upload a photo and note the answer."""
        began = time.monotonic()
        response = httpx.post(
            f"{site.url}/api/v1/analyses/",
            files={"photo": ("photo.jpg", photo)},
            data={"people_agreed": "true"},
            headers={"Authorization": f"Token {token}"},
            timeout=300,
        )
        self.waits.append(time.monotonic() - began)
        self.statuses[response.status_code] += 1
        if response.is_success:
            self.ids.append(response.json()["id"])
        elif response.status_code in (429, 503):
            self.without_retry_after += "Retry-After" not in response.headers

    @property
    def refused(self) -> int:
        return self.statuses[429] + self.statuses[503]

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.statuses.items() if is_server_error(status))


def run(*, uploads: int = UPLOADS, size: tuple[int, int] = SIZE) -> list[Row]:
    """Measure on a site of its own; two minutes at most."""
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder), API_UPLOAD_RATE="10000/min", API_RATE="10000/min")
        site.start()
        try:
            site.create_user(site.admin_email, superuser=True)
            return measure(site, uploads=uploads, size=size)
        finally:
            site.stop()


def measure(site: RunningSite, *, uploads: int, size: tuple[int, int]) -> list[Row]:
    """Let one person upload so many photos of this size at once, while another sends photos and frames now and then."""
    busy, other = create_tokens(site, ["busy@example.org", "other@example.org"])
    photo, small = _photo(size), _photo((512, 600))
    burst, beside, frames = Answers(), Answers(), list[float]()
    beside.upload(site, other, small + b"warm")
    beside.waits.clear()
    with ThreadPoolExecutor(uploads) as pool:
        sent = [pool.submit(burst.upload, site, busy, photo + str(number).encode()) for number in range(uploads)]
        is_over = lambda: all(upload.done() for upload in sent)  # noqa: E731
        watching = threading.Thread(target=_send_frames, args=(site, other, live_jpeg(small), frames, is_over))
        watching.start()
        number = 0
        while not is_over():
            beside.upload(site, other, small + str(number).encode())
            number += 1
            time.sleep(PAUSE_SECONDS)
        watching.join()
        for upload in sent:
            upload.result()
    lost = _count_lost(site, {busy: burst.ids, other: beside.ids})
    return [
        Row(f"{uploads} uploads at once", uploads, burst.refused, burst.server_errors, lost),
        Row(
            "  another's photos beside them",
            tried=len(beside.waits),
            refused=beside.refused,
            server_errors=beside.server_errors,
            worst_wait_seconds=max(beside.waits),
        ),
        Row("  another's live frames beside them", tried=len(frames), worst_frame_seconds=max(frames)),
    ]


def _photo(size: tuple[int, int]) -> bytes:
    portrait = Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False))
    out = io.BytesIO()
    portrait.resize(size).save(out, "JPEG", quality=90)
    return out.getvalue()


def _send_frames(site: RunningSite, token: str, jpeg: bytes, waits: list[float], is_over: Callable[[], bool]) -> None:
    """Send a frame now and then until the burst is over, and note how long each answer took."""
    with LiveSocket(site, token=token) as live:
        live.start()
        sequence = 0
        while not is_over() or not waits:
            sequence, began = sequence + 1, time.monotonic()
            live.send(frame_of(jpeg, sequence))
            while live.receive(60).get("sequence") != sequence:
                pass
            waits.append(time.monotonic() - began)
            time.sleep(FRAME_PAUSE_SECONDS)


def _count_lost(site: RunningSite, accepted: dict[str, list[str]]) -> int:
    lost = 0
    for token, ids in accepted.items():
        for photo_id in ids:
            response = httpx.get(
                f"{site.url}/api/v1/analyses/{photo_id}/", headers={"Authorization": f"Token {token}"}, timeout=60
            )
            lost += response.status_code != 200
    return lost
