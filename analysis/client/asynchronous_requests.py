"""How the client for asyncio sends requests. `synchronous_requests.py` is generated of this file by `make client`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import httpx

from analysis.client import types
from analysis.client.errors import ApiError, error_of, unreachable

RETRIES = 5
MAX_PAUSE_SECONDS = 30.0
PART_BYTES = 4_000_000
"""Of a file that are sent at once."""
POLL_SECONDS = 1.0
_Upload = TypeVar("_Upload", types.Video, types.VersionTransfer)
_KEY = "Idempotency-Key"
_SAFE = {"GET", "PUT", "PATCH", "DELETE"}
"""Repeated, they change nothing further."""


class AsyncRequests:
    """Sends requests with a token, again where that may help; an async context manager."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 60.0,
        retries: int = RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._token, self._retries = url, token, retries
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Token {token}"},
            timeout=timeout,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def fetch(self, method: str, address: str, **sent: Any) -> Any:
        """Send a request; return the JSON of its answer."""
        response = await self.send(method, address, **sent)
        return response.json()

    async def rows(self, address: str, filters: Mapping[str, Any]) -> AsyncIterator[Any]:
        """Iterate over the rows of all pages of a list."""
        page = await self.fetch("GET", address, params=query(filters))
        while True:
            for row in page["results"]:
                yield row
            if not page["next"]:
                return
            page = await self.fetch("GET", page["next"])

    async def save(self, address: str, path: Path, **sent: Any) -> None:
        """Write a response to `path`, piece by piece; a file that was there stays until all has come."""
        part = path.with_name(f"{path.name}.part")
        try:
            async with self._http.stream("GET", address, **sent) as response:
                if not response.is_success:
                    await response.aread()
                    raise error_of(response)
                with part.open("wb") as file:
                    async for piece in response.aiter_bytes():
                        file.write(piece)
            part.replace(path)
        except httpx.TransportError as error:
            raise unreachable(error, address) from error

    async def send(self, method: str, address: str, **sent: Any) -> httpx.Response:
        """Send a request until it is answered; raise `ApiError`."""
        repeatable = method in _SAFE or _KEY in sent.get("headers", {})
        for attempt in range(self._retries + 1):
            try:
                response = await self._http.request(method, address, **sent)
            except httpx.TransportError as error:
                failure = unreachable(error, address)
            else:
                if response.is_success:
                    return response
                failure = error_of(response)
            if not (failure.retryable and repeatable) or attempt == self._retries:
                raise failure
            await asyncio.sleep(min(failure.retry_after or 0.5 * 2**attempt, MAX_PAUSE_SECONDS))
        raise AssertionError  # the last attempt returned or raised

    async def _send_parts(
        self, address: str, file: Path, upload: _Upload, on_progress: Callable[[int, int], None]
    ) -> _Upload:
        """Send a file in parts until the site has all of it; return the site's last answer."""
        total = file.stat().st_size
        with file.open("rb") as handle:
            while upload["received"] < total:
                handle.seek(upload["received"])
                if not (part := handle.read(PART_BYTES)):
                    raise ApiError("file_changed", f"{file}: expected {total} bytes; it has become shorter.")
                sent = {"params": {"offset": upload["received"]}, "content": part}
                headers = {"Content-Type": "application/octet-stream"}
                upload = cast(_Upload, await self.fetch("PUT", address, headers=headers, **sent))
                on_progress(upload["received"], total)
        return upload


def new_key() -> dict[str, str]:
    """Return the header of a request that may be sent again."""
    return {_KEY: str(uuid.uuid4())}


def query(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return query parameters; `from_` stands for `from`, which is a word of Python's."""
    return {name.rstrip("_"): value for name, value in filters.items() if value is not None}
