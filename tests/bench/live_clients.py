"""Live clients in a process of their own: a job as JSON on standard input, what they saw as JSON on standard output.

They are light, so that they take little from the server beside them: frames are encoded before, answers only counted.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from analysis.client import AsyncLive, LiveAnswer, LiveError
from analysis.client.asynchronous_live import connect_live
from analysis.client.live_messages import MAX_UNANSWERED

LAST_ANSWERS_SECONDS = 30.0
"""A busy server may take its time to end a session; only one that never does has lost it."""
AT_ONCE = 5
MOST_RATE = 110
"""Frames a second that even a client without a throttle stays below, as the protocol asks."""
STAGES = ("queue", "decode", "detect", "classify")


@dataclass(frozen=True)
class Job:
    """What the clients do: `rate` frames a second each, sent on time whatever comes back; None: as fast as answered."""

    url: str
    tokens: list[str]
    frames: str
    seconds: float
    rate: float | None
    record: bool = True


@dataclass
class Seen:
    """What one client saw; times in milliseconds, `late` by how much frames were sent after they were due."""

    sent: int = 0
    faces: int = 0
    dropped: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    failure: str = ""

    def count(self, answer: LiveAnswer, due: float) -> None:
        self.latencies.append(1000 * (time.perf_counter() - due))
        self.faces += len(answer.faces)
        self.dropped = answer.dropped
        for stage in STAGES:
            self.stages[stage] += answer.milliseconds[stage]


class Gate:
    """Opens when everybody has arrived, or has failed to; few are on their way at once, as people come one by one."""

    def __init__(self, awaited: int) -> None:
        self.way = asyncio.Semaphore(AT_ONCE)
        self._awaited = awaited
        self._is_open = asyncio.Event()

    def count(self) -> None:
        self._awaited -= 1
        if not self._awaited:
            self._is_open.set()

    async def passed(self) -> None:
        self.count()
        await self._is_open.wait()


async def run_client(job: Job, token: str, frames: list[bytes], gate: Gate) -> Seen:
    """Connect now, and send for the job's seconds once all are connected."""
    seen = Seen()
    is_through = False
    try:
        async with AsyncExitStack() as stack:
            async with gate.way:
                client = await stack.enter_async_context(connect_live(job.url, token))
                await client.start(record=job.record)
            is_through = True
            await gate.passed()
            await _use(client, job, frames, seen)
    except TimeoutError:
        seen.failure = "The server did not answer a stop."
    except LiveError as error:
        seen.failure = error.message
    finally:
        if not is_through:
            gate.count()
    return seen


async def _use(client: AsyncLive, job: Job, frames: list[bytes], seen: Seen) -> None:
    began = time.perf_counter()
    due: dict[int, float] = {}
    answering = asyncio.create_task(_count_answers(client, seen, due))
    send = _send_on_time if job.rate else _send_when_answered
    await send(client, job, frames, seen, due, answering)
    seen.seconds = time.perf_counter() - began
    # What is under way still counts as answered, nothing later.
    await asyncio.wait([answering], timeout=0.1)
    await client.stop()
    await asyncio.wait_for(answering, LAST_ANSWERS_SECONDS)


async def _send_on_time(
    client: AsyncLive, job: Job, frames: list[bytes], seen: Seen, due: dict[int, float], answering: asyncio.Task[None]
) -> None:
    assert job.rate
    # Cameras do not tick together.
    at = time.perf_counter() + random.random() / job.rate
    end = time.perf_counter() + job.seconds
    while at < end and not answering.done():
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        seen.late.append(1000 * (time.perf_counter() - at))
        due[client.sequence + 1] = at
        await client.send(frames[seen.sent % len(frames)])
        seen.sent += 1
        at += 1 / job.rate


async def _send_when_answered(
    client: AsyncLive, job: Job, frames: list[bytes], seen: Seen, due: dict[int, float], answering: asyncio.Task[None]
) -> None:
    end = time.perf_counter() + job.seconds
    while time.perf_counter() < end and not answering.done():
        if client.unanswered < MAX_UNANSWERED:
            await asyncio.sleep(max(0.0, due.get(client.sequence, 0.0) + 1 / MOST_RATE - time.perf_counter()))
            due[client.sequence + 1] = time.perf_counter()
            await client.send(frames[seen.sent % len(frames)])
            seen.sent += 1
        else:
            answered = len(seen.latencies)
            while len(seen.latencies) == answered and time.perf_counter() < end and not answering.done():
                await asyncio.sleep(0.001)


async def _count_answers(client: AsyncLive, seen: Seen, due: dict[int, float]) -> None:
    async for answer in client.answers():
        seen.count(answer, due[answer.sequence])


async def run_clients(job: Job) -> list[Seen]:
    frames = [path.read_bytes() for path in sorted(Path(job.frames).glob("*.jpg"))]
    gate = Gate(len(job.tokens))
    return await asyncio.gather(*(run_client(job, token, frames, gate) for token in job.tokens))


def main() -> None:
    job = Job(**json.load(sys.stdin))
    began = time.process_time()
    seen = asyncio.run(run_clients(job))
    cpu_seconds = time.process_time() - began
    json.dump({"cpu_seconds": cpu_seconds, "clients": [asdict(one) for one in seen]}, sys.stdout)
    failures = Counter(one.failure for one in seen if one.failure)
    for failure, count in failures.most_common():
        print(f"{count} clients: {failure}", file=sys.stderr)


if __name__ == "__main__":
    main()
