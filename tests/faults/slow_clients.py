"""Slow clients in a process of their own: `python -m tests.faults.slow_clients JOB`, the job as JSON.

Each opens a connection, sends the beginning of a request, then a byte a second; and another connection when the site
closes it. Prints what they got as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

OPENING_AT_ONCE = 100
BYTE_SECONDS = 1.0


class SlowClients:
    """So many clients of a port, from addresses 127.0.1.1 and on, `per_address` of each."""

    def __init__(self, *, port: int, clients: int, per_address: int, seconds: float, head: str) -> None:
        self._port = port
        self._clients = clients
        self._per_address = per_address
        self._head = head.encode()
        self._until = time.monotonic() + seconds
        self._opening = asyncio.Semaphore(OPENING_AT_ONCE)
        self._open = 0
        self.seen: Counter[str] = Counter()

    async def run(self) -> Counter[str]:
        """Run until the time is over; return how many were "opened", at most "at once", and each status answered."""
        await asyncio.gather(*(self._one(number) for number in range(self._clients)))
        return self.seen

    async def _one(self, number: int) -> None:
        host, address = number // self._per_address, ""
        address = f"127.0.{1 + host // 250}.{1 + host % 250}"
        while time.monotonic() < self._until:
            try:
                async with self._opening:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(address, 0))
            except OSError:
                self.seen["not opened"] += 1
                await asyncio.sleep(BYTE_SECONDS)
                continue
            await self._drip(reader, writer)

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self.seen["opened"] += 1
        self.seen["at once"] = max(self.seen["at once"], self._open)
        reading = asyncio.ensure_future(reader.read(4000))
        writer.write(self._head)
        while time.monotonic() < self._until and not reading.done():
            await asyncio.wait({reading}, timeout=BYTE_SECONDS)
            with suppress(OSError):
                writer.write(b"a")
        if reading.done():
            self._note(reading)
        reading.cancel()
        writer.transport.abort()
        self._open -= 1

    def _note(self, reading: asyncio.Future[bytes]) -> None:
        answer = b"" if reading.exception() else reading.result()
        self.seen[answer[9:12].decode() if answer.startswith(b"HTTP/1.1 ") else "closed"] += 1


def main(arguments: Sequence[str]) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def run() -> Counter[str]:
        return await SlowClients(**json.loads(arguments[0])).run()

    print(json.dumps(asyncio.run(run())))


if __name__ == "__main__":
    main(sys.argv[1:])
