"""The table of `make bench-live`: what was measured, what the project promised, and whether that was met."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.bench.live_clients import STAGES, Seen


@dataclass(frozen=True)
class Row:
    """One line of the table: `wanted` in words, and whether the figure is so (None: nothing was promised)."""

    name: str
    value: float
    unit: str
    wanted: str = ""
    is_met: bool | None = None


def at_least(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, value, unit, f"{limit:g} or more", value >= limit)


def at_most(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, value, unit, f"{limit:g} or less", value <= limit)


@dataclass(frozen=True)
class Load:
    """What a scenario was like: what its clients saw, and the CPU seconds of the server and of their own process."""

    clients: list[Seen]
    cpu_seconds: float
    clients_cpu_seconds: float

    @property
    def latencies(self) -> list[float]:
        return [latency for client in self.clients for latency in client.latencies]

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def failures(self) -> int:
        return sum(bool(client.failure) for client in self.clients)

    @property
    def rates(self) -> list[float]:
        """Answers a second, each client's."""
        return [len(client.latencies) / max(client.seconds, 0.1) for client in self.clients]

    def p95(self) -> float:
        return percentile(self.latencies, 95)

    def cpu_rows(self, name: str) -> Iterator[Row]:
        """CPU milliseconds for each answer; frames that were dropped are in it."""
        for whose, seconds in (("server", self.cpu_seconds), ("clients", self.clients_cpu_seconds)):
            yield Row(f"{name}: CPU of the {whose} for each answer", 1000 * seconds / max(self.answered, 1), "ms")

    def stage(self, name: str) -> float:
        """The mean of what answers told."""
        return sum(client.stages[name] for client in self.clients) / max(self.answered, 1)


def percentile(values: list[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else float("inf")


def one_client(load: Load) -> Iterator[Row]:
    yield at_least("1 client, unthrottled: answers a second", load.rates[0], "/s", 90)
    yield at_most("1 client, unthrottled: latency, p95", load.p95(), "ms", 60)
    yield Row("1 client, unthrottled: latency, median", percentile(load.latencies, 50), "ms")
    yield Row("1 client, unthrottled: frames with the face found", 100 * _found(load), "%", "100", _found(load) == 1)
    for stage in STAGES:
        yield Row(f"1 client, unthrottled: {stage}, by the server's clock", load.stage(stage), "ms")
    yield from load.cpu_rows("1 client, unthrottled")


def twenty_clients(load: Load, reads: list[float]) -> Iterator[Row]:
    name = "20 clients at 5/s"
    yield at_least(f"{name}: answers a second, the client with the fewest", min(load.rates), "/s", 4.5)
    yield Row(f"{name}: answers a second, all", sum(load.rates), "/s")
    yield at_most(f"{name}: latency, p95", load.p95(), "ms", 250)
    yield at_most(f"{name}: cut off", load.failures, "clients", 0)
    yield Row(f"{name}: sent late, p95", percentile([late for one in load.clients for late in one.late], 95), "ms")
    yield from load.cpu_rows(name)
    yield at_most(f"{name}: a read of the history page beside them, p95", percentile(reads, 95), "ms", 300)
    yield Row(f"{name}: reads of the history page", len(reads), "")


def sixty_clients(load: Load) -> Iterator[Row]:
    name = "60 clients at 5/s"
    dropping = sum(client.dropped > 0 for client in load.clients)
    sent = sum(client.sent for client in load.clients)
    yield at_most(f"{name}: cut off", load.failures, "clients", 0)
    fell_behind = sum(load.rates) < 0.95 * sent / max(one.seconds for one in load.clients)
    wanted = "more than 0, as it fell behind" if fell_behind else "any, as it kept up"
    yield Row(f"{name}: whose drop counter rose", dropping, "clients", wanted, dropping > 0 if fell_behind else None)
    yield Row(f"{name}: frames dropped", sum(client.dropped for client in load.clients), "")
    yield Row(f"{name}: answers a second, all", sum(load.rates), "/s")
    yield at_least(f"{name}: answers a second, the client with the fewest", min(load.rates), "/s", 4.2)
    yield at_most(f"{name}: latency, p95", load.p95(), "ms", 400)
    yield Row(f"{name}: frames with the face found", 100 * _found(load), "%", "100", _found(load) == 1)
    yield from load.cpu_rows(name)


def _found(load: Load) -> float:
    return sum(one.faces for one in load.clients) / max(load.answered, 1)


def show(rows: list[Row]) -> None:
    table = Table("what", "measured", "unit", "wanted", "")
    for row in rows:
        mark = {True: "[green]met[/green]", False: "[bold red]MISSED[/bold red]", None: ""}[row.is_met]
        table.add_row(row.name, f"{row.value:.1f}", row.unit, row.wanted, mark)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def exit_status(rows: Iterable[Row]) -> int:
    """Return 1 when a figure is missed, else 0."""
    return int(any(row.is_met is False for row in rows))
