"""Another person, who uses the site while something attacks it: a photo and a live frame every half second."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import httpx
from matplotlib.cbook import get_sample_data
from PIL import Image
from websockets.exceptions import WebSocketException

from tests.faults.table import is_server_error
from tests.support.live_sockets import LiveSocket, frame_of, live_jpeg
from tests.support.site import RunningSite

PAUSE_SECONDS = 0.5
ANALYSES = "/api/v1/analyses/"


@dataclass
class Tally:
    """Responses to the requests of a fault."""

    tried: int = 0
    refused: int = 0
    server_errors: int = 0
    failures: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def count(self, response: httpx.Response) -> httpx.Response:
        self.tried += 1
        self.statuses[response.status_code] += 1
        self.refused += response.status_code >= 400
        if is_server_error(response.status_code):
            self.server_errors += 1
            self.failures.append(f"{response.request.method} {response.request.url.path}: {response.status_code}")
        return response


@dataclass
class Bystander:
    """Measures, in threads, how long a person waits for photos' results and for frames' faces, in seconds.

    Requests without an answer, as while the server restarts, are not counted. `acknowledged` has the ids of the photos
    that the site said it saved.
    """

    site: RunningSite
    token: str
    sends_photos: bool = True
    tally: Tally = field(default_factory=Tally)
    photo_seconds: list[float] = field(default_factory=list)
    frame_seconds: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)

    def __enter__(self) -> Bystander:
        self._stopping = threading.Event()
        self._portrait = portrait()
        loops = [self._send_frames, *([self._send_photos] if self.sends_photos else [])]
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def worst_photo(self) -> float | None:
        return max(self.photo_seconds, default=None)

    @property
    def worst_frame(self) -> float | None:
        return max(self.frame_seconds, default=None)

    def _send_photos(self) -> None:
        number = 0
        with httpx.Client(base_url=self.site.url, timeout=60, headers={"Authorization": f"Token {self.token}"}) as http:
            while not self._stopping.is_set():
                number += 1
                with contextlib.suppress(httpx.TransportError):
                    self._send_photo(http, number)
                self._stopping.wait(PAUSE_SECONDS)

    def _send_photo(self, http: httpx.Client, number: int) -> None:
        photo = self._portrait + number.to_bytes(4, "big") + time.time_ns().to_bytes(8, "big")
        began = time.perf_counter()
        answer = http.post(ANALYSES, files={"photo": ("me.jpg", photo)}, data={"people_agreed": "true"})
        self.photo_seconds.append(time.perf_counter() - began)
        self.tally.count(answer)
        if answer.is_success:
            self.acknowledged.append(answer.json()["id"])

    def _send_frames(self) -> None:
        frame = live_jpeg(self._portrait)
        while not self._stopping.is_set():
            with contextlib.suppress(OSError, WebSocketException, AssertionError):
                self._send_frames_of_one_connection(frame)
            self._stopping.wait(PAUSE_SECONDS)

    def _send_frames_of_one_connection(self, frame: bytes) -> None:
        with LiveSocket(self.site, token=self.token) as live:
            live.start()
            number = 0
            while not self._stopping.is_set():
                number += 1
                began = time.perf_counter()
                live.send(frame_of(frame, number))
                while live.receive(30)["type"] != "faces":
                    pass
                self.frame_seconds.append(time.perf_counter() - began)
                self._stopping.wait(PAUSE_SECONDS)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Call `work` with 0 to `count` - 1, each in a thread, and wait for all; raise the first error."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def portrait() -> bytes:
    """Return a JPEG of a face, 256 pixels wide."""
    picture = io.BytesIO()
    Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)).resize((256, 300)).save(picture, "JPEG")
    return picture.getvalue()
