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
from dataclasses import asdict, dataclass, field
from pathlib import Path

from analysis.live.client import MOST_UNANSWERED, Answer, LiveClient, LiveError, connected

START_SECONDS, LAST_ANSWERS_SECONDS = 5.0, 3.0
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

    def count(self, answer: Answer, due: float) -> None:
        self.latencies.append(1000 * (time.perf_counter() - due))
        self.faces += len(answer.message["faces"])
        self.dropped = answer.dropped
        for stage in STAGES:
            self.stages[stage] += answer.milliseconds[stage]


async def run_client(job: Job, token: str, frames: list[bytes], begin: float) -> Seen:
    """Connect now, send from `begin` (of `time.perf_counter`) on for the job's seconds."""
    seen = Seen()
    try:
        async with connected(job.url, token) as client:
            await client.start(record=job.record)
            await asyncio.sleep(begin - time.perf_counter())
            due: dict[int, float] = {}
            answering = asyncio.create_task(_count_answers(client, seen, due))
            if job.rate:
                await _send_on_time(client, job, frames, seen, due, answering)
            else:
                await _send_when_answered(client, job, frames, seen, due, answering)
            seen.seconds = time.perf_counter() - begin
            # What is under way still counts as answered, nothing later.
            await asyncio.wait([answering], timeout=0.1)
            await client.stop()
            await asyncio.wait_for(answering, LAST_ANSWERS_SECONDS)
    except TimeoutError:
        seen.failure = "The server did not answer a stop."
    except LiveError as error:
        seen.failure = error.message
    return seen


async def _send_on_time(
    client: LiveClient, job: Job, frames: list[bytes], seen: Seen, due: dict[int, float], answering: asyncio.Task[None]
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
    client: LiveClient, job: Job, frames: list[bytes], seen: Seen, due: dict[int, float], answering: asyncio.Task[None]
) -> None:
    end = time.perf_counter() + job.seconds
    while time.perf_counter() < end and not answering.done():
        if client.unanswered < MOST_UNANSWERED:
            due[client.sequence + 1] = time.perf_counter()
            await client.send(frames[seen.sent % len(frames)])
            seen.sent += 1
        else:
            answered = len(seen.latencies)
            while len(seen.latencies) == answered and time.perf_counter() < end and not answering.done():
                await asyncio.sleep(0.001)


async def _count_answers(client: LiveClient, seen: Seen, due: dict[int, float]) -> None:
    async for answer in client.answers():
        seen.count(answer, due[answer.sequence])


async def run_clients(job: Job) -> list[Seen]:
    frames = [path.read_bytes() for path in sorted(Path(job.frames).glob("*.jpg"))]
    begin = time.perf_counter() + START_SECONDS
    return await asyncio.gather(*(run_client(job, token, frames, begin) for token in job.tokens))


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
