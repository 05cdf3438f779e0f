"""One person's many exports wait for each other, and nobody else's do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from analysis.files.export_turns import EXPORTS_PER_USER, export_in_turn


def test_a_persons_third_export_waits_for_one_of_the_others():
    async def exports() -> None:
        begun: list[str] = []

        async def export(name: str) -> AsyncIterator[bytes]:
            begun.append(name)
            yield b"first"
            yield b"last"

        mine = [export_in_turn(1, export(f"mine {number}")) for number in range(EXPORTS_PER_USER + 1)]
        for stream in mine[:-1]:
            assert await anext(stream) == b"first"
        waiting = asyncio.ensure_future(anext(mine[-1]))
        assert [chunk async for chunk in export_in_turn(2, export("another's"))] == [b"first", b"last"]
        assert not waiting.done()
        await mine[0].aclose()
        assert await asyncio.wait_for(waiting, 5) == b"first"
        assert begun == [*(f"mine {number}" for number in range(EXPORTS_PER_USER)), "another's", begun[-1]]

    asyncio.run(exports())
