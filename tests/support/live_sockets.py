"""A plain client of the live protocol that can send bad messages."""

from __future__ import annotations

import io
import json
import struct
import time
from types import TracebackType
from typing import Any

import httpx
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.site import RunningSite

START = {"type": "start"}
RECORD = {"type": "start", "record": True}
STOP = {"type": "stop"}


def frame_of(jpeg: bytes, sequence: int = 0) -> bytes:
    return struct.pack(">I", sequence) + jpeg


def live_jpeg(photo: bytes, width: int = 240) -> bytes:
    """A small frame, which is processed quickly."""
    picture = Image.open(io.BytesIO(photo))
    out = io.BytesIO()
    picture.resize((width, width * picture.height // picture.width)).save(out, "JPEG", quality=85)
    return out.getvalue()


class LiveSocket:
    """One connection: by a token, or by a cookie from a page of `origin`."""

    def __init__(
        self,
        site: RunningSite,
        *,
        token: str | None = None,
        cookie: str | None = None,
        origin: str | None = None,
        path: str = "/ws/live/",
    ) -> None:
        headers = {}
        if token is not None:
            headers["Authorization"] = f"Token {token}"
        if cookie is not None:
            headers["Cookie"] = f"sessionid={cookie}"
        self._connecting = connect(
            f"ws://127.0.0.1:{site.port}{path}", additional_headers=headers, origin=origin, compression=None, proxy=None
        )

    def __enter__(self) -> LiveSocket:
        self.socket = self._connecting.__enter__()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connecting.__exit__(kind, error, trace)

    def send(self, message: dict[str, Any] | str | bytes) -> None:
        self.socket.send(json.dumps(message) if isinstance(message, dict) else message)

    def receive(self, timeout: float = 10.0) -> dict[str, Any]:
        return json.loads(self.socket.recv(timeout))

    def request(self, message: dict[str, Any] | str | bytes) -> dict[str, Any]:
        self.send(message)
        return self.receive()

    def start(self, **options: Any) -> dict[str, Any]:
        answer = self.request({**START, **options})
        assert answer["type"] == "started", answer
        return answer

    def is_answered(self, jpeg: bytes, sequence: int = 1) -> bool:
        answer = self.request(frame_of(jpeg, sequence))
        return answer["type"] == "faces" and answer["sequence"] == sequence and len(answer["faces"]) == 1

    def closed(self, timeout: float = 10.0) -> tuple[int, str]:
        """Wait until the server closes; return the close code and the last error's code before it."""
        said, deadline = "", time.monotonic() + timeout
        try:
            while True:
                message = self.receive(max(deadline - time.monotonic(), 0.01))
                said = message["code"] if message["type"] == "error" else said
        except ConnectionClosed as closed:
            # This client may lose what it had not read when the close came; the reason repeats the code.
            return (closed.rcvd.code, said or closed.rcvd.reason) if closed.rcvd else (1006, said)


class Visitor:
    """A user signed in with a browser's cookie."""

    def __init__(self, site: RunningSite, email: str) -> None:
        self.site = site
        self._http = httpx.Client(base_url=site.url, timeout=30, headers={"Accept": "text/html"})
        self._http.get("/accounts/login/")
        self.post("/accounts/login/", login=email, password=site.password)
        assert self.cookie, f"{email} could not sign in"

    def close(self) -> None:
        self._http.close()

    @property
    def cookie(self) -> str | None:
        return self._http.cookies.get("sessionid")

    def post(self, path: str, **form: str) -> httpx.Response:
        headers = {"X-CSRFToken": self._http.cookies["csrftoken"]}
        return self._http.post(path, data=form, headers=headers)

    def connect(self, *, origin: str | None = None) -> LiveSocket:
        return LiveSocket(self.site, cookie=self.cookie, origin=origin or self.site.url)
